"""Shelves as drawings: the planned one from its planogram, the seen one from the rectified boxes of a photo.

Everything here is plain geometry for an SVG; the templates draw it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance.models import PlanogramPosition, PositionResult
from recognition.models import Facing, RecognitionRun

SHELF_GAP_CM = 4.0
DEFAULT_WIDTH_CM, DEFAULT_HEIGHT_CM = 10.0, 20.0
EDGE = 0.02
"""Free space around a drawing, in parts of its width."""


@dataclass(frozen=True)
class Box:
    """A rectangle in the drawing's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Place:
    """A planned position. cells: one box a facing. picture: packshot id. result: what became of it."""

    planned: PlanogramPosition
    box: Box
    cells: list[Box]
    picture: int | None
    result: PositionResult | None = None


@dataclass(frozen=True)
class SeenFacing:
    """A facing at its place on the rectified shelf. source: its box in the photo. status: a key of the
    planogram legend in marks.py."""

    facing: Facing
    box: Box
    source: Box
    status: str


@dataclass(frozen=True)
class Board:
    """One drawing. width, height: cm for a plan, rectified pixels for a seen shelf. boards: y of each shelf
    board."""

    width: float
    height: float
    places: list[Place] = field(default_factory=list)
    seen: list[SeenFacing] = field(default_factory=list)
    gaps: list[Box] = field(default_factory=list)
    boards: list[float] = field(default_factory=list)
    run: RecognitionRun | None = None

    @property
    def view_box(self) -> str:
        """The part of the drawing's plane that the SVG shows, with room for outlines."""
        edge = self.width / 100
        return f"{-edge:.2f} {-edge:.2f} {self.width + 2 * edge:.2f} {self.height + 2 * edge:.2f}"


def planned_board(
    positions: list[PlanogramPosition], results: dict[int, PositionResult], pictures: dict[int, int]
) -> Board:
    """The plan to scale. results: by position id. pictures: packshot id by SKU id.

    Where the plan lacks sizes, products stand side by side with the width and height of their SKU.
    """
    boxes = _given(positions) or _side_by_side(positions)
    places = [
        Place(p, box, _cells(p, box), pictures.get(p.sku_id), results.get(p.pk))
        for p, box in zip(positions, boxes, strict=True)
    ]
    width = max((b.x + b.width for b in boxes), default=1.0)
    bottoms: dict[int, float] = {}
    for p, box in zip(positions, boxes, strict=True):
        bottoms[p.shelf] = max(bottoms.get(p.shelf, 0.0), box.y + box.height)
    return Board(
        width, max(bottoms.values(), default=1.0) + SHELF_GAP_CM / 2, places, boards=sorted(bottoms.values())
    )


def _given(positions: list[PlanogramPosition]) -> list[Box] | None:
    """The boxes the plan states, from the top left of what it uses; None if any is missing."""
    stated = [(p.x_cm, p.y_cm, p.width_cm, p.height_cm) for p in positions]
    whole = [(x, y, w, h) for x, y, w, h in stated if None not in (x, y, w, h)]
    if not whole or len(whole) < len(stated):
        return None
    left, top = min(x for x, _, _, _ in whole), min(y for _, y, _, _ in whole)  # type: ignore[type-var]
    return [Box(x - left, y - top, w, h) for x, y, w, h in whole]  # type: ignore[operator, arg-type]


def _side_by_side(positions: list[PlanogramPosition]) -> list[Box]:
    sizes = [
        (
            p.width_cm or p.facings_wide * (p.sku.width_cm or DEFAULT_WIDTH_CM),
            p.height_cm or p.facings_high * (p.sku.height_cm or DEFAULT_HEIGHT_CM),
        )
        for p in positions
    ]
    heights: dict[int, float] = {}
    for p, (_, high) in zip(positions, sizes, strict=True):
        heights[p.shelf] = max(heights.get(p.shelf, 0.0), high)
    boxes, x = [], dict.fromkeys(heights, 0.0)
    for p, (wide, high) in zip(positions, sizes, strict=True):
        bottom = sum(h + SHELF_GAP_CM for shelf, h in heights.items() if shelf < p.shelf) + heights[p.shelf]
        boxes.append(Box(x[p.shelf], bottom - high, wide, high))
        x[p.shelf] += wide
    return boxes


def _cells(planned: PlanogramPosition, box: Box) -> list[Box]:
    wide, high = box.width / planned.facings_wide, box.height / planned.facings_high
    return [
        Box(box.x + column * wide, box.y + row * high, wide, high)
        for row in range(planned.facings_high)
        for column in range(planned.facings_wide)
    ]


def seen_board(run: RecognitionRun, statuses: dict[tuple[int, int], str]) -> Board:
    """The recognised shelf, cut to what stands on it. statuses: by (photo id, facing index)."""
    facings = [f for f in run.facings.all() if f.verdict != Facing.Verdict.NOT_A_PRODUCT]
    gaps = list(run.gaps.all())
    corners = [facing.rect_box for facing in facings] + [gap.rect_box for gap in gaps]
    if not corners:
        return Board(1, 1, run=run)
    left, top = min(c[0] for c in corners), min(c[1] for c in corners)
    right, bottom = max(c[2] for c in corners), max(c[3] for c in corners)
    edge = EDGE * (right - left)
    left, top = left - edge, top - edge
    return Board(
        width=right + edge - left,
        height=bottom + edge - top,
        seen=[
            SeenFacing(f, _moved(f.rect_box, left, top), _moved(f.box), statuses.get((run.pk, f.index), ""))
            for f in facings
        ],
        gaps=[_moved(gap.rect_box, left, top) for gap in gaps],
        boards=[y - top for y in run.shelf_edges if top < y < bottom + edge],
        run=run,
    )


def _moved(corners: list[float], left: float = 0, top: float = 0) -> Box:
    x1, y1, x2, y2 = corners
    return Box(round(x1 - left, 1), round(y1 - top, 1), round(x2 - x1, 1), round(y2 - y1, 1))
