"""Do KPIs computed from recognition agree with those computed from labels of the same photos?

A planogram is made of the labels of one frame and another frame of the same bay is scored against it, twice:
as recognised, and as labelled. What differs is the recogniser's doing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from compliance.assess import assess_visit
from compliance.types import (
    BayInput,
    BayPhoto,
    PlannedPosition,
    Planogram,
    PositionStatus,
    Product,
    VisitAssessment,
    VisitInput,
)
from recognition.training.evaluate.shelves import UNSURE, Frame, Reading, pair
from recognition.types import FacingStatus, ShelfLayout

BAY = "bay"
PLANOGRAM_KPIS = ("planogram_presence", "planogram_shelf", "planogram_position", "planogram_facings")


def as_labelled(reading: Reading, frame: Frame) -> ShelfLayout:
    """The layout of the labelled boxes with the labels' products; a variant counts as its product."""
    truths = {box.box: box for box in frame.boxes if box.sku != UNSURE}
    facings = []
    for facing in reading.true_layout.facings:
        if facing.box in truths:
            sku = truths[facing.box].truth("lenient") or None
            status = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
            facings.append(replace(facing, sku=sku, status=status, confidence=1.0, candidates=()))
    return replace(reading.true_layout, facings=tuple(facings))


def of_labelled_region(frame: Frame, layout: ShelfLayout) -> ShelfLayout:
    """The layout without facings of which the labels say nothing: in ignore regions, or on unsure boxes."""
    kept = {
        id(facing)
        for facing, index in pair(frame, layout)
        if index is None or frame.boxes[index].sku != UNSURE
    }
    return replace(layout, facings=tuple(f for f in layout.facings if id(f) in kept))


def planogram_of(layout: ShelfLayout, name: str) -> Planogram:
    """The plan that the layout follows: neighbouring facings of one product are one position."""
    return Planogram(name, tuple(p for shelf in range(layout.shelves) for p in _positions(layout, shelf)))


def _positions(layout: ShelfLayout, shelf: int) -> Iterator[PlannedPosition]:
    known = [f for f in layout.facings if f.shelf == shelf and f.sku]
    known.sort(key=lambda f: (f.position, f.stack))
    for index, (sku, group) in enumerate(groupby(known, key=lambda f: f.sku)):
        block = list(group)
        wide = len({f.position for f in block})
        high = max(1, round(len(block) / wide))
        yield PlannedPosition(shelf, index, str(sku), wide, high, key=f"{shelf}/{index}")


def compare(
    planogram: Planogram, labelled: ShelfLayout, recognised: ShelfLayout, products: Mapping[str, Product]
) -> dict[str, Any]:
    """KPIs and statuses of one photo from its labels and from recognition, side by side."""
    truth, seen = (_assess(planogram, layout, products) for layout in (labelled, recognised))
    pairs = [
        (a.status, b.status)
        for a, b in zip(truth.matches[BAY].positions, seen.matches[BAY].positions, strict=True)
    ]
    assessed = [(a, b) for a, b in pairs if a is not PositionStatus.NOT_ASSESSED]
    return {
        "planogram": planogram.name,
        "positions": len(pairs),
        "assessed": len(assessed),
        "same_status": sum(a is b for a, b in assessed),
        "statuses": {f"{a} -> {b}": n for (a, b), n in sorted(Counter(pairs).items())},
        "shares": _beside(_brand_shares(labelled, products), _brand_shares(recognised, products)),
        "kpis": _beside(_kpis(truth), _kpis(seen)),
    }


def _assess(planogram: Planogram, layout: ShelfLayout, products: Mapping[str, Product]) -> VisitAssessment:
    bay = BayInput(BAY, planogram.name, (BayPhoto("photo", layout),), planogram)
    return assess_visit(VisitInput((bay,), dict(products)))


def _kpis(assessment: VisitAssessment) -> dict[str, float | None]:
    """The planogram components of the whole visit."""
    return {k.key: k.value for k in assessment.kpis if k.key in PLANOGRAM_KPIS and not k.scope}


def _brand_shares(layout: ShelfLayout, products: Mapping[str, Product]) -> dict[str, float | None]:
    known = [products[f.sku].brand for f in layout.facings if f.sku]
    return {brand: count / len(known) for brand, count in Counter(known).items()}


def _beside(labels: Mapping[str, Any], recognised: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    names = sorted(labels.keys() | recognised.keys())
    return {name: {"labels": labels.get(name), "recognised": recognised.get(name)} for name in names}


def summary(comparisons: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over photos: share of positions with the same status, and absolute differences in points."""
    assessed = sum(c["assessed"] for c in comparisons)

    def points(kind: str) -> float | None:
        pairs = [
            (both["labels"] or 0.0, both["recognised"] or 0.0)
            for c in comparisons
            for both in c[kind].values()
        ]
        return 100 * sum(abs(a - b) for a, b in pairs) / len(pairs) if pairs else None

    return {
        "same_status": sum(c["same_status"] for c in comparisons) / assessed if assessed else None,
        "share_error": points("shares"),
        "planogram_kpi_error": points("kpis"),
        "photos": len(comparisons),
        "positions": assessed,
    }
