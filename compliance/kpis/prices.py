"""Price tags against the prices expected, and how many of the tags could be read."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kpis.context import BayView, Context, scopes
from compliance.kpis.registry import Option, Options, kpi
from compliance.kpis.tags import Tag
from compliance.types import EvidenceItem, FacingRef, KpiValue, PositionStatus

TOLERANCE = Option(
    "tolerance", 0.0, "By how much a tag may differ from the expected price, in the shop's currency."
)
CENT = 0.005


@kpi(
    "price_compliance",
    "Price compliance",
    "share",
    "Price tags that show the expected price divided by the price tags that could be read, over products "
    "with an expected price. A running promotion's price stands in place of the usual one.",
    (TOLERANCE,),
)
def price_compliance(context: Context, options: Options) -> Iterator[KpiValue]:
    if not context.visit.targets.prices:
        return
    tolerance = float(str(options["tolerance"]))
    for scope, views in _scopes(context):
        read = [(tag, sku, tag.price) for tag, sku in _priced(context, views) if tag.price is not None]
        lines = [
            (_line(context, tag, sku, price), equals(price, context.visit.targets.prices[sku], tolerance))
            for tag, sku, price in read
        ]
        unread = len(_priced(context, views)) - len(read)
        note = f"Tags that could not be read, on neither side: {unread}." if unread else ""
        yield _value("price_compliance", context, scope, lines, note or _nothing(lines, views))


@kpi(
    "price_readable",
    "Readable price tags",
    "share",
    "Price tags that could be read divided by all price tags seen at products with an expected price.",
)
def price_readable(context: Context, options: Options) -> Iterator[KpiValue]:
    if not context.visit.targets.prices:
        return
    for scope, views in _scopes(context):
        lines = [
            (_line(context, tag, sku, tag.price), tag.price is not None)
            for tag, sku in _priced(context, views)
        ]
        yield _value("price_readable", context, scope, lines, _nothing(lines, views))


def equals(price: float, expected: float, tolerance: float = 0.0) -> bool:
    """Whether a tag shows the expected price, to the cent."""
    return abs(price - expected) < tolerance + CENT


def tags_by_sku(context: Context) -> dict[str, list[Tag]]:
    """The price tags of each product.

    A tag belongs to the product right above it; at a gap, to the product planned there. A tag at a facing
    that stands in another product's place may be either's and is left out.
    """
    key = ("tags",)
    by_sku: dict[str, list[Tag]] | None = context.cache.get(key)
    if by_sku is None:
        by_sku = context.cache[key] = {}
        for view in context.bays:
            if view.tags:
                guests, gaps = _planned_for(view)
                for tag in view.tags:
                    counted = context.by_ref.get(tag.at)
                    sku = gaps.get(tag.at) if counted is None else counted.sku
                    if sku is not None and tag.at not in guests:
                        by_sku.setdefault(sku, []).append(tag)
    return by_sku


def _planned_for(view: BayView) -> tuple[set[FacingRef], dict[FacingRef, str]]:
    """Facings in another product's place, and the one product planned at each gap."""
    guests: set[FacingRef] = set()
    gaps: dict[FacingRef, str] = {}
    for result in view.match.positions if view.match else ():
        if result.status is not PositionStatus.NOT_ASSESSED:
            guests.update(result.guests)
            gaps.update((ref, result.position.sku) for ref in result.gaps)
    return guests, gaps


def _scopes(context: Context) -> Iterator[tuple[dict[str, str], list[BayView]]]:
    """The visit, and each bay with tags."""
    views = [view for view in context.bays if view.photographed]
    for scope, part in scopes(views):
        if not scope or part[0].tags:
            yield scope, list(part)


def _priced(context: Context, views: list[BayView]) -> list[tuple[Tag, str]]:
    """The bays' tags of products with an expected price."""
    bays = {view.key for view in views}
    prices = context.visit.targets.prices
    return [
        (tag, sku)
        for sku, tags in sorted(tags_by_sku(context).items())
        if sku in prices
        for tag in tags
        if tag.bay in bays
    ]


def _line(context: Context, tag: Tag, sku: str, price: float | None) -> EvidenceItem:
    expected = context.visit.targets.prices[sku]
    said = "not readable" if price is None else f"shows {price:.2f}"
    return EvidenceItem(1.0, sku, tag.ref, tag.bay, note=f"{said}, expected {expected:.2f}")


def _value(
    key: str, context: Context, scope: dict[str, str], lines: list[tuple[EvidenceItem, bool]], note: str
) -> KpiValue:
    hits = tuple(item for item, hit in lines if hit)
    return KpiValue(
        key=key,
        numerator=float(len(hits)),
        denominator=float(len(lines)),
        scope=scope,
        coverage=context.coverage_of(scope),
        numerator_items=hits,
        denominator_items=tuple(item for item, _ in lines),
        note=note,
    )


def _nothing(lines: list[tuple[EvidenceItem, bool]], views: list[BayView]) -> str:
    """Why there is no line."""
    if lines:
        return ""
    seen = any(view.tags for view in views)
    return "No price tag at a product with an expected price was read." if seen else "No price tag was seen."
