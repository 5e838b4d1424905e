"""The demonstration from outside: a process of its own with servers, database and worker of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.slow_proof, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for everything that is kept."""
    return tmp_path_factory.mktemp("demo")


def demo(var: Path, *options: str) -> subprocess.Popen[str]:
    """``manage.py demo`` with embedded servers under ``var``."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *options],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(var), "DATABASE_URL": "", "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_once_processes_everything_and_can_be_repeated(var: Path) -> None:
    first = demo(var, "--once", "--weeks", "1", "--no-fitting")
    out, _ = first.communicate()
    assert first.returncode == 0, out
    assert re.search(r"^On-shelf availability +\d+\.\d % +\d+\.\d % +\d+\.\d %$", out, re.MULTILINE)
    injected = re.search(r"^all faults +(\d+) of +(\d+) named as such, (\d+) noticed", out, re.MULTILINE)
    assert injected, out
    truth = json.loads((var / "sample" / "truth.json").read_text())
    assert len(truth) == 12
    assert int(injected[2]) == sum(map(len, truth.values()))
    assert int(injected[3]) > int(injected[2]) / 2  # the shipped models see most of what is wrong
    again = demo(var, "--once", "--weeks", "1", "--no-fitting")
    repeated, _ = again.communicate()
    assert again.returncode == 0
    assert repeated == out
    assert json.loads((var / "sample" / "truth.json").read_text()) == truth


def test_it_serves_until_it_is_told_to_stop(var: Path) -> None:
    port = free_port()
    running = demo(var, "--port", str(port), "--weeks", "1", "--no-fitting")
    try:
        deadline = time.monotonic() + 120
        while running.poll() is None and time.monotonic() < deadline:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        assert page.status == 200
        taken = demo(var, "--port", str(port))
        assert f"Cannot listen on 127.0.0.1:{port}" in taken.communicate()[0]
        assert taken.returncode == 1
    finally:
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=120)
    assert running.returncode == 0
    assert "admin@demo.example" in out
    assert out.endswith("Stopped.\n")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))
