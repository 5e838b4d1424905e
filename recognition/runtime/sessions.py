"""ONNX Runtime sessions, one for each process, model and thread count.

A session made before a fork must not be used after it, nor closed (its threads stay in the parent), so the
cache is keyed by process id and keeps what it inherits. Small nets gain little from a second thread: two
processes of one thread each beat one of two.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path

import onnxruntime

from recognition.runtime.manifest import ModelEntry

_Key = tuple[int, str, str, int]
_sessions: dict[_Key, onnxruntime.InferenceSession] = {}
_lock = threading.Lock()


def _renew_lock() -> None:
    """Another thread of the parent may have held the lock at the fork: nobody would release it here."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


def session(entry: ModelEntry, threads: int = 1) -> onnxruntime.InferenceSession:
    """Return this process's CPU session of ``entry`` with ``threads`` threads, made at first use.

    Raises ModelError if the model file is missing or altered, ValueError if ``threads`` is below 1.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")
    key = (os.getpid(), str(entry.path), entry.sha256, threads)
    with _lock:
        if key not in _sessions:
            _sessions[key] = _open(entry, threads)
        return _sessions[key]


@cache
def has_byte_products() -> bool:
    """Whether this is an x86 processor that multiplies and adds bytes exactly in one instruction (VNNI).

    ONNX Runtime knows, but takes the slow way on all x86 once asked to be exact: twice the time.
    """
    try:
        words = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:  # not Linux
        return False
    return bool(words & {"avx512_vnni", "avx_vnni"})


def _open(entry: ModelEntry, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not has_byte_products():
        # x86 would add pairs of 8-bit products in 16 bits, which overflow; others ignore the setting.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(entry.read(), options, providers=["CPUExecutionProvider"])
