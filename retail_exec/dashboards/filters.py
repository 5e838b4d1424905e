"""What a person chose to look at on the overview."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Model, QuerySet
from django.forms import HiddenInput

from retail_exec.catalog.models import Brand, Category, Sku
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
DIMENSIONS = {
    "store": "Store",
    "chain": "Chain",
    "region": "Region",
    "channel": "Channel",
    "auditor": "Auditor",
    "category": "Category",
    "brand": "Brand",
    "sku": "Product",
}
"""What a measure can be split by; each is also a filter of that name, which leads to the evidence."""
DEFAULT_DIMENSION = "store"
STEPS = {"day": "Day", "week": "Week", "month": "Month"}
ORDERS = {
    "missing": "Most missing",
    "osa": "Lowest availability",
    "since": "Longest missing",
    "repeats": "Keeps running out",
    "name": "Name",
}
"""What a list of products can be ordered by."""
DEFAULT_ORDER = "missing"
PLACES = {
    "date_from": "day__gte",
    "date_to": "day__lte",
    "region": "store__region",
    "chain": "store__chain",
    "channel": "store__chain__channel",
    "store": "store",
    "auditor": "auditor",
}
"""Filters of visits as lookups of the sums' cells."""


class OverviewFilter(VisitScope):
    """Filters visits; category, brand, product and measure choose among their results, see
    ``queries.results``."""

    category = filters.ModelChoiceFilter(queryset=own(Category), method="of_results", label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), method="of_results", label="Brand")
    sku = filters.ModelChoiceFilter(
        queryset=own(Sku), method="of_results", label="Product", widget=HiddenInput()
    )
    measure = filters.ChoiceFilter(
        choices=list(MEASURES.items()), method="of_results", label="Measure", empty_label=None
    )
    by = filters.ChoiceFilter(
        choices=list(DIMENSIONS.items()), method="of_results", label="Compare by", empty_label=None
    )
    step = filters.ChoiceFilter(
        choices=list(STEPS.items()), method="of_results", label="Time by", empty_label="What fits the period"
    )

    def of_results(self, rows: QuerySet[Any], name: str, value: Model | str) -> QuerySet[Any]:
        """The visits stay: this filter is about what is shown of them."""
        return rows


class ProductFilter(OverviewFilter):
    """Filters visits as the overview does; the products of their results are then put in an order."""

    measure = by = step = None
    order = filters.ChoiceFilter(
        choices=list(ORDERS.items()), method="of_results", label="Order by", empty_label=None
    )
