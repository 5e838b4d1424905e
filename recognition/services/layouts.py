"""ShelfLayout to rows and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Model

from recognition.models import Facing as FacingRow
from recognition.models import PriceTag as PriceTagRow
from recognition.models import RecognitionRun, ShelfGap
from recognition.types import (
    Agreement,
    Box,
    Candidate,
    Facing,
    FacingStatus,
    Gap,
    PriceTag,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)
from retail_exec.catalog.models import Sku
from retail_exec.core.claims import holds
from retail_exec.visits.models import Photo

VERSIONS = ("detector", "embedder", "gallery", "pipeline")
SAME_UNIT_IOU = 0.5


@transaction.atomic
def save_layout(photo: Photo, layout: ShelfLayout) -> RecognitionRun | None:
    """Store ``layout`` as the photo's current run; None if this worker no longer holds the photo's claim.

    A run of the same versions that is there already stays as it is, with people's verdicts on it.
    """
    if not holds(photo):
        return None
    versions = {name: layout.versions.get(name, "") for name in VERSIONS}
    before = RecognitionRun.objects.filter(photo=photo, current=True).first()
    run = RecognitionRun.objects.filter(photo=photo, **versions).first()
    RecognitionRun.objects.filter(photo=photo, current=True).update(current=False)
    if run is not None:
        run.current = True
        run.save(update_fields=["current"])
        return run
    run = _create_run(photo, layout, versions)
    if before is not None:
        _carry_verdicts(before, run)
    return run


@transaction.atomic
def add_run(beside: RecognitionRun, layout: ShelfLayout) -> RecognitionRun:
    """Store ``layout`` as a further run of the photo, with people's verdicts; the current one stays it."""
    versions = {name: layout.versions.get(name, "") for name in VERSIONS}
    run = _create_run(beside.photo, layout, versions, current=False)
    _carry_verdicts(beside, run)
    return run


def _create_run(
    photo: Photo, layout: ShelfLayout, versions: dict[str, str], current: bool = True
) -> RecognitionRun:
    run = RecognitionRun.objects.create(
        organisation_id=photo.organisation_id,
        photo=photo,
        current=current,
        width=layout.width,
        height=layout.height,
        shelves=layout.shelves,
        homography=[float(v) for v in layout.rectified.homography.ravel()],
        rectified_width=layout.rectified.width,
        rectified_height=layout.rectified.height,
        shelf_edges=list(layout.rectified.shelf_edges),
        rectified_confidence=layout.rectified.confidence,
        cm_per_px=layout.cm_per_px,
        quality={
            "sharpness": layout.quality.sharpness,
            "brightness": layout.quality.brightness,
            "problems": list(layout.quality.problems),
        },
        timings_ms=layout.timings_ms,
        **versions,
    )
    skus = dict(Sku.objects.filter(organisation_id=photo.organisation_id).values_list("code", "pk"))
    FacingRow.objects.bulk_create(_facing_row(run, i, f, skus) for i, f in enumerate(layout.facings))
    ShelfGap.objects.bulk_create(
        ShelfGap(run=run, index=i, box=list(g.box), rect_box=list(g.rect_box), shelf=g.shelf)
        for i, g in enumerate(layout.gaps)
    )
    PriceTagRow.objects.bulk_create(_tag_row(run, i, tag) for i, tag in enumerate(layout.price_tags))
    return run


def _tag_row(run: RecognitionRun, index: int, tag: PriceTag) -> PriceTagRow:
    return PriceTagRow(
        run=run,
        index=index,
        box=list(tag.box),
        rect_box=list(tag.rect_box),
        shelf=tag.shelf,
        score=tag.score,
        text=tag.text,
        price=tag.price,
        readable=tag.readable,
    )


def _facing_row(run: RecognitionRun, index: int, facing: Facing, skus: dict[str, int]) -> FacingRow:
    # A SKU deleted while its photo was being recognised leaves an unknown facing.
    sku_id = skus.get(facing.sku) if facing.sku else None
    return FacingRow(
        run=run,
        index=index,
        box=list(facing.box),
        rect_box=list(facing.rect_box),
        shelf=facing.shelf,
        position=facing.position,
        stack=facing.stack,
        detection_score=facing.detection_score,
        status=facing.status if sku_id else FacingStatus.UNKNOWN,
        sku_id=sku_id,
        confidence=facing.confidence,
        verified_by_expectation=facing.verified_by_expectation,
        candidates=[
            {"sku": c.sku, "similarity": round(c.similarity, 4), "packshot": c.packshot}
            | ({} if c.evidence is None else {"evidence": round(c.evidence, 3)})
            | ({"agreement": [round(a, 3) for a in c.agreement]} if c.agreement else {})
            | ({"read": c.read} if c.read else {})
            for c in facing.candidates
        ],
    )


def _carry_verdicts(before: RecognitionRun, run: RecognitionRun) -> None:
    """People's verdicts hold for the same unit in a newer run: the facing that overlaps by half or more."""
    fresh = list(run.facings.all())
    for judged in before.facings.exclude(verdict=""):
        best = max(fresh, key=lambda f: iou(f.box, judged.box), default=None)
        if best is not None and iou(best.box, judged.box) >= SAME_UNIT_IOU:
            best.verdict, best.verdict_sku_id = judged.verdict, judged.verdict_sku_id
            best.save(update_fields=["verdict", "verdict_sku"])


def iou(a: list[float] | Box, b: list[float] | Box) -> float:
    """Intersection over union of two boxes x1, y1, x2, y2 in the same frame, 0..1."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@dataclass(frozen=True)
class Loaded:
    """A run's layout as people's verdicts leave it: facings judged «not a product» are left out, and a judged
    product is certain. rows: the row index of each facing. verdicts: row index, verdict and SKU's id of the
    judged ones."""

    layout: ShelfLayout
    rows: list[int]
    verdicts: list[tuple[int, str, int | None]]


FACING_VALUES = (
    "index",
    "box",
    "rect_box",
    "shelf",
    "position",
    "stack",
    "detection_score",
    "status",
    "sku__code",
    "confidence",
    "candidates",
    "verified_by_expectation",
    "verdict",
    "verdict_sku_id",
    "verdict_sku__code",
)
GAP_VALUES = ("box", "rect_box", "shelf")
TAG_VALUES = ("box", "rect_box", "shelf", "score", "text", "price", "readable")


def load_layout(run: RecognitionRun) -> Loaded:
    """One run's layout."""
    return load_layouts([run])[run.pk]


def load_layouts(runs: Sequence[RecognitionRun]) -> dict[int, Loaded]:
    """Layouts by run id, in three queries.

    Rows come as values: a period that is scored again has millions of facings, and a model instance costs ten
    times as much.
    """
    facings, gaps, tags = (
        _by_run(runs, model, names)
        for model, names in ((FacingRow, FACING_VALUES), (ShelfGap, GAP_VALUES), (PriceTagRow, TAG_VALUES))
    )
    return {
        run.pk: _loaded(run, facings.get(run.pk, []), gaps.get(run.pk, []), tags.get(run.pk, []))
        for run in runs
    }


def _by_run(runs: Sequence[RecognitionRun], model: type[Model], names: Sequence[str]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = model._default_manager.filter(run__in=[run.pk for run in runs]).order_by("run", "index")
    for row in rows.values_list("run_id", *names, named=True):
        found.setdefault(row.run_id, []).append(row)
    return found


def _loaded(run: RecognitionRun, facings: list[Any], gaps: list[Any], tags: list[Any]) -> Loaded:
    rows = [row for row in facings if row.verdict != FacingRow.Verdict.NOT_A_PRODUCT]
    layout = ShelfLayout(
        width=run.width,
        height=run.height,
        quality=Quality(
            True, run.quality["sharpness"], run.quality["brightness"], tuple(run.quality["problems"])
        ),
        rectified=RectifiedShelf(
            np.array(run.homography, dtype=np.float64).reshape(3, 3),
            run.rectified_width,
            run.rectified_height,
            tuple(run.shelf_edges),
            run.rectified_confidence,
        ),
        shelves=run.shelves,
        facings=tuple(_facing(row) for row in rows),
        gaps=tuple(Gap(_box(g.box), _box(g.rect_box), g.shelf) for g in gaps),
        cm_per_px=run.cm_per_px,
        versions={name: getattr(run, name) for name in VERSIONS},
        timings_ms=run.timings_ms,
        price_tags=tuple(
            PriceTag(_box(t.box), _box(t.rect_box), t.shelf, t.score, t.text, t.price, t.readable)
            for t in tags
        ),
    )
    verdicts = [(row.index, row.verdict, row.verdict_sku_id) for row in facings if row.verdict]
    return Loaded(layout, [row.index for row in rows], verdicts)


def _facing(row: Any) -> Facing:
    """row: has ``FACING_VALUES``."""
    sku = row.verdict_sku__code if row.verdict else row.sku__code
    judged = bool(row.verdict)
    certain = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
    return Facing(
        box=_box(row.box),
        rect_box=_box(row.rect_box),
        shelf=row.shelf,
        position=row.position,
        stack=row.stack,
        detection_score=row.detection_score,
        status=certain if judged else FacingStatus(row.status),
        sku=sku,
        confidence=1.0 if judged else row.confidence,
        candidates=tuple(
            Candidate(
                c["sku"],
                c["similarity"],
                str(c["packshot"]),
                c.get("evidence"),
                read=c.get("read", ""),
                agreement=Agreement(*c["agreement"]) if "agreement" in c else None,
            )
            for c in row.candidates
        ),
        verified_by_expectation=row.verified_by_expectation,
    )


def _box(values: list[float]) -> Box:
    return (values[0], values[1], values[2], values[3])
