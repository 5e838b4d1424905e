"""Share of shelf: by facings, by width, by area; against the market; at eye level."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from compliance.kpis.context import BayView, Context, Counted, EmptySpace, scopes
from compliance.kpis.draws import Group, add, group_of, intervals
from compliance.kpis.registry import Option, Options, kpi
from compliance.kpis.uncertainty import DRAWS, Floats
from compliance.types import EvidenceItem, KpiValue

STACK = Option(
    "stack", "all", "Stacked facings count each (all) or once a column (column).", ("all", "column")
)
GAPS = Option("include_gaps", False, "Empty places count in the denominator.")
UNKNOWN = Option(
    "include_unknown", False, "Unrecognised facings count in the denominator of their shelf's category."
)

Weigh = Callable[[Counted], float | None]
WeighGap = Callable[[EmptySpace], float | None]


@kpi(
    "facing_share",
    "Facing share of shelf",
    "share",
    "Own facings divided by all facings of the category; by brand likewise.",
    (STACK, GAPS, UNKNOWN),
)
def facing_share(context: Context, options: Options) -> Iterator[KpiValue]:
    return _shares("facing_share", context, options, lambda c: 1.0, lambda g: float(g.places))


@kpi(
    "linear_share",
    "Linear share of shelf",
    "share",
    "Width of own facings divided by the width of all facings of the category, in centimetres on the "
    "rectified "
    "shelf; a column counts once.",
    (GAPS, UNKNOWN),
)
def linear_share(context: Context, options: Options) -> Iterator[KpiValue]:
    once = {**options, "stack": "column"}
    return _shares("linear_share", context, once, lambda c: c.width_cm, lambda g: g.width_cm)


@kpi(
    "area_share",
    "Area share of shelf",
    "share",
    "Front area of own facings divided by that of all facings of the category, in square centimetres on "
    "the "
    "rectified shelf.",
    (GAPS, UNKNOWN),
)
def area_share(context: Context, options: Options) -> Iterator[KpiValue]:
    return _shares(
        "area_share",
        context,
        {**options, "stack": "all"},
        lambda c: _area(c.width_cm, c.height_cm),
        lambda g: _area(g.width_cm, g.height_cm),
    )


@kpi(
    "fair_share_index",
    "Fair-share index",
    "index",
    "Facing share of the category divided by the market share, times 100; 100 is the fair share. Only for "
    "categories with a market share.",
    (Option("market_share", {}, "Own market share by category, 0 to 1."), STACK, GAPS, UNKNOWN),
)
def fair_share_index(context: Context, options: Options) -> Iterator[KpiValue]:
    targets = options["market_share"]
    if not isinstance(targets, dict) or not targets:
        return
    for share in _shares("fair_share_index", context, options, lambda c: 1.0, lambda g: float(g.places)):
        target = targets.get(share.scope.get("category"))
        if set(share.scope) == {"category"} and target and share.value is not None:
            low, high = share.low, share.high
            yield KpiValue(
                key="fair_share_index",
                numerator=100.0 * share.value,
                denominator=float(target),
                scope=share.scope,
                unit="index",
                coverage=share.coverage,
                low=None if low is None else 100.0 * low / target,
                high=None if high is None else 100.0 * high / target,
                numerator_items=share.numerator_items,
                denominator_items=share.denominator_items,
                note=f"Facing share {share.value:.1%}, market share {target:.1%}.",
            )


@kpi(
    "eye_level_share",
    "Eye-level share",
    "share",
    "Own facings on eye-level shelves divided by own facings, over bays that say which shelves are at "
    "eye level.",
)
def eye_level_share(context: Context, options: Options) -> Iterator[KpiValue]:
    views = [v for v in context.bays if v.bay.eye_level and v.photographed]
    for scope, part in scopes(views):
        own = [(c, view) for view in part for c in view.counted if c.own]
        yield KpiValue(
            key="eye_level_share",
            numerator=float(sum(c.shelf in view.bay.eye_level for c, view in own)),
            denominator=float(len(own)),
            scope=scope,
            coverage=_coverage(context, scope),
            numerator_items=tuple(_item(c, 1.0) for c, view in own if c.shelf in view.bay.eye_level),
            denominator_items=tuple(_item(c, 1.0) for c, _ in own),
        )


def _gap_item(gap: EmptySpace, weight: float) -> EvidenceItem:
    return EvidenceItem(weight, None, gap.ref, gap.bay, note="empty space")


def _area(width: float | None, height: float | None) -> float | None:
    return width * height if width is not None and height is not None else None


def _item(counted: Counted, weight: float) -> EvidenceItem:
    note = "told from a similar product with the plan's help" if counted.sku != counted.facing.sku else ""
    return EvidenceItem(weight, counted.sku, counted.ref, counted.bay, note=note if counted.sku else "")


def _coverage(context: Context, scope: dict[str, str]) -> float | None:
    return next((v.coverage for v in context.bays if v.key == scope.get("bay")), context.coverage)


def _shares(
    key: str, context: Context, options: Options, weigh: Weigh, weigh_gap: WeighGap
) -> Iterator[KpiValue]:
    """Own share in all and by category, then each brand's share; for the visit and for each bay."""
    views = [v for v in context.bays if v.photographed]
    shelves = {view.key: _shelf(view, options, weigh, weigh_gap) for view in views}
    for place, bays in scopes(views):
        items: dict[Group, list[EvidenceItem]] = {}
        for view in bays:
            for group, found in shelves[view.key][0].items():
                items.setdefault(group, []).extend(found)
        parts: list[tuple[str | None, str | None]] = [(None, None)]
        parts += [(category, None) for category in sorted({g.category for g in items})]
        parts += sorted({(g.category, g.brand) for g in items if g.brand is not None})
        spans = intervals(add(shelves[view.key][1] for view in bays), parts)
        for (category, brand), span in zip(parts, spans, strict=True):
            above = _pick(items, category, brand, own=brand is None)
            below = _pick(items, category)
            scope = {"category": category, "brand": brand}
            yield KpiValue(
                key=key,
                numerator=sum(item.weight for item in above),
                denominator=sum(item.weight for item in below),
                scope={**place, **{name: value for name, value in scope.items() if value is not None}},
                coverage=_coverage(context, place),
                low=span[0] if span and below else None,
                high=span[1] if span and below else None,
                numerator_items=above,
                denominator_items=below,
            )


Shelf = tuple[dict[Group, list[EvidenceItem]], dict[Group, Floats]]
"""A bay's facings and gaps by what they count for, and the drawn weight of each group."""


def _shelf(view: BayView, options: Options, weigh: Weigh, weigh_gap: WeighGap) -> Shelf:
    columns, with_unknown = options["stack"] == "column", bool(options["include_unknown"])
    items: dict[Group, list[EvidenceItem]] = {}
    weights: list[float] = []
    for counted in view.counted:
        weight = None if columns and not counted.base else weigh(counted)
        weights.append(weight or 0.0)
        if weight is not None and (with_unknown or counted.product is not None):
            group = group_of(counted.product, counted.category)
            items.setdefault(group, []).append(_item(counted, weight))
    totals = view.draws.totals(weights)
    if not with_unknown:
        totals = {group: total for group, total in totals.items() if group.brand is not None}
    for gap in view.gaps if options["include_gaps"] else ():
        weight = weigh_gap(gap)
        if weight is not None:
            group = group_of(None, gap.category)
            items.setdefault(group, []).append(_gap_item(gap, weight))
            totals[group] = totals.get(group, np.zeros(DRAWS)) + weight
    return items, totals


def _pick(
    items: dict[Group, list[EvidenceItem]], category: str | None, brand: str | None = None, own: bool = False
) -> tuple[EvidenceItem, ...]:
    return tuple(i for group, found in items.items() if group.counts(category, brand, own) for i in found)
