"""What the keepers and their users ask of the operating system: locks, users, private files, commands."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

SYSTEM_USER = "retail-exec"


class StartError(Exception):
    """A server cannot start; the text says what happened, for a person to read."""


def lock_file(var: Path, name: str, kind: str) -> IO[bytes]:
    """Opens `run/<name>.<kind>`, a file that exists only to be locked."""
    return (var / "run" / f"{name}.{kind}").open("ab")


def log_tail(path: Path, lines: int = 12) -> str:
    """The end of a log, introduced, or a sentence saying that it is empty."""
    tail = path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []
    if not tail:
        return f"{path} is empty."
    return "\n".join([f"The end of {path}:", *(f"  {line}" for line in tail)])


def server_user(data: Path) -> pwd.struct_passwd | None:
    """Whom a server runs as: None, the same user, except for root, as PostgreSQL refuses to run as root.

    For root it is the owner of the data folder, or at first a system user of its own.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        nologin = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
        run(["useradd", "--system", "--no-create-home", "--shell", nologin, SYSTEM_USER], None)
        return pwd.getpwnam(SYSTEM_USER)


def run_as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments that make `subprocess` run a program as this user."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def run(command: list[str], user: pwd.struct_passwd | None, stdin: str = "") -> None:
    """Runs a command to its end; raises StartError with what it printed if it fails."""
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        cwd="/",
        env=server_environment(),
        **run_as(user),
    )
    if done.returncode:
        printed = (done.stderr or done.stdout).strip() or "It printed nothing."
        raise StartError(f"{Path(command[0]).name} ended with status {done.returncode}:\n{printed}")


def server_environment() -> dict[str, str]:
    """The environment without PG... variables, which would change a server's settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}


def let_through(path: Path) -> None:
    """Lets another user reach a path: search permission on the folders above it, and no more than that."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            print(f"Gave other users permission to pass through {folder}", file=sys.stderr)


def make_private_folder(path: Path, user: pwd.struct_passwd | None) -> None:
    """Makes a folder that only `user` (or this user) may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def write_private(path: Path, text: str, user: pwd.struct_passwd | None = None) -> None:
    """Replaces a file in one step by one that only `user` (or this user) may read."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if user:
        os.chown(fresh, user.pw_uid, user.pw_gid)
    fresh.replace(path)


def free_port(wanted: int) -> int:
    """The wanted TCP port if it is free on the loopback address, any other free one otherwise."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
