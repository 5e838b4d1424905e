"""Garbage collection stands still for a while, and goes on."""

from __future__ import annotations

import gc

import pytest

from retail_exec.core.memory import without_cycle_search


@without_cycle_search()
def torn() -> None:
    assert not gc.isenabled()
    with without_cycle_search():
        pass
    assert not gc.isenabled()
    raise ValueError("torn")


def test_the_search_for_cycles_goes_on_afterwards_also_after_an_error() -> None:
    for _ in range(2):
        assert gc.isenabled()
        with pytest.raises(ValueError, match="torn"):
            torn()
    assert gc.isenabled()
