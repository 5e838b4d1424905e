"""Rescorings for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from compliance.models import Rescoring
from compliance.services.definitions import add_version
from compliance.services.rescore import start
from tests.compliance.visits import Shops


def rescoring_of(places: Shops, options: dict[str, dict[str, Any]], **more: Any) -> Rescoring:
    """A started rescoring of the last hundred days with these KPI options."""
    today = timezone.localdate()
    rescoring = Rescoring(
        organisation_id=places.organisation,
        name="Again",
        date_from=today - timedelta(days=100),
        date_to=today,
        definitions=add_version(places.organisation, options),
        **more,
    )
    start(rescoring)
    return rescoring
