from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from recognition.runtime.manifest import ModelEntry, ModelError, load_manifest
from recognition.runtime.sessions import session
from tests.recognition.runtime.models import write_model


@pytest.fixture
def entry(tmp_path: Path) -> ModelEntry:
    return load_manifest(write_model(tmp_path)).active("detector")


def twice(entry: ModelEntry) -> list[float]:
    outputs = session(entry).run(None, {"x": np.array([1.5, -2.0], np.float32)})
    return [float(value) for value in outputs[0]]


def test_a_session_runs_the_model(entry: ModelEntry) -> None:
    assert twice(entry) == [3.0, -4.0]


def test_one_session_serves_all_threads_of_a_process(entry: ModelEntry) -> None:
    with ThreadPoolExecutor(8) as pool:
        sessions = set(pool.map(lambda _: id(session(entry)), range(32)))

    assert len(sessions) == 1
    assert session(entry, threads=2) is not session(entry, threads=1)


def test_a_forked_process_makes_its_own_session(entry: ModelEntry) -> None:
    expected = twice(entry)
    parents = id(session(entry))
    child = os.fork()
    if child == 0:
        mine = twice(entry) == expected and id(session(entry)) != parents
        os._exit(0 if mine else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert id(session(entry)) == parents


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    entry = load_manifest(write_model(tmp_path, sha256="0" * 64)).active("detector")

    with pytest.raises(ModelError, match="manifest expects 0000"):
        session(entry)


def test_threads_below_one_are_refused(entry: ModelEntry) -> None:
    with pytest.raises(ValueError, match="threads must be at least 1, got 0"):
        session(entry, threads=0)
