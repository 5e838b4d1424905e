"""Shelf occupancy: how full the shelves are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.kpis.context import BayView, Context, told
from compliance.kpis.registry import Options, kpi
from compliance.types import EvidenceItem, KpiValue


@kpi(
    "occupancy",
    "Shelf occupancy",
    "share",
    "Width of the shelf that is filled divided by its width, filled and empty, in centimetres on the "
    "rectified "
    "shelf; a column counts once.",
)
def occupancy(context: Context, options: Options) -> Iterator[KpiValue]:
    def values(place: dict[str, str], part: Sequence[BayView]) -> Iterator[KpiValue]:
        filled = tuple(
            EvidenceItem(c.width_cm, c.sku, c.ref, view.key)
            for view in part
            for c in view.counted
            if c.base and c.width_cm is not None
        )
        empty = tuple(
            EvidenceItem(gap.width_cm, None, gap.ref, view.key, note="empty space")
            for view in part
            for gap in view.gaps
            if gap.width_cm is not None
        )
        yield KpiValue(
            key="occupancy",
            numerator=sum(item.weight for item in filled),
            denominator=sum(item.weight for item in (*filled, *empty)),
            scope=place,
            coverage=context.coverage_of(place),
            numerator_items=filled,
            denominator_items=(*filled, *empty),
        )

    return told(context, [view for view in context.bays if view.photographed], values)
