"""Garbage collection around work that makes very many objects at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """Do not look for objects that only refer to each other meanwhile.

    Python searches all living objects again and again while many are made. A batch of results has none in
    cycles, so that a quarter of its time would go for nothing; what others leave is found afterwards.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
