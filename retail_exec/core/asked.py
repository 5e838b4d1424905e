"""What came with a request, as far as the database can be asked for it."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST_ID = 18
"""Digits of an id; the database has none with more."""


def text(values: Mapping[str, str], name: str) -> str:
    """The text under ``name`` without NUL characters, which PostgreSQL refuses, and blanks around it; "" for
    none."""
    return values.get(name, "").replace("\x00", "").strip()


def number(value: object) -> int | None:
    """The id that a value is written as, None when it is none. ``²`` is a digit to Python, but no number."""
    digits = str(value)
    return int(digits) if digits.isdecimal() and len(digits) <= LONGEST_ID else None
