"""Fixtures shared by the tests of the web project."""

from tests.retail_exec.world import world

__all__ = ["world"]
