"""Availability: which expected products stand on the shelf, and which do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from compliance.kpis.context import Context, Counted
from compliance.kpis.registry import Option, Options, kpi
from compliance.kpis.uncertainty import count_span, ends, level_of
from compliance.types import EvidenceItem, FacingRef, KpiValue, PositionResult, PositionStatus

EXPECTED = Option(
    "expected",
    "both",
    "Which products are expected: the must-stock list's (list), the planograms' (planogram) or both.",
    ("both", "list", "planogram"),
)


class Availability(NamedTuple):
    """What is known of one expected product.

    item: its line of evidence. seen: its facings. chance: probability that it is on the shelf.
    told_if_absent: the photos would tell if it were not there. planned: it has a place in an assessed
    position. bays: bays looked at for it. gaps: empty space in its places.
    """

    sku: str
    item: EvidenceItem
    seen: tuple[Counted, ...]
    chance: float
    told_if_absent: bool
    planned: bool
    bays: tuple[str, ...]
    gaps: tuple[FacingRef, ...]

    @property
    def present(self) -> bool:
        return bool(self.seen)

    @property
    def assessed(self) -> bool:
        """The photos can tell whether it is there."""
        return self.present or self.told_if_absent


def availability(context: Context, expected: str = "both") -> list[Availability]:
    """Every expected product, by SKU. expected: see the option of that name."""
    key = ("availability", expected)
    if key not in context.cache:
        context.cache[key] = _availability(context, expected)
    found: list[Availability] = context.cache[key]
    return found


def look(context: Context, sku: str) -> Availability:
    """What the photos can tell of any product."""
    key = ("look", sku)
    if key not in context.cache:
        context.cache[key] = _look(context, sku)
    found: Availability = context.cache[key]
    return found


@kpi(
    "osa",
    "On-shelf availability",
    "share",
    "Expected products that stand on the shelf divided by expected products. A product whose place no "
    "photo shows "
    "is not assessed and is left out of both.",
    (EXPECTED,),
    revision=2,
)
def osa(context: Context, options: Options) -> Iterator[KpiValue]:
    found = availability(context, str(options["expected"]))
    yield _value("osa", found, present=True)


@kpi(
    "oos_rate",
    "Out-of-stock rate",
    "share",
    "Expected products that do not stand on the shelf divided by expected products: 1 − availability.",
    (EXPECTED,),
    pillar=False,
    revision=2,
)
def oos_rate(context: Context, options: Options) -> Iterator[KpiValue]:
    found = availability(context, str(options["expected"]))
    yield _value("oos_rate", found, present=False)


@kpi(
    "msl_compliance",
    "Must-stock list compliance",
    "share",
    "Products of the must-stock list that stand on the shelf divided by products of the list.",
    revision=2,
)
def msl_compliance(context: Context, options: Options) -> Iterator[KpiValue]:
    if context.visit.expected:
        yield _value("msl_compliance", availability(context, "list"), present=True)


@kpi(
    "sku_availability",
    "Availability of a product",
    "share",
    "1 where an expected product stands on the shelf, 0 where not. Summed over stores: stores with the "
    "product "
    "divided by stores where it is expected.",
    (EXPECTED,),
    pillar=False,
)
def sku_availability(context: Context, options: Options) -> Iterator[KpiValue]:
    for a in availability(context, str(options["expected"])):
        if a.assessed:
            yield KpiValue(
                key="sku_availability",
                numerator=float(a.present),
                denominator=1.0,
                scope={"sku": a.sku},
                coverage=1.0,
                numerator_items=(a.item,) if a.present else (),
                denominator_items=(a.item,),
            )


@kpi(
    "distribution",
    "Numeric distribution",
    "share",
    "1 where an own product stands on the shelf, 0 where it is expected and does not. Summed over "
    "stores: outlets "
    "that have the product divided by relevant outlets.",
    pillar=False,
)
def distribution(context: Context, options: Options) -> Iterator[KpiValue]:
    products = context.visit.products
    seen = {c.sku: c for view in context.bays for c in view.counted if c.own}
    expected = {a.sku: a for a in availability(context) if a.assessed}
    coverage = context.coverage
    for sku in sorted({s for s in seen if s} | {s for s in expected if s in products and products[s].own}):
        first = seen.get(sku)
        items = (EvidenceItem(1.0, sku, first.ref, first.bay),) if first else ()
        yield KpiValue(
            key="distribution",
            numerator=float(first is not None),
            denominator=1.0,
            scope={"sku": sku},
            coverage=coverage,
            numerator_items=items,
            denominator_items=items or (EvidenceItem(1.0, sku, note="not seen"),),
        )


def _availability(context: Context, expected: str) -> list[Availability]:
    skus: set[str] = set()
    if expected in ("both", "list"):
        skus |= context.visit.expected
    if expected in ("both", "planogram"):
        skus |= {p.sku for bay in context.visit.bays if bay.planogram for p in bay.planogram.positions}
    return [look(context, sku) for sku in sorted(skus)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the visit's photos show, by product.

    facings: of each product. missed: the probability that it is not on the shelf. photographed: keys of the
    bays with a usable photo. hidden: those without, key and whether it has a plan.
    """

    facings: dict[str, list[Counted]]
    missed: dict[str, float]
    photographed: tuple[str, ...]
    hidden: list[tuple[str, bool]]


def _seen(context: Context) -> _Seen:
    key = ("seen",)
    if key not in context.cache:
        facings: dict[str, list[Counted]] = {}
        missed: dict[str, float] = {}
        for counted in context.by_ref.values():
            if counted.sku is not None:
                facings.setdefault(counted.sku, []).append(counted)
            for sku, chance in counted.chances.items():
                if sku is not None:
                    missed[sku] = missed.get(sku, 1.0) * (1.0 - chance)
        photographed = tuple(view.key for view in context.bays if view.photographed)
        hidden = [(v.key, v.bay.planogram is not None) for v in context.bays if v.key not in photographed]
        context.cache[key] = _Seen(facings, missed, photographed, hidden)
    found: _Seen = context.cache[key]
    return found


def _look(context: Context, sku: str) -> Availability:
    """What the photos can tell of a product.

    A product with planned places is assessed where one of them is; one without is assessed when every bay
    that could hold it was photographed: bays without a plan, or, where all bays have one, all of them.
    """
    visit = _seen(context)
    seen = tuple(visit.facings.get(sku, ()))
    results = _planned(context).get(sku, [])
    covered = [(bay, r) for bay, r in results if r.status is not PositionStatus.NOT_ASSESSED]
    unseen = False
    if visit.hidden:
        places = {bay for bay, _ in results}
        unseen = any(not has_plan or bay in places for bay, has_plan in visit.hidden)
    bays = tuple(sorted({bay for bay, _ in covered})) or visit.photographed
    gaps = tuple(gap for _, r in covered for gap in r.gaps)
    if seen:
        item = EvidenceItem(1.0, sku, seen[0].ref, seen[0].bay)
    else:
        first = bays[0] if bays else ""
        item = EvidenceItem(1.0, sku, gaps[0] if gaps else None, first, note="not on the shelf")
    return Availability(
        sku=sku,
        item=item,
        seen=seen,
        chance=1.0 - visit.missed.get(sku, 1.0),
        told_if_absent=bool(visit.photographed) and len(covered) == len(results) and not unseen,
        planned=bool(covered),
        bays=bays,
        gaps=gaps,
    )


def _planned(context: Context) -> dict[str, list[tuple[str, PositionResult]]]:
    """The planned positions of each SKU with their bays."""
    key = ("planned",)
    by_sku: dict[str, list[tuple[str, PositionResult]]] | None = context.cache.get(key)
    if by_sku is None:
        by_sku = context.cache[key] = {}
        for view in context.bays:
            for result in view.match.positions if view.match else ():
                by_sku.setdefault(result.position.sku, []).append((view.key, result))
    return by_sku


def _value(key: str, found: list[Availability], present: bool) -> KpiValue:
    assessed = [a for a in found if a.assessed]
    hits = [a for a in assessed if a.present is present]
    chances = [a.chance if present else 1.0 - a.chance for a in assessed]
    span = count_span(chances, float(len(assessed)))
    low, high, expected = ends(span)
    left = len(found) - len(assessed)
    return KpiValue(
        key=key,
        numerator=float(len(hits)),
        denominator=float(len(assessed)),
        scope={},
        coverage=len(assessed) / len(found) if found else None,
        low=low,
        high=high,
        level=level_of(span),
        expected=expected,
        numerator_items=tuple(a.item for a in hits),
        denominator_items=tuple(a.item for a in assessed),
        note=f"{left} expected products not assessed: no photo shows their place." if left else "",
    )
