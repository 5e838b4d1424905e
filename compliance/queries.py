"""What the current assessments say, for all who show results or hand them out."""

from __future__ import annotations

from django.db.models import QuerySet

from compliance.models import KpiResult


def of_whole_visits(kpis: QuerySet[KpiResult]) -> QuerySet[KpiResult]:
    """The values of all of a visit's shelf, and by category, brand or product of it; none of one section.

    A photo without a bay is a section too, though its values have no bay: only the scope tells them apart.
    """
    return kpis.exclude(scope__has_key="bay")
