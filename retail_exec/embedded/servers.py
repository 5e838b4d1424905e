"""The two server programs: how each is set up, started, asked whether it is ready, and reached."""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from .system import StartError, free_port, make_private_folder, run, write_private

POSTGRES_MAJOR = "18"
POSTGRES_PORT = 5432  # only names the socket file: nothing listens on the network
SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
LONGEST_SOCKET_PATH = 100  # operating systems allow 104 to 108 bytes


class Server(Protocol):
    """What the keeper needs to know of a server program."""

    name: str
    data: Path
    binary: Path
    stop_signal: signal.Signals
    attempts: int

    def prepare(self, user: pwd.struct_passwd | None) -> None:
        """Makes the data folder ready for a start as `user`; no server runs on it. Raises StartError."""

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this process number answers."""

    def url(self) -> str:
        """Where it listens."""


class Postgres:
    """PostgreSQL on a Unix socket in a folder that only its own user (and root) may enter."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast" shutdown: open sessions end, everything committed is kept
    attempts = 1

    def __init__(self, var: Path, binary: Path) -> None:
        self.data = var / "postgres"
        self.binary = binary
        self.sockets = self.data

    def prepare(self, user: pwd.struct_passwd | None) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise(user)
        found = version.read_text().strip()
        if found != POSTGRES_MAJOR:
            raise StartError(
                f"{self.data} was made by PostgreSQL {found}; this version brings {POSTGRES_MAJOR}. "
                "Dump it with the old version and load it into a new folder (docs/operations.md, Upgrades)."
            )
        if len(str(self.data / SOCKET).encode()) > LONGEST_SOCKET_PATH:
            self.sockets = _short_socket_folder(self.data, user)
        # Left by a server that was killed. None runs here any more, but after a restart of the machine the
        # process numbers in these files may belong to any other program.
        for stale in (self.data / "postmaster.pid", self.sockets / SOCKET, self.sockets / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)

    def _initialise(self, user: pwd.struct_passwd | None) -> None:
        """Makes cluster and database beside their final place, so that a half-made one is never used."""
        if self.data.exists() and any(self.data.iterdir()):
            raise StartError(f"{self.data} is not empty, and not a PostgreSQL data folder either.")
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private_folder(fresh, user)
        # The built-in locale needs nothing of the machine's own locales, which may be missing or broken.
        options = ["--username=retail_exec", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        run([str(self.binary.with_name("initdb")), "-D", str(fresh), *options, *locale], user)
        create = "CREATE DATABASE retail_exec\n"
        run([str(self.binary), "--single", "-D", str(fresh), "postgres"], user, create)
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def command(self) -> list[str]:
        quoted = str(self.sockets).replace('"', '""')
        options = {
            "listen_addresses": "",
            "port": POSTGRES_PORT,
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
        }
        return [
            str(self.binary),
            "-D",
            str(self.data),
            *(f"--{key}={value}" for key, value in options.items()),
        ]

    def is_ready(self, pid: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            lines = [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
            return len(lines) >= 8 and lines[0] == str(pid) and lines[7] == "ready"
        return False

    def url(self) -> str:
        return f"postgres://retail_exec@/retail_exec?host={quote(str(self.sockets))}&port={POSTGRES_PORT}"


class Redis:
    """Redis on the loopback address with a password of its own, its data in an append-only file.

    It keeps its files in the folder it is started in, the data folder.
    """

    name = "redis"
    stop_signal = signal.SIGTERM
    attempts = 3  # between choosing a free port and listening on it, another program may take it

    def __init__(self, var: Path, binary: Path) -> None:
        self.data = var / "redis"
        self.binary = binary
        self.port = 0
        self.password = ""

    def prepare(self, user: pwd.struct_passwd | None) -> None:
        make_private_folder(self.data, user)
        config = self.data / "redis.conf"
        old = config.read_text() if config.exists() else ""
        # Programs that are running know the old port and password: keep both if possible.
        port, password = (re.search(rf"^{key} (\S+)$", old, re.M) for key in ("port", "requirepass"))
        self.port = free_port(int(port[1]) if port else 0)
        self.password = password[1] if password else secrets.token_urlsafe(24)
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.password,
            "appendonly": "yes",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        write_private(config, "".join(f"{key} {value}\n" for key, value in settings.items()), user)

    def command(self) -> list[str]:
        return [str(self.binary), str(self.data / "redis.conf")]

    def is_ready(self, pid: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as redis:
            redis.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := redis.recv(256)):
                answer += more
            return answer == b"+OK\r\n+PONG\r\n"
        return False

    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def _short_socket_folder(data: Path, user: pwd.struct_passwd | None) -> Path:
    """A folder for the socket of a data folder whose own path is too long for one."""
    folder = Path("/tmp", f"retail-exec-{data.stat().st_dev:x}-{data.stat().st_ino:x}")  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    owners = {os.geteuid(), user.pw_uid if user else os.geteuid()}
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise StartError(f"{folder} belongs to somebody else. Remove it, or use a shorter path.")
    make_private_folder(folder, user)
    return folder
