"""Price tags: which product each belongs to. A price never alters what a facing or position is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from compliance.types import BayPhoto, FacingRef
from recognition.types import Box, PriceTag, ShelfLayout


@dataclass(frozen=True, slots=True)
class Tag:
    """A price tag at a facing or gap that counts. ref: of the tag. at: of the facing or gap. price: None
    where none could be read."""

    ref: FacingRef
    bay: str
    at: FacingRef
    price: float | None
    text: str


def tags_at(bay: str, photos: Mapping[str, BayPhoto], counted: frozenset[FacingRef]) -> tuple[Tag, ...]:
    """The tags of a bay's photos, each at what stands or is missing right above it.

    counted: the facings and gaps that count. A tag below another photo's view of the same unit is left out
    with that view, so that overlapping photos show no tag twice.
    """
    found = []
    for key, photo in photos.items():
        places = _places(key, photo.layout)
        for index, tag in enumerate(photo.layout.price_tags):
            at = _above(tag, places.get(tag.shelf, []))
            if at in counted and at is not None:
                price = float(tag.price) if tag.readable and tag.price is not None else None
                found.append(Tag(FacingRef(key, index, "tag"), bay, at, price, tag.text))
    return tuple(found)


def _places(photo: str, layout: ShelfLayout) -> dict[int, list[tuple[Box, FacingRef]]]:
    """By row: what stands on the board, and the gaps. Without tags nobody asks."""
    rows: dict[int, list[tuple[Box, FacingRef]]] = {}
    if layout.price_tags:
        for index, facing in enumerate(layout.facings):
            if facing.stack == 0:
                rows.setdefault(facing.shelf, []).append((facing.rect_box, FacingRef(photo, index)))
        for index, gap in enumerate(layout.gaps):
            rows.setdefault(gap.shelf, []).append((gap.rect_box, FacingRef(photo, index, "gap")))
    return rows


def _above(tag: PriceTag, row: list[tuple[Box, FacingRef]]) -> FacingRef | None:
    """What the tag's middle is below, or beside by at most half a usual width; None for a tag at nothing."""
    if not row:
        return None
    middle = (tag.rect_box[0] + tag.rect_box[2]) / 2
    reach = median(box[2] - box[0] for box, _ in row) / 2
    distance, at = min((max(box[0] - middle, middle - box[2], 0.0), ref) for box, ref in row)
    return at if distance <= reach else None
