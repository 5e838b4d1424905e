"""Saying that past visits keep their numbers, and where to score them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from compliance.models import Planogram
from compliance.outdated import with_other_versions, without

register = template.Library()


@register.inclusion_tag("rescorings/outdated.html")
def planogram_could_rescore(planogram: Planogram) -> dict[str, Any]:
    """How many visits this planogram came too late for; failing that, how many count against another version
    of it."""
    late = without([planogram])
    if late.visits:
        return {"outdated": late, "how": "without this planogram"}
    return {"outdated": with_other_versions(planogram), "how": "with another version of this planogram"}


@register.inclusion_tag("rescorings/outdated.html")
def planograms_could_rescore(planograms: Sequence[Planogram]) -> dict[str, Any]:
    """How many visits these planograms came too late for."""
    return {"outdated": without(planograms), "how": "without these planograms"}
