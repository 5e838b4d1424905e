"""Boxes of photos in templates."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from retail_exec.visits import marks

register = template.Library()
register.filter("facing_name", marks.name)


@register.filter
def view_box(box: Sequence[float]) -> str:
    """An SVG view of the box x1, y1, x2, y2."""
    x1, y1, x2, y2 = box
    return f"{x1:.1f} {y1:.1f} {x2 - x1:.1f} {y2 - y1:.1f}"
