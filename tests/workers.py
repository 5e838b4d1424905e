"""A real Celery worker, in a process of its own, on the test run's database and Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The URL of the test database, for another process."""
    base, _, query = str(settings.DATABASE_URL).partition("?")
    url = f"{base.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    return f"{url}?{query}" if query else url


def start_worker(*options: str, concurrency: int = 2, **environment: str) -> subprocess.Popen[bytes]:
    """Start a worker with its sweeper; it takes tasks from all queues. Stop it with ``stop_worker``."""
    env = {**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": str(settings.REDIS_URL), **environment}
    command = [sys.executable, "-m", "celery", "-A", "retail_exec", "worker", "-B", "-Q", "celery,training"]
    command += ["-c", str(concurrency), "-l", "warning", "-s", str(settings.VAR_DIR / "beat-test"), *options]
    return subprocess.Popen(command, env=env, start_new_session=True)


def stop_worker(worker: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM) -> None:
    """Stop a worker and its children: SIGTERM lets it finish its task, SIGKILL does not."""
    if worker.poll() is None:
        if sign == signal.SIGKILL:
            os.killpg(worker.pid, sign)
        else:
            worker.send_signal(sign)
    worker.wait(timeout=30)


@contextmanager
def running_worker(**environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for as long as the block runs."""
    worker = start_worker(**environment)
    try:
        yield worker
    finally:
        stop_worker(worker, signal.SIGKILL)


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for ``done``; fails with ``what`` was waited for when it takes longer than ``seconds``."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)
