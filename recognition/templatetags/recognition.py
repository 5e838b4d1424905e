"""Small things the screens of recognition need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(values: Mapping[Any, Any], key: Any) -> Any:
    """The value under ``key``, None if there is none."""
    return values.get(key)


@register.filter
def unnumbered(name: str) -> str:
    """A group's name without the number it is sorted by: "2. Sharp" is Sharp."""
    number, dot, rest = name.partition(". ")
    return rest if dot and number.isdigit() else name
