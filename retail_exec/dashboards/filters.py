"""What a person chose to look at on the overview."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Model, QuerySet

from retail_exec.catalog.models import Brand, Category
from retail_exec.reports.filters import VisitScope, own

MEASURES = {
    "facing_share": "Facing share",
    "linear_share": "Linear share",
    "osa": "On-shelf availability",
    "planogram_strict": "Planogram compliance",
}
"""The KPIs of the overview, by key, with their short names."""
SHARES = ("facing_share", "linear_share")
"""Those that are split by brand."""
DEFAULT_MEASURE = "facing_share"


class OverviewFilter(VisitScope):
    """Filters visits; category, brand and measure choose among their results, see ``queries.results``."""

    category = filters.ModelChoiceFilter(queryset=own(Category), method="of_results", label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), method="of_results", label="Brand")
    measure = filters.ChoiceFilter(
        choices=list(MEASURES.items()), method="of_results", label="Compare by", empty_label=None
    )

    def of_results(self, rows: QuerySet[Any], name: str, value: Model | str) -> QuerySet[Any]:
        """The visits stay: this filter is about what is shown of them."""
        return rows
