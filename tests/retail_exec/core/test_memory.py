"""Garbage collection stands still for a while, and goes on."""

from __future__ import annotations

import gc

import pytest

from retail_exec.core.memory import without_cycle_search


def test_the_search_for_cycles_goes_on_afterwards_also_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match="torn"), without_cycle_search():
        assert not gc.isenabled()
        with without_cycle_search():
            pass
        assert not gc.isenabled()
        raise ValueError("torn")
    assert gc.isenabled()
