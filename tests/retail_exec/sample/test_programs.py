"""The demonstration's children, as real processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from retail_exec.sample.programs import MOST_RESTARTS, Program, ProgramFailed, Programs

STAYS = "import time\nprint('ready', flush=True)\ntime.sleep(60)"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STAYS


def program(tmp_path: Path, script: str, **environment: str) -> Program:
    """A child that runs a Python script."""
    return Program("helper", [sys.executable, "-c", script], tmp_path / "helper.log", environment)


def ready(child: Program) -> psutil.Process:
    """The child's process once it says so."""
    deadline = time.monotonic() + 30
    while "ready" not in child.last_words() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert child.process is not None
    return psutil.Process(child.process.pid)


def test_they_end_with_the_block(tmp_path: Path) -> None:
    child = program(tmp_path, STAYS)
    with Programs([child]) as running:
        process = ready(child)
        assert running.revive() == []
    assert not process.is_running()


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retail_exec.sample.programs.STOP_SECONDS", 0.5)
    child = program(tmp_path, DEAF)
    with Programs([child]):
        process = ready(child)
    assert not process.is_running()


def test_the_dead_is_started_again_and_told(tmp_path: Path) -> None:
    child = program(tmp_path, STAYS)
    with Programs([child]) as running:
        first = ready(child)
        os.kill(first.pid, signal.SIGKILL)
        assert child.process is not None
        child.process.wait()
        told = running.revive()
        assert len(told) == 1
        assert "helper ended (killed by SIGKILL) and was started again" in told[0]
        assert child.process.pid != first.pid


def test_one_that_keeps_dying_ends_it_with_its_last_words(tmp_path: Path) -> None:
    child = program(tmp_path, "import os, sys\nsys.exit('no ' + os.environ['WHAT'])", WHAT="luck today")
    with Programs([child]) as running:
        for restart in range(MOST_RESTARTS + 1):
            assert child.process is not None
            assert child.process.wait() == 1
            if restart < MOST_RESTARTS:
                assert running.revive()
        with pytest.raises(ProgramFailed, match="no luck today"):
            running.revive()
