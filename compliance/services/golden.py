"""A planogram from a photo: a shelf as it should be becomes the plan of its bay, as a draft to finish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import transaction

from compliance.models import Planogram, PlanogramPosition
from compliance.services.edit_document import Problem, RefusedPlanError
from compliance.services.plan_layout import ABOVE_CM, USUAL_WIDTH_CM
from recognition.models import Facing, RecognitionRun
from recognition.types import FacingStatus
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.catalog.models import Sku
from retail_exec.core.audit import record
from retail_exec.visits.models import Photo

TOGETHER = 0.6
"""Neighbours of one product are one block if the space between them is less than this part of a unit."""


@dataclass
class Column:
    """The facings of one product above each other at one place of a shelf. Sizes in cm from the top left of
    what the photo shows, y down."""

    sku: Sku
    shelf: int
    x: float
    width: float
    top: float
    bottom: float
    facings: int = 1


@dataclass
class Block:
    """Neighbouring columns of one product."""

    columns: list[Column] = field(default_factory=list)

    @property
    def high(self) -> int:
        """Facings above each other: as most columns have them, the larger number of two as frequent."""
        counts = Counter(column.facings for column in self.columns)
        return max(counts, key=lambda number: (counts[number], number))


@transaction.atomic
def planogram_from_photo(member: Membership, photo: Photo) -> Planogram:
    """A draft of what a recognised photo shows, for the photo's bay if it has one.

    Products that were recognised or named by a person become positions, neighbours of one product a block;
    unsure and unknown facings are kept aside in ``unplaced``. Raises RefusedPlanError when there is no
    product to start from.
    """
    run = RecognitionRun.objects.filter(photo=photo, current=True).first()
    facings = (
        list(run.facings.select_related("sku", "verdict_sku").order_by("shelf", "position", "stack"))
        if run
        else []
    )
    facings = [f for f in facings if f.verdict != Facing.Verdict.NOT_A_PRODUCT]
    known = [f for f in facings if product(f) is not None]
    if run is None or not known:
        raise RefusedPlanError(
            [Problem("photo", "no product is recognised on this photo, so there is no plan to make.")]
        )
    frame = _Frame(run, facings, known)
    blocks = [block for shelf in range(run.shelves) for block in _blocks(frame.columns(shelf))]
    plan = _create(member, photo, frame)
    PlanogramPosition.objects.bulk_create(_positions(plan, blocks, frame))
    record(member, "planogram made from a photo", plan, photo=photo.pk, unplaced=len(plan.unplaced))
    return plan


def product(facing: Facing) -> Sku | None:
    """The product that a facing surely shows: a person's word, or an accepted recognition."""
    if facing.verdict:
        return facing.verdict_sku
    return facing.sku if facing.status == FacingStatus.ACCEPTED else None


class _Frame:
    """Rectified pixels to centimetres of the plan."""

    def __init__(self, run: RecognitionRun, facings: list[Facing], known: list[Facing]) -> None:
        self.run, self.facings = run, facings
        self.scale = _scale(run, known)
        self.left = min(f.rect_box[0] for f in facings)
        self.top = min(f.rect_box[1] for f in facings) - ABOVE_CM / self.scale

    def x(self, pixels: float) -> float:
        return round((pixels - self.left) * self.scale, 1)

    def y(self, pixels: float) -> float:
        return round((pixels - self.top) * self.scale, 1)

    @property
    def width(self) -> float:
        return self.x(max(f.rect_box[2] for f in self.facings))

    def boards(self) -> list[float]:
        """y of each shelf's board: the seen edges, or where products stand."""
        run = self.run
        bottoms = [
            [f.rect_box[3] for f in self.facings if f.shelf == shelf and f.stack == 0]
            for shelf in range(run.shelves)
        ]
        edges = list(run.shelf_edges) if len(run.shelf_edges) == run.shelves else []
        boards: list[float] = []
        for shelf, found in enumerate(bottoms):
            seen = edges[shelf] if edges else median(found) if found else None
            least = (boards[-1] if boards else 0.0) + 1.0
            boards.append(max(self.y(seen), least) if seen is not None else least + ABOVE_CM)
        return boards

    def columns(self, shelf: int) -> list[Column]:
        """The known columns of a shelf, left to right; one above another of the same product adds to it."""
        found: list[Column] = []
        for f in (f for f in self.facings if f.shelf == shelf):
            sku = product(f)
            if sku is None:
                continue
            x1, y1, x2, y2 = f.rect_box
            last = next(
                (c for c in reversed(found) if c.sku == sku and _over(c, self.x(x1), self.x(x2))), None
            )
            if last is not None:
                last.facings += 1
                last.top = min(last.top, self.y(y1))
                continue
            found.append(Column(sku, shelf, self.x(x1), self.x(x2) - self.x(x1), self.y(y1), self.y(y2)))
        return sorted(found, key=lambda column: (column.x, -column.bottom))

    def unplaced(self) -> list[dict[str, Any]]:
        """Facings without a sure product, with their boxes in cm."""
        return [
            {
                "facing": f.pk,
                "shelf": f.shelf,
                "x_cm": self.x(f.rect_box[0]),
                "y_cm": self.y(f.rect_box[1]),
                "width_cm": round((f.rect_box[2] - f.rect_box[0]) * self.scale, 1),
                "height_cm": round((f.rect_box[3] - f.rect_box[1]) * self.scale, 1),
            }
            for f in self.facings
            if product(f) is None
        ]


def _over(column: Column, left: float, right: float) -> bool:
    """Whether a facing stands above or below a column: they share half of the narrower one's width."""
    both = min(column.x + column.width, right) - max(column.x, left)
    return both > 0.5 * min(column.width, right - left)


def _scale(run: RecognitionRun, known: Sequence[Facing]) -> float:
    """cm a rectified pixel: from products of known width, else from recognition, else from a usual width."""
    pixels: dict[int, list[float]] = {}
    widths: dict[int, float | None] = {}
    for facing in known:
        sku = product(facing)
        if sku is not None:
            pixels.setdefault(sku.pk, []).append(facing.rect_box[2] - facing.rect_box[0])
            widths[sku.pk] = sku.width_cm
    told = [width / median(pixels[pk]) for pk, width in widths.items() if width]
    if told:
        return median(told)
    return run.cm_per_px or USUAL_WIDTH_CM / median(median(one) for one in pixels.values())


def _blocks(columns: Sequence[Column]) -> list[Block]:
    blocks: list[Block] = []
    for column in columns:
        last = blocks[-1].columns[-1] if blocks else None
        near = last is not None and column.x - last.x - last.width < TOGETHER * column.width
        if last is not None and last.sku == column.sku and near:
            blocks[-1].columns.append(column)
        else:
            blocks.append(Block([column]))
    return blocks


def _create(member: Membership, photo: Photo, frame: _Frame) -> Planogram:
    owner = member.organisation_id
    # One at a time, so that versions count without holes.
    Organisation.objects.select_for_update(no_key=True).get(pk=owner)
    store = photo.visit.store
    name = f"{photo.bay or 'Shelf'} as in {store}"[:200]
    newest = Planogram.objects.filter(organisation_id=owner, name=name).order_by("-version").first()
    boards = frame.boards()
    bay_width = photo.bay.width_cm if photo.bay else None
    plan = Planogram.objects.create(
        organisation_id=owner,
        name=name,
        version=newest.version + 1 if newest else 1,
        draft=True,
        width_cm=max(bay_width or 0.0, frame.width),
        height_cm=boards[-1] + 2.0,
        boards_cm=boards,
        unplaced=frame.unplaced(),
        photo=photo,
        source=f"A photo of {photo.visit.started_at:%d %b %Y}",
        changed_by=member.user,
    )
    plan.bays.set([photo.bay] if photo.bay else [])
    return plan


def _positions(plan: Planogram, blocks: Sequence[Block], frame: _Frame) -> list[PlanogramPosition]:
    """Blocks with the sizes of their SKUs, or as seen, standing on their boards without overlap."""
    seen: dict[int, list[Column]] = {}
    for block in blocks:
        for column in block.columns:
            seen.setdefault(column.sku.pk, []).append(column)
    found: list[PlanogramPosition] = []
    ends: dict[int, float] = {}
    numbers: Counter[int] = Counter()
    for block in blocks:
        first, columns = block.columns[0], seen[block.columns[0].sku.pk]
        wide = first.sku.width_cm or round(median(c.width for c in columns), 1)
        high = first.sku.height_cm or round(median((c.bottom - c.top) / c.facings for c in columns), 1)
        board = plan.boards_cm[first.shelf]
        # What stands on another product keeps its height above the board; seen edges are a little uneven.
        lifted = board - first.bottom > 0.5 * high
        x = first.x if lifted else max(first.x, ends.get(first.shelf, 0.0))
        if not lifted:
            ends[first.shelf] = round(x + wide * len(block.columns), 1)
        found.append(
            PlanogramPosition(
                planogram=plan,
                shelf=first.shelf,
                position=numbers[first.shelf],
                sku=first.sku,
                facings_wide=len(block.columns),
                facings_high=block.high,
                x_cm=x,
                y_cm=round((first.bottom if lifted else board) - high * block.high, 1),
                width_cm=round(wide * len(block.columns), 2),
                height_cm=round(high * block.high, 2),
            )
        )
        numbers[first.shelf] += 1
    return found
