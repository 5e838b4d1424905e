"""The process that owns one embedded server: starts it, restarts it if it dies, stops it after its last user.

It runs detached, once for PostgreSQL and once for Redis, and imports neither Django nor Celery, so it is
small and starts at once.

Who uses the server is known from a file lock: every user holds a shared lock on `run/<name>.users`, which the
operating system takes back however the user ends. When this process gets that lock for itself, nobody is
left.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from .servers import Postgres, Redis, Server
from .system import (
    StartError,
    let_through,
    lock_file,
    log_tail,
    run_as,
    server_environment,
    server_user,
    write_private,
)

READY = b"ready"
START_SECONDS = 120  # recovery after a power cut may take a while
STOP_SECONDS = 30
POLL_SECONDS = 0.2


class Keeper:
    """Starts and stops one server; writes its URL to `run/<name>.json` for as long as it runs."""

    def __init__(self, server: Server, var: Path) -> None:
        self.server = server
        self.log = var / "log" / f"{server.name}.log"
        self.state = var / "run" / f"{server.name}.json"
        self.users = lock_file(var, server.name, "users")
        self.user = server_user(server.data)
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = False

    def run(self) -> None:
        """Starts the server, says "ready" on standard output, and returns once it has stopped again.

        Raises StartError if it cannot start, at first or later.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            self.start()
            os.write(1, READY)
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 1)  # whoever waits for us reads to the end
            while not (self.stopping or self._is_orphan() or self._is_last()):
                if self.process and self.process.poll() is not None:
                    self.start()
                time.sleep(POLL_SECONDS)
        finally:
            if not self._is_orphan():
                self.state.unlink(missing_ok=True)
            self.stop()

    def start(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        if self.user:
            let_through(self.server.data)
            let_through(self.server.binary)
        for left in reversed(range(self.server.attempts)):
            try:
                stop_leftovers(self.server)
                self.server.prepare(self.user)
                self._start_once()
                return write_private(self.state, json.dumps({"url": self.server.url()}))
            except StartError:
                if not left:
                    raise

    def _start_once(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.server.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.server.data,
                env=server_environment(),
                **run_as(self.user),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.server.is_ready(self.process.pid):
            if self.process.poll() is not None:
                raise StartError(f"It ended with status {self.process.returncode}. {log_tail(self.log)}")
            if time.monotonic() > deadline:
                raise StartError(f"It was not ready after {START_SECONDS} s. {log_tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.server.stop_signal)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _is_orphan(self) -> bool:
        """Whether the folder was removed under the running server; a new one there is for another keeper."""
        try:
            return not os.path.samestat(os.stat(self.users.name), os.fstat(self.users.fileno()))
        except FileNotFoundError:
            return True

    def _is_last(self) -> bool:
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def stop_leftovers(server: Server) -> None:
    """Ends servers that still run on this data folder because their keeper was killed."""
    for number in (server.stop_signal, signal.SIGKILL):
        for pid in running_on(server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while running_on(server):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def running_on(server: Server) -> list[int]:
    """The numbers of a server's main processes, without PostgreSQL's children, which it ends itself.

    They are known by program name and working folder, which both servers set to their data folder; a number
    read from a file could by now be another program's.
    """
    import psutil  # here, as the users' side must load without the extra `embedded`

    found = {}
    for process in psutil.process_iter(["name", "cwd", "ppid"]):
        if process.info["name"] == server.binary.name and process.info["cwd"] == str(server.data):
            found[process.pid] = process.info["ppid"]
    return [pid for pid, parent in found.items() if parent not in found]


def main(name: str, var: str, binary: str, alive: str) -> None:
    """Runs one keeper. `alive` is the number of an open, locked file, which tells others that it lives."""
    os.set_inheritable(int(alive), False)
    server: Server = (
        Postgres(Path(var), Path(binary)) if name == "postgres" else Redis(Path(var), Path(binary))
    )
    try:
        keeper = Keeper(server, Path(var))
        keeper.run()
    except (StartError, OSError) as error:
        print(error, file=sys.stderr)
        os.write(1, str(error).encode())
        sys.exit(1)
    finally:
        os.close(int(alive))  # before the users' lock: who gets that one must see that we are gone
