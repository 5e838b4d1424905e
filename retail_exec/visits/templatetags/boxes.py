"""Boxes of photos in templates."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html

from retail_exec.visits import marks

register = template.Library()
register.filter("facing_name", marks.name)


@register.filter
def frame(box: Sequence[float]) -> str:
    """The attributes of an inner SVG that shows the box x1, y1, x2, y2 in its place and nothing beside it."""
    x1, y1, x2, y2 = box
    place = format_html(
        'x="{}" y="{}" width="{}" height="{}"', *(f"{v:.1f}" for v in (x1, y1, x2 - x1, y2 - y1))
    )
    return format_html('{} viewBox="{}"', place, view_box(box))


@register.filter
def view_box(box: Sequence[float]) -> str:
    """An SVG view of the box x1, y1, x2, y2."""
    x1, y1, x2, y2 = box
    return f"{x1:.1f} {y1:.1f} {x2 - x1:.1f} {y2 - y1:.1f}"
