"""What every KPI looks at: the facings that count, with their products and sizes, bay by bay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

from compliance.kpis.groups import Chances, Group, group_of
from compliance.kpis.tags import Tag, tags_at
from compliance.kpis.uncertainty import outcomes
from compliance.match import count_facings, count_gaps
from compliance.types import (
    BayInput,
    BayMatch,
    BayPhoto,
    EvidenceItem,
    FacingRef,
    KpiValue,
    Product,
    VisitInput,
)
from recognition.types import Facing


class Counted(NamedTuple):
    """One facing that counts.

    sku: the recognised one, or what the plan helped to choose; None when unknown or not in the catalogue.
    product: its product, None likewise. group: what it counts for; an unknown one is of the category that
    most of its shelf is. shelf: planned row where a plan was matched, else the photo's row; -1 where the
    plan has none. base: it is the lowest of its column. width_cm, height_cm: as seen, None while nothing
    gives the scale. chances: probability of each SKU it may be, key None: no product of the catalogue.
    """

    ref: FacingRef
    facing: Facing
    bay: str
    sku: str | None
    product: Product | None
    group: Group
    shelf: int
    base: bool
    width_cm: float | None
    height_cm: float | None
    chances: dict[str | None, float]

    @property
    def own(self) -> bool:
        return self.product is not None and self.product.own

    @property
    def brand(self) -> str | None:
        return self.product.brand if self.product else None


@dataclass(frozen=True, slots=True)
class EmptySpace:
    """A gap that counts. places: products that would fit. category: what most of its shelf is."""

    ref: FacingRef
    bay: str
    category: str
    places: int
    width_cm: float | None
    height_cm: float | None


@dataclass(frozen=True, slots=True)
class BayView:
    """A bay as KPIs see it. counted: its products. materials: its display materials, which are on neither
    side of any share. tags: price tags at either or at a gap. coverage: share of the bay that photos saw,
    0..1. chances: what each of ``counted`` may count for.
    """

    bay: BayInput
    match: BayMatch | None
    counted: tuple[Counted, ...]
    gaps: tuple[EmptySpace, ...]
    coverage: float
    chances: Chances = field(repr=False)
    materials: tuple[Counted, ...] = ()
    tags: tuple[Tag, ...] = ()

    @property
    def key(self) -> str:
        return self.bay.key

    @property
    def photographed(self) -> bool:
        """Whether a usable photo of the bay exists."""
        return any(p.layout.quality.usable for p in self.bay.photos)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a KPI may use. by_ref: every counted facing, of products and materials. cache: what several
    KPIs share, worked out once."""

    visit: VisitInput
    bays: tuple[BayView, ...]
    by_ref: dict[FacingRef, Counted] = field(repr=False)
    cache: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def coverage(self) -> float | None:
        """Mean coverage of the bays, None for a visit without bays."""
        return sum(b.coverage for b in self.bays) / len(self.bays) if self.bays else None

    def coverage_of(self, place: dict[str, str]) -> float | None:
        """Coverage of the bay that a scope names, else of the visit."""
        return next((b.coverage for b in self.bays if b.key == place.get("bay")), self.coverage)


def build_context(visit: VisitInput, matches: dict[str, BayMatch]) -> Context:
    """Collect the facings that count. matches: by bay key, for the bays with a planogram."""
    bays = tuple(_view(bay, visit, matches.get(bay.key)) for bay in visit.bays)
    return Context(visit, bays, {c.ref: c for view in bays for c in (*view.counted, *view.materials)})


def facing_item(counted: Counted, weight: float = 1.0) -> EvidenceItem:
    """The line of evidence for a facing, the same for all KPIs that count it alike."""
    helped = counted.sku is not None and counted.sku != counted.facing.sku
    note = "told from a similar product with the plan's help" if helped else ""
    return EvidenceItem(weight, counted.sku, counted.ref, counted.bay, "", note)


def scopes(views: Sequence[BayView]) -> Iterator[tuple[dict[str, str], Sequence[BayView]]]:
    """What most KPIs are told for: the visit, then each bay."""
    if views:
        yield {}, views
    for view in views:
        yield {"bay": view.key}, [view]


def told(
    context: Context,
    views: Sequence[BayView],
    values: Callable[[dict[str, str], Sequence[BayView]], Iterable[KpiValue]],
) -> Iterator[KpiValue]:
    """``values`` of each of the ``scopes``. Where the visit is one bay, they are worked out once for both."""
    whole: list[KpiValue] = []
    for place, part in scopes(views):
        if place and len(context.bays) == 1:
            yield from (value._replace(scope={**place, **value.scope}) for value in whole)
        else:
            whole = list(values(place, part))
            yield from whole


def _view(bay: BayInput, visit: VisitInput, match: BayMatch | None) -> BayView:
    products, materials = visit.products, visit.targets.materials
    refs = match.counted if match else count_facings(bay)
    gap_refs = match.gaps if match else count_gaps(bay)
    photos = {photo.key: photo for photo in bay.photos}
    scales = {key: cm_per_px(photos[key], bay, products) for key in {r.photo for r in (*refs, *gap_refs)}}
    found = [photos[ref.photo].layout.facings[ref.index] for ref in refs]
    resolved = match.resolved if match else {}
    skus = [resolved.get(ref, facing.sku) for ref, facing in zip(refs, found, strict=True)]
    shelves = match.shelves if match else [facing.shelf for facing in found]
    categories = _shelf_categories(zip(refs, found, skus, strict=True), products)
    lowest = _lowest(zip(refs, found, strict=True))
    counted = []
    for ref, facing, sku, shelf in zip(refs, found, skus, shelves, strict=True):
        product = products.get(sku) if sku is not None else None
        scale, box = scales[ref.photo], facing.rect_box
        counted.append(
            Counted(
                ref=ref,
                facing=facing,
                bay=bay.key,
                sku=sku if product else None,
                product=product,
                group=group_of(product, "" if product else _category(categories, ref.photo, facing.shelf)),
                shelf=shelf,
                base=lowest[ref.photo, facing.shelf, facing.position] == facing.stack,
                width_cm=(box[2] - box[0]) * scale if scale else None,
                height_cm=(box[3] - box[1]) * scale if scale else None,
                chances=outcomes(facing, sku),
            )
        )
    usable = any(p.layout.quality.usable for p in bay.photos)
    coverage = match.coverage if match else float(usable)
    gaps = tuple(_space(ref, photos[ref.photo], bay.key, scales[ref.photo], categories) for ref in gap_refs)
    sold = [c for c in counted if c.sku not in materials]
    return BayView(
        bay=bay,
        match=match,
        counted=tuple(sold),
        gaps=gaps,
        coverage=coverage,
        chances=Chances.of(sold, products),
        materials=tuple(c for c in counted if c.sku in materials),
        tags=tags_at(bay.key, photos, frozenset((*refs, *gap_refs))),
    )


def cm_per_px(photo: BayPhoto, bay: BayInput, products: dict[str, Product]) -> float | None:
    """Scale of a photo's rectified plane: as recognition gives it, else from products of known width, else
    from the bay's width taken to span all facings and gaps; None when nothing tells."""
    layout = photo.layout
    if layout.cm_per_px is not None:
        return layout.cm_per_px
    ratios = [
        width / (f.rect_box[2] - f.rect_box[0])
        for f in layout.facings
        if f.sku is not None and (p := products.get(f.sku)) is not None and (width := p.width_cm)
    ]
    if ratios:
        return median(ratios)
    boxes = [f.rect_box for f in layout.facings] + [g.rect_box for g in layout.gaps]
    if bay.width_cm and boxes:
        return bay.width_cm / (max(b[2] for b in boxes) - min(b[0] for b in boxes))
    return None


def _lowest(found: Iterable[tuple[FacingRef, Facing]]) -> dict[tuple[str, int, int], int]:
    """Lowest counted stack level of each column of each photo."""
    lowest: dict[tuple[str, int, int], int] = {}
    for ref, facing in found:
        key = (ref.photo, facing.shelf, facing.position)
        lowest[key] = min(facing.stack, lowest.get(key, facing.stack))
    return lowest


Categories = Counter[tuple[str, int, str]]
"""How often each category was recognised, by photo and row."""


def _shelf_categories(
    found: Iterable[tuple[FacingRef, Facing, str | None]], products: dict[str, Product]
) -> Categories:
    return Counter(
        (ref.photo, facing.shelf, products[sku].category)
        for ref, facing, sku in found
        if sku is not None and sku in products
    )


def _category(categories: Categories, photo: str, row: int) -> str:
    """The category that most of the row is, else most of the photo, else none."""
    in_row: Counter[str] = Counter()
    in_photo: Counter[str] = Counter()
    for (where, shelf, category), count in categories.items():
        if where == photo:
            in_photo[category] += count
            if shelf == row:
                in_row[category] += count
    counts = in_row or in_photo
    return min(counts, key=lambda c: (-counts[c], c)) if counts else ""


def _space(
    ref: FacingRef, photo: BayPhoto, bay: str, scale: float | None, categories: Categories
) -> EmptySpace:
    gap = photo.layout.gaps[ref.index]
    beside = [f.rect_box[2] - f.rect_box[0] for f in photo.layout.facings if f.shelf == gap.shelf]
    width, height = gap.rect_box[2] - gap.rect_box[0], gap.rect_box[3] - gap.rect_box[1]
    return EmptySpace(
        ref=ref,
        bay=bay,
        category=_category(categories, ref.photo, gap.shelf),
        places=max(1, round(width / median(beside))) if beside else 1,
        width_cm=width * scale if scale else None,
        height_cm=height * scale if scale else None,
    )
