"""Availability and distribution weighted by sales: a big shop and a big product count for more."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kpis.availability import availability, distribution
from compliance.kpis.context import Context
from compliance.kpis.registry import Options, kpi
from compliance.kpis.uncertainty import ends, sum_span
from compliance.types import EvidenceItem, KpiValue


@kpi(
    "distribution_weighted",
    "Weighted distribution",
    "share",
    "As numeric distribution, with each outlet counting by its sales: sales of the outlets that have the "
    "product divided by sales of the relevant outlets. Only for stores with a sales figure.",
    pillar=False,
)
def distribution_weighted(context: Context, options: Options) -> Iterator[KpiValue]:
    sales = context.visit.targets.store_sales
    if not sales:
        return
    for value in distribution(context, options):
        yield value._replace(
            key="distribution_weighted",
            numerator=value.numerator * sales,
            denominator=sales,
            numerator_items=tuple(item._replace(weight=sales) for item in value.numerator_items),
            denominator_items=tuple(item._replace(weight=sales) for item in value.denominator_items),
        )


@kpi(
    "msl_weighted",
    "Must-stock list, weighted by sales",
    "share",
    "As must-stock list compliance, with each product counting by its sales. Products without a sales figure "
    "are left out of both.",
)
def msl_weighted(context: Context, options: Options) -> Iterator[KpiValue]:
    sales = context.visit.targets.sku_sales
    found = availability(context, "list") if sales else []
    told = [a for a in found if a.assessed and a.sku in sales]
    if not sales or not found:
        return
    below = sum(sales[a.sku] for a in told)
    parts = [([0.0, sales[a.sku]], [1.0 - a.chance, a.chance]) for a in told]
    low, high, expected = ends(sum_span(parts, below))
    items = {a.sku: EvidenceItem(sales[a.sku], a.sku, a.seen[0].ref if a.seen else None) for a in told}
    unknown = sum(a.sku not in sales for a in found)
    yield KpiValue(
        key="msl_weighted",
        numerator=sum(sales[a.sku] for a in told if a.present),
        denominator=below,
        scope={},
        coverage=sum(a.assessed for a in found) / len(found),
        low=low,
        high=high,
        expected=expected,
        numerator_items=tuple(items[a.sku] for a in told if a.present),
        denominator_items=tuple(items.values()),
        note=f"{unknown} products of the list have no sales figure." if unknown else "",
    )
