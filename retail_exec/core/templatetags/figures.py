"""Figures and states in words, the same on every screen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms, template

from retail_exec.core.models import WorkState

register = template.Library()
NOT_MEASURABLE = "not measurable"
STATES = {
    WorkState.WAITING: ("", "clock", "Waiting"),
    WorkState.RUNNING: ("busy", "work", "Recognising"),
    WorkState.DONE: ("good", "check", "Done"),
    WorkState.REFUSED: ("bad", "stop", "Not usable"),
    WorkState.QUARANTINED: ("warn", "warn", "Set aside"),
}
"""Tone, icon and word of each state of work."""


@register.filter
def figure(value: float | None, unit: str = "share") -> str:
    """A KPI value as people write it: 0.625 share is 62.5 %."""
    if value is None:
        return NOT_MEASURABLE
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit == "cm":
        return f"{value:.0f} cm"
    return f"{value:,.0f}"


@register.simple_tag
def interval(low: float, high: float, unit: str = "share") -> str:
    """Two ends of an interval, the unit said once: 40.4–46.8 %."""
    first, last = figure(low, unit), figure(high, unit)
    return first if first == last else f"{first.removesuffix(' %').removesuffix(' cm')}–{last}"


@register.filter
def percent(value: float | None) -> str:
    """A part of one in whole per cent."""
    return NOT_MEASURABLE if value is None else f"{value * 100:.0f} %"


@register.filter
def points(change: float | None) -> str:
    """A change of a share: +1.2 points."""
    return "" if change is None else f"{change * 100:+.1f} points" if abs(change) >= 0.0005 else "no change"


@register.filter
def amount(value: float) -> str:
    """A count or length without needless decimals: 12, 12.5."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}".removesuffix(".0")


@register.filter
def sureness(confidence: float) -> str:
    """A probability in words."""
    for least, word in ((0.95, "Very sure"), (0.8, "Fairly sure"), (0.6, "Not quite sure")):
        if confidence >= least:
            return word
    return "A guess"


@register.filter
def chosen(form: forms.Form) -> str:
    """The filters in use, in words: Region: North, From: 1 Nov 2026."""
    values = getattr(form, "cleaned_data", {})
    words = []
    for name, field in form.fields.items():
        value = values.get(name)
        if value not in (None, ""):
            shown = (
                f"{value:%-d %b %Y}" if isinstance(value, date) else dict(_choices(field)).get(value, value)
            )
            words.append(f"{field.label}: {shown}")
    return ", ".join(words)


def _choices(field: forms.Field) -> list[tuple[object, object]]:
    """The choices of a plain choice field; other fields name their values themselves."""
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices: Any = field.choices
        return list(choices)
    return []


@register.inclusion_tag("partials/state.html")
def state_badge(state: str) -> dict[str, str]:
    """The state of a piece of work as a badge: colour, icon and word."""
    tone, icon, word = STATES[WorkState(state)]
    turning = "turning" if state == WorkState.RUNNING else ""
    return {"tone": tone, "icon": icon, "word": word, "turning": turning}
