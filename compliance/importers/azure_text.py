"""The text of a JSON file: an object of which every text can be stored, every number read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from compliance.importers.values import PlanogramFileError, decode, is_text

LONGEST_NUMBER = 300
"""Digits of a whole number; Python refuses to read many more."""


def load(data: bytes) -> dict[str, Any]:
    """The JSON object. Raises PlanogramFileError with the line where the JSON breaks."""
    try:
        value = json.loads(decode(data), parse_int=_whole)
    except json.JSONDecodeError as error:
        raise PlanogramFileError(error.lineno, f"column {error.colno}", f"{error.msg}.") from error
    except RecursionError as error:
        raise PlanogramFileError(0, "", "the JSON is nested too deeply.") from error
    if not isinstance(value, dict):
        raise PlanogramFileError(1, "", f"expected a JSON object, found {kind_of(value)}.")
    for text in _texts(value):
        if not is_text(text):
            raise PlanogramFileError(0, "", f"found {text[:40]!r}, which has characters that are no text.")
    return value


def _whole(digits: str) -> float:
    """A whole number; a longer one than anybody means is infinite, which every field refuses."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
