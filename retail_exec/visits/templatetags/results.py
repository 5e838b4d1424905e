"""Results of a visit in templates."""

from __future__ import annotations

from django import template

from compliance.kpis.registry import REGISTRY
from retail_exec.visits import results

register = template.Library()
register.filter("scope_name", results.scope_name)


@register.filter
def kpi_title(key: str) -> str:
    """A KPI's name by its key."""
    return REGISTRY[key].title if key in REGISTRY else key


@register.filter
def times100(value: float) -> float:
    """A part of one on a scale of 0 to 100, for drawing."""
    return round(min(max(value, 0.0), 1.0) * 100, 2)


@register.filter
def span(low: float, high: float) -> float:
    """How far two parts of one lie apart on a scale of 0 to 100, for drawing."""
    return round(times100(high) - times100(low), 2)
