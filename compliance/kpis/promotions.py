"""Promotions: what of all they ask for is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.kpis.availability import look
from compliance.kpis.context import Context, Counted
from compliance.kpis.prices import equals, tags_by_sku
from compliance.kpis.registry import Options, kpi
from compliance.kpis.tags import Tag
from compliance.kpis.uncertainty import count_span, ends, level_of, poisson_binomial
from compliance.targets import ElementKind, PromotionElement
from compliance.types import EvidenceItem, FacingRef, KpiValue


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one thing a promotion asks for. found: None where the photos cannot tell. chance: that
    it is there. item: its line of evidence."""

    found: bool | None
    chance: float
    item: EvidenceItem


@kpi(
    "promo_compliance",
    "Promotion compliance",
    "share",
    "What running promotions ask for and photos show (products with their facings, displays, display "
    "material, promotion prices, tags) divided by all they ask for. What the photos cannot tell is left out "
    "of both.",
    revision=2,
)
def promo_compliance(context: Context, options: Options) -> Iterator[KpiValue]:
    promotions = context.visit.targets.promotions
    looked = {p.key: [found for e in p.elements for found in _look(context, e)] for p in promotions}
    if promotions:
        yield _value([found for p in promotions for found in looked[p.key]], {})
    for promotion in promotions:
        yield _value(looked[promotion.key], {"promotion": promotion.name})


def _value(looked: list[Looked], scope: dict[str, str]) -> KpiValue:
    told = [found for found in looked if found.found is not None]
    left = [found.item for found in looked if found.found is None]
    span = count_span([found.chance for found in told], float(len(told)))
    low, high, expected = ends(span)
    return KpiValue(
        key="promo_compliance",
        numerator=float(sum(found.found is True for found in told)),
        denominator=float(len(told)),
        scope=scope,
        coverage=len(told) / len(looked) if looked else None,
        low=low,
        high=high,
        level=level_of(span),
        expected=expected,
        numerator_items=tuple(found.item for found in told if found.found),
        denominator_items=tuple(found.item for found in told),
        note="Not assessed: " + "; ".join(item.note for item in left) + "." if left else "",
    )


def _look(context: Context, element: PromotionElement) -> Iterator[Looked]:
    """Products and prices are asked for one by one; of the others, any product or material will do."""
    skus = sorted(element.skus)
    if element.kind is ElementKind.PRODUCT:
        yield from (_product(context, element, sku) for sku in skus)
    elif element.kind is ElementKind.PRICE:
        yield from (_tag(context, element, [sku]) for sku in skus)
    elif element.kind is ElementKind.TAG:
        yield _tag(context, element, skus)
    else:
        yield _place(context, element)


def _product(context: Context, element: PromotionElement, sku: str) -> Looked:
    seen = [c for c in context.by_ref.values() if c.sku == sku]
    chance = _at_least(element.facings, context.by_ref.values(), frozenset({sku}))
    can_tell = len(seen) >= element.facings or look(context, sku).told_if_absent
    item = _item(element, sku, seen, f"{len(seen)} of {element.facings} facings seen")
    return _looked(item, len(seen) >= element.facings if can_tell else None, chance)


def _place(context: Context, element: PromotionElement) -> Looked:
    """Any of the products or materials, in the display's bay where one is named, else anywhere."""
    wanted = element.bay.strip().casefold()
    views = [v for v in context.bays if not wanted or v.bay.name.strip().casefold() == wanted]
    counted = [c for view in views for c in (*view.counted, *view.materials)]
    seen = [c for c in counted if c.sku in element.skus]
    enough = len(seen) >= element.facings
    said = f"{len(seen)} of {element.facings} seen"
    if not views:
        said = f"the store has no bay named {element.bay}" if wanted else "no bay was photographed"
    elif not all(view.photographed for view in views):
        said += ", not every bay it may stand in was photographed"
    can_tell = enough or (bool(views) and all(view.photographed for view in views))
    sku = next(iter(sorted(element.skus)), None)
    item = _item(element, seen[0].sku if seen else sku, seen, said)
    return _looked(item, enough if can_tell else None, _at_least(element.facings, counted, element.skus))


def _tag(context: Context, element: PromotionElement, skus: list[str]) -> Looked:
    """A tag with the price, or with the words, at one of the products."""
    tags = [tag for sku in skus for tag in tags_by_sku(context).get(sku, ())]
    read = [tag for tag in tags if (tag.price is not None if element.price is not None else tag.text)]
    right = [tag for tag in read if _says(tag, element)]
    wanted = f"{element.price:.2f}" if element.price is not None else f"“{element.text}”"
    if right:
        found, said = True, f"a tag shows {wanted}"
    elif read:
        shown = f"{read[0].price:.2f}" if element.price is not None else " ".join(read[0].text.split())
        found, said = False, f"its tag shows {shown}, expected {wanted}"
    elif tags or not any(view.tags for view in context.bays):
        found, said = None, "no price tag could be read"
    else:
        places = any(look(context, sku).assessed for sku in skus)
        found, said = (
            (False, f"no tag is there, expected {wanted}") if places else (None, "no photo shows its place")
        )
    tag = next(iter((*right, *read, *tags)), None)
    ref, bay = (tag.ref, tag.bay) if tag else (None, "")
    item = EvidenceItem(1.0, skus[0] if skus else None, ref, bay, note=f"{element.name}: {said}")
    return Looked(found, float(found is True), item)


def _says(tag: Tag, element: PromotionElement) -> bool:
    if element.price is not None:
        return tag.price is not None and equals(tag.price, element.price)
    return " ".join(element.text.casefold().split()) in " ".join(tag.text.casefold().split())


def _looked(item: EvidenceItem, found: bool | None, chance: float) -> Looked:
    return Looked(found, chance, item if found is not None else item._replace(ref=None))


def _item(element: PromotionElement, sku: str | None, seen: list[Counted], said: str) -> EvidenceItem:
    ref: FacingRef | None = seen[0].ref if seen else None
    return EvidenceItem(1.0, sku, ref, seen[0].bay if seen else "", note=f"{element.name}: {said}")


def _at_least(number: int, facings: Iterable[Counted], skus: frozenset[str]) -> float:
    """Probability that ``number`` or more of the facings are of ``skus``."""
    chances = (sum(c.chances.get(sku, 0.0) for sku in skus) for c in facings)
    return sum(poisson_binomial(chance for chance in chances if chance > 1e-9)[number:])
