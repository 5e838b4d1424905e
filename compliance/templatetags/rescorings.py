"""Saying that past visits keep their numbers, and where to score them again."""

from __future__ import annotations

from typing import Any

from django import template

from compliance.models import Planogram
from compliance.outdated import with_other_versions

register = template.Library()


@register.inclusion_tag("rescorings/outdated.html")
def planogram_could_rescore(planogram: Planogram) -> dict[str, Any]:
    """How many visits count against another version of this planogram."""
    return {"outdated": with_other_versions(planogram), "what": "another version of this planogram"}
