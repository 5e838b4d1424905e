"""Why an expected product is not on the shelf: out of stock, no place for it, or stock on paper only."""

from __future__ import annotations

from compliance.kpis.availability import Availability, availability
from compliance.kpis.context import Context
from compliance.types import FacingRef, OutOfStock


def out_of_stock(context: Context) -> list[OutOfStock]:
    """Expected products that are not on the shelf, as far as the photos can tell."""
    return [_missing(context, a) for a in availability(context) if a.assessed and not a.present]


def _missing(context: Context, gone: Availability) -> OutOfStock:
    tags = _tags(context, gone)
    stock = context.visit.targets.stock.get(gone.sku)
    if stock is not None and stock.units > 0:
        day = f" on {stock.day}" if stock.day else ""
        kind, note = "phantom", f"The stock system had {stock.units:g} units{day}, and none is on the shelf."
    elif not gone.planned:
        kind, note = "void", "It is expected here, and no place is planned for it."
    elif tags:
        kind, note = "oos", "Its place is empty, and its price tag is there."
    elif gone.gaps and _others_have_tags(context, gone):
        kind = "void"
        note = "Its place is empty and has no price tag, while others have one: it may have been taken off."
    else:
        kind, note = "oos", ""
    return OutOfStock(gone.sku, kind, gone.bays, gone.gaps, tags, note)


def _tags(context: Context, gone: Availability) -> tuple[FacingRef, ...]:
    """The price tags at the product's empty places."""
    return tuple(tag.ref for view in context.bays for tag in view.tags if tag.at in gone.gaps)


def _others_have_tags(context: Context, gone: Availability) -> bool:
    """Most columns of the bays have a tag, so that one without says something."""
    views = [view for view in context.bays if view.key in gone.bays]
    places = {(c.ref.photo, c.facing.shelf, c.sku) for view in views for c in view.counted if c.base}
    tagged = {tag.at for view in views for tag in view.tags}
    shown = {(c.ref.photo, c.facing.shelf, c.sku) for view in views for c in view.counted if c.ref in tagged}
    return 2 * len(shown) > len(places)
