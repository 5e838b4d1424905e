"""Share of shelf: by facings, by width, by area; against the market; at eye level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from compliance.kpis.context import BayView, Context, Counted, EmptySpace, facing_item, told
from compliance.kpis.groups import Group, Part, group_of, share_spans
from compliance.kpis.registry import Option, Options, kpi
from compliance.kpis.uncertainty import Floats, Span, ends
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
    return _shares("facing_share", context, options, _one, _places)


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
    "Facing share of the category divided by the market share, times 100; 100 is the fair share. For own "
    "brands together and for each brand that a market share is stored for.",
    (STACK, GAPS, UNKNOWN),
    revision=2,
    pillar=False,
)
def fair_share_index(context: Context, options: Options) -> Iterator[KpiValue]:
    markets = context.visit.targets.market_shares
    if not markets:
        return
    views = [v for v in context.bays if v.photographed]
    shelves = [_shelf(view, options, _one, _places) for view in views]
    for share in _shares_of("fair_share_index", context, {}, shelves, options) if views else ():
        category = share.scope.get("category")
        market = markets.get((category, share.scope.get("brand"))) if category is not None else None
        if market and share.value is not None:
            scale = 100.0 / market
            yield KpiValue(
                key="fair_share_index",
                numerator=100.0 * share.value,
                denominator=market,
                scope=share.scope,
                unit="index",
                coverage=share.coverage,
                low=None if share.low is None else share.low * scale,
                high=None if share.high is None else share.high * scale,
                expected=None if share.expected is None else share.expected * scale,
                numerator_items=share.numerator_items,
                denominator_items=share.denominator_items,
                note=f"Facing share {share.value:.1%}, market share {market:.1%}.",
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

    def values(place: dict[str, str], part: Sequence[BayView]) -> Iterator[KpiValue]:
        own = [(facing_item(c), c.shelf in v.bay.eye_level) for v in part for c in v.counted if c.own]
        low, high, expected = ends(_eye_level_span(part) if own else None)
        yield KpiValue(
            key="eye_level_share",
            numerator=float(sum(at_eye_level for _, at_eye_level in own)),
            denominator=float(len(own)),
            scope=place,
            coverage=context.coverage_of(place),
            low=low,
            high=high,
            expected=expected,
            numerator_items=tuple(item for item, at_eye_level in own if at_eye_level),
            denominator_items=tuple(item for item, _ in own),
        )

    return told(context, views, values)


def _eye_level_span(views: Sequence[BayView]) -> Span | None:
    below = np.concatenate([view.chances.parts([Part()], False)[0] for view in views])
    eye = [[c.shelf in view.bay.eye_level] for view in views for c in view.counted]
    above = below * np.array(eye, dtype=np.float64).reshape(below.shape)
    return share_spans(above, below, np.ones(len(below)), np.zeros(1))[0]


def _one(counted: Counted) -> float:
    return 1.0


def _places(gap: EmptySpace) -> float:
    return float(gap.places)


def _area(width: float | None, height: float | None) -> float | None:
    return width * height if width is not None and height is not None else None


def _shares(
    key: str, context: Context, options: Options, weigh: Weigh, weigh_gap: WeighGap
) -> Iterator[KpiValue]:
    """Own share in all and by category, then each brand's share; for the visit and for each bay."""
    views = [v for v in context.bays if v.photographed]
    shelves = {view.key: _shelf(view, options, weigh, weigh_gap) for view in views}

    def values(place: dict[str, str], part: Sequence[BayView]) -> Iterator[KpiValue]:
        found = [shelves[view.key] for view in part]
        return _shares_of(key, context, place, found, options)

    return told(context, views, values)


def _shares_of(
    key: str, context: Context, place: dict[str, str], shelves: Sequence[_Shelf], options: Options
) -> Iterator[KpiValue]:
    groups = sorted({group for shelf in shelves for group in shelf.items}, key=str)
    parts = [Part(), *(Part(category) for category in sorted({g.category for g in groups}))]
    parts += sorted({Part(g.category, g.brand) for g in groups if g.brand is not None})
    spans = _spans(context, shelves, parts, bool(options["include_unknown"]))
    sides = {category: _pick(shelves, groups, Part(category)) for category in {p.category for p in parts}}
    totals = {category: sum(item.weight for item in below) for category, below in sides.items()}
    coverage = context.coverage_of(place)
    for part, span in zip(parts, spans, strict=True):
        above, below = _pick(shelves, groups, part, own=part.brand is None), sides[part.category]
        low, high, expected = ends(span if below else None)
        yield KpiValue(
            key=key,
            numerator=sum(item.weight for item in above),
            denominator=totals[part.category],
            scope={**place, **part.scope},
            coverage=coverage,
            low=low,
            high=high,
            expected=expected,
            numerator_items=above,
            denominator_items=below,
        )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A bay's facings and gaps by what they count for, and the weight of each facing, 0 for one left out.
    empty: weight of the gaps by category."""

    view: BayView
    items: dict[Group, list[EvidenceItem]]
    weight: Floats
    empty: dict[str, float]


def _shelf(view: BayView, options: Options, weigh: Weigh, weigh_gap: WeighGap) -> _Shelf:
    columns, with_unknown = options["stack"] == "column", bool(options["include_unknown"])
    items: dict[Group, list[EvidenceItem]] = {}
    weights: list[float] = []
    for counted in view.counted:
        weight = None if columns and not counted.base else weigh(counted)
        weights.append(weight or 0.0)
        if weight is not None and (with_unknown or counted.product is not None):
            items.setdefault(counted.group, []).append(facing_item(counted, weight))
    empty: dict[str, float] = {}
    for gap in view.gaps if options["include_gaps"] else ():
        weight = weigh_gap(gap)
        if weight is not None:
            item = EvidenceItem(weight, None, gap.ref, gap.bay, note="empty space")
            items.setdefault(group_of(None, gap.category), []).append(item)
            empty[gap.category] = empty.get(gap.category, 0.0) + weight
    return _Shelf(view, items, np.array(weights), empty)


def _spans(
    context: Context, shelves: Sequence[_Shelf], parts: Sequence[Part], with_unknown: bool
) -> list[Span | None]:
    key = (tuple(shelf.view.key for shelf in shelves), tuple(parts), with_unknown)
    if key not in context.cache:
        sides = [shelf.view.chances.parts(parts, with_unknown) for shelf in shelves]
        context.cache[key] = tuple(np.concatenate(side) for side in zip(*sides, strict=True))
    above, below = context.cache[key]
    fixed = [
        sum(w for s in shelves for category, w in s.empty.items() if part.category in (None, category))
        for part in parts
    ]
    weight = np.concatenate([shelf.weight for shelf in shelves])
    return share_spans(above, below, weight, np.array(fixed))


def _pick(
    shelves: Sequence[_Shelf], groups: Sequence[Group], part: Part, own: bool = False
) -> tuple[EvidenceItem, ...]:
    wanted = [group for group in groups if group.counts(part.category, part.brand, own)]
    return tuple(item for shelf in shelves for group in wanted for item in shelf.items.get(group, ()))
