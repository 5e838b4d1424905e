"""Web, worker and beat as children of one command: started, watched, restarted, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 30
"""Workers finish the photo they are at."""
MOST_RESTARTS = 5


class ProgramFailed(RuntimeError):
    """A program ends again and again; the text says which, and shows the end of its log."""


@dataclass(slots=True)
class Program:
    """One child. log: where its output goes."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0

    def start(self) -> None:
        """Run it in a session of its own, so that Ctrl-C reaches us only and we stop it in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def last_words(self, lines: int = 5) -> str:
        """The end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Programs:
    """The children, as a context: they run inside it and have stopped after it."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = programs

    def __enter__(self) -> Programs:
        for program in self.programs:
            program.start()
        return self

    def __exit__(self, *_: object) -> None:
        running = [p.process for p in self.programs if p.process and p.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def revive(self) -> list[str]:
        """Start the dead again; a sentence for each. Raises ProgramFailed for one that keeps dying."""
        told = []
        for program in self.programs:
            if program.process is None or (code := program.process.poll()) is None:
                continue
            if program.restarts >= MOST_RESTARTS:
                raise ProgramFailed(f"The {program.name} does not stay alive.\n{program.last_words()}")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.process.pid, signal.SIGKILL)  # what a killed worker leaves behind
            program.restarts += 1
            program.start()
            told.append(
                f"The {program.name} ended ({describe(code)}) and was started again; see {program.log}."
            )
        return told


def describe(code: int) -> str:
    """How a process ended."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def worker(logs: Path) -> Program:
    """A Celery worker for all queues, a process for each core."""
    cores = os.cpu_count() or 1
    queues = ["--queues", "celery,training", "--concurrency", str(cores), "--loglevel", "INFO"]
    return Program("worker", [*_celery(), "worker", *queues], logs / "worker.log")


def beat(logs: Path) -> Program:
    """The clock that wakes the sweepers."""
    return Program("beat", [*_celery(), "beat", "--loglevel", "WARNING"], logs / "beat.log")


def web(logs: Path, host: str, port: int, allowed: list[str]) -> Program:
    """The web server."""
    options = ["--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--timeout", "120"]
    return Program(
        "web server",
        [sys.executable, "-m", "gunicorn", "retail_exec.wsgi", *options],
        logs / "web.log",
        {"ALLOWED_HOSTS": ",".join(allowed)},
    )


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "retail_exec"]
