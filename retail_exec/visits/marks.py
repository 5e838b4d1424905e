"""The boxes drawn over a photo: what each is called, how sure it is, and what the planogram says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance.models import BayResult, PositionResult
from recognition.models import Facing, PriceTag, RecognitionRun, ShelfGap
from recognition.types import FacingStatus

LEGEND = {
    "recognition": [
        ("sure", "Recognised"),
        ("unsure", "Please check"),
        ("unknown", "Not in the catalogue"),
        ("checked", "Checked by a person"),
        ("removed", "Not a product"),
        ("gap", "Empty place"),
        ("tag", "Price tag"),
    ],
    "plan": [
        ("correct", "As planned"),
        ("wrong_facings", "Wrong number of facings"),
        ("misplaced", "In the wrong place"),
        ("substituted", "Stands in for another product"),
        ("intruder", "Own product that is not planned here"),
        ("foreign", "Competitor that is not planned here"),
        ("unknown", "Unknown product that is not planned"),
        ("gap", "Empty place"),
        ("none", "Not compared"),
    ],
}
"""Statuses of both ways to colour the boxes, with their meaning."""


@dataclass(frozen=True)
class Mark:
    """One box. x, y, width, height: photo pixels. kind: facing, gap or tag. state, plan: in ``LEGEND``."""

    pk: int
    kind: str
    x: float
    y: float
    width: float
    height: float
    state: str
    plan: str
    label: str


def marks(run: RecognitionRun) -> list[Mark]:
    """The boxes of products and empty places of a run: gaps first, so that products lie above them."""
    plan = plan_status(run.photo.visit_id)
    gaps = [_mark(gap, "gap", "gap", "gap", "Empty place") for gap in run.gaps.all()]
    facings = [
        _mark(facing, "facing", state(facing), plan.get((run.pk, facing.index), "none"), name(facing))
        for facing in run.facings.all()
    ]
    return gaps + facings


def tag_marks(run: RecognitionRun) -> list[Mark]:
    """The boxes of a run's price tags, which are there to look at."""
    return [_mark(tag, "tag", "tag", "none", _says(tag)) for tag in run.price_tags.all()]


def _says(tag: PriceTag) -> str:
    if tag.price is None:
        return "Price tag, not readable"
    return f"Price tag: {tag.price}" + ("" if tag.readable else " (not sure)")


def _mark(row: Facing | ShelfGap | PriceTag, kind: str, status: str, plan: str, label: str) -> Mark:
    x1, y1, x2, y2 = (round(value, 1) for value in row.box)
    return Mark(row.pk, kind, x1, y1, round(x2 - x1, 1), round(y2 - y1, 1), status, plan, label)


def state(facing: Facing) -> str:
    """How a facing is to be read: a person's word first, then how sure the recogniser is."""
    if facing.verdict:
        return "removed" if facing.verdict == Facing.Verdict.NOT_A_PRODUCT else "checked"
    if facing.status == FacingStatus.UNKNOWN or facing.sku_id is None:
        return "unknown"
    return "sure" if facing.status == FacingStatus.ACCEPTED else "unsure"


def name(facing: Facing) -> str:
    """What a facing is, in words."""
    if facing.verdict == Facing.Verdict.NOT_A_PRODUCT:
        return "Not a product"
    product: Any = facing.product
    return product.name or product.code if product else "Not in the catalogue"


def plan_status(visit_id: int) -> dict[tuple[int, int], str]:
    """What the planogram says of each facing of a visit, by (run id, facing index)."""
    current = {"assessment__visit": visit_id, "assessment__current": True}
    found: dict[tuple[int, int], str] = {}
    for extra in BayResult.objects.filter(**current).values_list("unplanned", flat=True):
        found |= {(item["run"], item["index"]): item["kind"] for item in extra}
    for seen, status in PositionResult.objects.filter(**current).values_list("seen", "status"):
        found.update(((run, index), status) for run, index in seen)
    return found
