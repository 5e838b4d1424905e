"""Recognition runs, planograms and assessments for tests, as plain functions; see tests.factories."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from compliance.models import (
    Assessment,
    BayResult,
    Evidence,
    KpiResult,
    OutOfStock,
    Planogram,
    PlanogramPosition,
    PositionResult,
    SkuFact,
)
from compliance.services import rollups
from recognition.models import Facing, RecognitionRun, ShelfGap
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Bay
from retail_exec.visits.models import Photo, Visit
from tests.drawing import CELL, MARGIN, SHELF_BOARD, cell_box

_numbers = itertools.count(1)


def make_run(
    photo: Photo, rows: Sequence[Sequence[Sku | None]], statuses: Sequence[str] = ("accepted",)
) -> RecognitionRun:
    """What was recognised on a photo of ``rows``: a facing for each pack, a gap for each None.

    statuses are given to the facings in turn; an unknown facing keeps its candidates and has no SKU.
    """
    run = RecognitionRun.objects.create(
        organisation=photo.organisation,
        photo=photo,
        detector="detector 1",
        embedder="embedder 1",
        gallery="1",
        pipeline="1",
        width=photo.width,
        height=photo.height,
        shelves=len(rows),
        homography=[1, 0, 0, 0, 1, 0, 0, 0, 1],
        rectified_width=photo.width,
        rectified_height=photo.height,
        shelf_edges=[MARGIN + (CELL[1] + SHELF_BOARD) * shelf + CELL[1] for shelf in range(len(rows))],
        rectified_confidence=0.9,
        cm_per_px=15 / CELL[0],
        quality={"sharpness": 400.0, "brightness": 120.0, "problems": []},
    )
    catalogue = [sku for row in rows for sku in row if sku]
    status = itertools.cycle(statuses)
    for shelf, row in enumerate(rows):
        for position, sku in enumerate(row):
            if sku is None:
                box = cell_box(shelf, position)
                ShelfGap.objects.create(run=run, index=run.gaps.count(), box=box, rect_box=box, shelf=shelf)
            else:
                _make_facing(run, shelf, position, sku, next(status), catalogue)
    Photo.objects.filter(pk=photo.pk).update(state=WorkState.DONE)
    photo.refresh_from_db()
    return run


def _make_facing(
    run: RecognitionRun, shelf: int, position: int, sku: Sku, status: str, catalogue: list[Sku]
) -> None:
    box = cell_box(shelf, position)
    others = [other for other in dict.fromkeys(catalogue) if other != sku][:2]
    similarities = (0.91, 0.74, 0.62)
    Facing.objects.create(
        run=run,
        index=run.facings.count(),
        box=box,
        rect_box=box,
        shelf=shelf,
        position=position,
        detection_score=0.95,
        status=status,
        sku=None if status == "unknown" else sku,
        confidence={"accepted": 0.97, "ambiguous": 0.55, "unknown": 0.8}[status],
        candidates=[
            {"sku": other.code, "similarity": similarity, "packshot": str(other.packshots.first().pk)}
            for other, similarity in zip([sku, *others], similarities, strict=False)
        ],
    )


def make_planogram(
    organisation: Organisation, bays: Sequence[Bay], rows: Sequence[Sequence[Sku]]
) -> Planogram:
    """A plan that has each SKU of ``rows`` once, in that order, for the given bays."""
    planogram = Planogram.objects.create(
        organisation=organisation,
        name=f"Plan {next(_numbers)}",
        width_cm=15 * max(map(len, rows)),
        height_cm=25 * len(rows),
    )
    planogram.bays.set(bays)
    PlanogramPosition.objects.bulk_create(
        PlanogramPosition(
            planogram=planogram,
            shelf=shelf,
            position=position,
            sku=sku,
            x_cm=15 * position,
            y_cm=25 * shelf + 5,
            width_cm=15,
            height_cm=20,
        )
        for shelf, row in enumerate(rows)
        for position, sku in enumerate(row)
    )
    return planogram


def make_assessment(
    visit: Visit, kpis: Sequence[tuple[str, float, float]] = (), missing: Sequence[Sku] = ()
) -> Assessment:
    """The visit's current results, put in place of older ones.

    kpis: (key, numerator, denominator) of the whole visit, with one evidence item for each facing seen.
    missing: SKUs that are out of stock. Every planned position of the store is then missing or correct.
    """
    visit.assessments.update(current=False)
    assessment = Assessment.objects.create(
        organisation=visit.organisation, visit=visit, key=f"{next(_numbers):064}", definition="1"
    )
    seen = Facing.objects.filter(run__photo__visit=visit, run__current=True).select_related(
        "run__photo", "sku"
    )
    Evidence.objects.create(assessment=assessment, items=[_evidence(facing) for facing in seen])
    lines = list(range(len(seen)))
    for key, numerator, denominator in kpis:
        KpiResult.objects.create(
            assessment=assessment,
            key=key,
            numerator=numerator,
            denominator=denominator,
            value=numerator / denominator if denominator else None,
            unit="share",
            coverage=1.0,
            numerator_refs=lines[: int(numerator)],
            denominator_refs=lines,
        )
    for sku in missing:
        OutOfStock.objects.create(assessment=assessment, sku=sku, kind="oos").bays.set(visit.store.bays.all())
        SkuFact.objects.create(assessment=assessment, sku=sku, expected=1, missing=1)
    _make_positions(assessment, missing)
    Visit.objects.filter(pk=visit.pk).update(state=WorkState.DONE)
    rollups.refresh([visit.pk])
    return assessment


def _evidence(facing: Facing) -> list[object]:
    sku = facing.sku.code if facing.sku else None
    bay = str(facing.run.photo.bay_id or "")
    return [1, sku, facing.run.photo_id, facing.run_id, facing.index, "facing", bay, "", ""]


def _make_positions(assessment: Assessment, missing: Sequence[Sku]) -> None:
    for bay in assessment.visit.store.bays.all():
        for planogram in bay.planograms.all():
            BayResult.objects.create(
                assessment=assessment, bay=bay, planogram=planogram, coverage=1.0, fits=True
            )
            for planned in planogram.positions.all():
                gone = planned.sku in missing
                PositionResult.objects.create(
                    assessment=assessment,
                    bay=bay,
                    planned=planned,
                    status="missing" if gone else "correct",
                    credit=0 if gone else 1,
                    lenient_credit=0 if gone else 1,
                    why="Its place is empty." if gone else "Seen where it was planned.",
                )
