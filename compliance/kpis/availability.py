"""Availability: which expected products stand on the shelf, and which do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.kpis.context import Context, Counted
from compliance.kpis.registry import Option, Options, kpi
from compliance.kpis.uncertainty import count_span, ends
from compliance.types import EvidenceItem, FacingRef, KpiValue, PositionResult, PositionStatus

EXPECTED = Option(
    "expected",
    "both",
    "Which products are expected: the must-stock list's (list), the planograms' (planogram) or both.",
    ("both", "list", "planogram"),
)


@dataclass(frozen=True, slots=True)
class Availability:
    """What is known of one expected product.

    seen: its facings. chance: probability that it is on the shelf. told_if_absent: the photos would tell if
    it were not there. planned: it has a place in an assessed position. bays: bays looked at for it. gaps:
    empty space in its places.
    """

    sku: str
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
        seen, missed = _facings(context)
        context.cache[key] = _look(context, sku, tuple(seen.get(sku, ())), 1.0 - missed.get(sku, 1.0))
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
)
def osa(context: Context, options: Options) -> Iterator[KpiValue]:
    found = availability(context, str(options["expected"]))
    yield _value("osa", context, found, present=True)


@kpi(
    "oos_rate",
    "Out-of-stock rate",
    "share",
    "Expected products that do not stand on the shelf divided by expected products: 1 − availability.",
    (EXPECTED,),
    pillar=False,
)
def oos_rate(context: Context, options: Options) -> Iterator[KpiValue]:
    found = availability(context, str(options["expected"]))
    yield _value("oos_rate", context, found, present=False)


@kpi(
    "msl_compliance",
    "Must-stock list compliance",
    "share",
    "Products of the must-stock list that stand on the shelf divided by products of the list.",
)
def msl_compliance(context: Context, options: Options) -> Iterator[KpiValue]:
    if context.visit.expected:
        yield _value("msl_compliance", context, availability(context, "list"), present=True)


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
            yield _value("sku_availability", context, [a], present=True, scope={"sku": a.sku})


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
    for sku in sorted({s for s in seen if s} | {s for s in expected if s in products and products[s].own}):
        first = seen.get(sku)
        items = (EvidenceItem(1.0, sku, first.ref, first.bay),) if first else ()
        yield KpiValue(
            key="distribution",
            numerator=float(first is not None),
            denominator=1.0,
            scope={"sku": sku},
            coverage=context.coverage,
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


def _facings(context: Context) -> tuple[dict[str, list[Counted]], dict[str, float]]:
    """The facings of each product, and the probability that it is not on the shelf."""
    key = ("facings",)
    if key not in context.cache:
        seen: dict[str, list[Counted]] = {}
        missed: dict[str, float] = {}
        for counted in context.by_ref.values():
            if counted.sku is not None:
                seen.setdefault(counted.sku, []).append(counted)
            for sku, chance in counted.chances.items():
                if sku is not None:
                    missed[sku] = missed.get(sku, 1.0) * (1.0 - chance)
        context.cache[key] = seen, missed
    found: tuple[dict[str, list[Counted]], dict[str, float]] = context.cache[key]
    return found


def _look(context: Context, sku: str, seen: tuple[Counted, ...], chance: float) -> Availability:
    """What the photos can tell of a product.

    A product with planned places is assessed where one of them is; one without is assessed when every bay
    that could hold it was photographed: bays without a plan, or, where all bays have one, all of them.
    """
    results = _planned(context).get(sku, [])
    covered = [(bay, r) for bay, r in results if r.status is not PositionStatus.NOT_ASSESSED]
    hidden = len(covered) < len(results)
    places = {bay for bay, _ in results}
    photographed = [view.key for view in context.bays if view.photographed]
    unseen = len(photographed) < len(context.bays) and any(
        not view.photographed and (view.bay.planogram is None or view.key in places) for view in context.bays
    )
    planned = bool(covered)
    looked = bool(photographed)
    return Availability(
        sku=sku,
        seen=seen,
        chance=chance,
        told_if_absent=looked and not hidden and not unseen,
        planned=planned,
        bays=tuple(sorted({bay for bay, _ in covered})) or tuple(photographed),
        gaps=tuple(gap for _, r in covered for gap in r.gaps),
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


def _value(
    key: str,
    context: Context,
    found: list[Availability],
    present: bool,
    scope: dict[str, str] | None = None,
) -> KpiValue:
    assessed = [a for a in found if a.assessed]
    hits = [a for a in assessed if a.present is present]
    chances = [a.chance if present else 1.0 - a.chance for a in assessed]
    low, high, expected = ends(None if scope else count_span(chances, float(len(assessed))))
    left = len(found) - len(assessed)
    return KpiValue(
        key=key,
        numerator=float(len(hits)),
        denominator=float(len(assessed)),
        scope=scope or {},
        coverage=len(assessed) / len(found) if found else None,
        low=low,
        high=high,
        expected=expected,
        numerator_items=tuple(_item(a) for a in hits),
        denominator_items=tuple(_item(a) for a in assessed),
        note=f"{left} expected products not assessed: no photo shows their place." if left else "",
    )


def _item(a: Availability) -> EvidenceItem:
    if a.seen:
        return EvidenceItem(1.0, a.sku, a.seen[0].ref, a.seen[0].bay)
    bay = a.bays[0] if a.bays else ""
    return EvidenceItem(1.0, a.sku, a.gaps[0] if a.gaps else None, bay, note="not on the shelf")
