"""A stored planogram as rectangles, where it lacks sizes or places too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from compliance.models import Planogram, PlanogramPosition

USUAL_WIDTH_CM, USUAL_HEIGHT_CM = 10.0, 20.0
"""Of one unit of which nobody knows the size."""
ABOVE_CM = 6.0
"""Free height above the products of a shelf of which nobody knows the height."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A position with its block, cm from the bay's top left corner, y down."""

    position: PlanogramPosition
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlanLayout:
    """A bay to scale. boards: y of each shelf's board, cm, falling from the top. stated: whether the plan
    itself says so, rather than its products' sizes."""

    width: float
    height: float
    boards: list[float]
    placed: list[Placed]
    stated: bool


def lay_out(planogram: Planogram, positions: Sequence[PlanogramPosition]) -> PlanLayout:
    """Every position with a block. positions: the planogram's, with ``sku``.

    Where the plan does not say how wide or high a block is, its SKU does, or else a usual size; products
    without a place follow each other from the left and stand on their boards.
    """
    sizes = [_size(p) for p in positions]
    lefts = _lefts(positions, sizes)
    shelves = max([len(planogram.boards_cm), *(p.shelf + 1 for p in positions)], default=0)
    boards = _boards(planogram, positions, sizes, shelves)
    placed = []
    for p, (width, height), x in zip(positions, sizes, lefts, strict=True):
        stated = p.y_cm is not None and p.height_cm is not None
        y = p.y_cm if stated and p.y_cm is not None else boards[p.shelf] - height
        placed.append(Placed(p, x, y, width, height))
    right = max((one.x + one.width for one in placed), default=0.0)
    return PlanLayout(
        width=planogram.width_cm or right or 100.0,
        height=max(planogram.height_cm or 0.0, boards[-1] if boards else 0.0) or 100.0,
        boards=boards,
        placed=placed,
        stated=len(planogram.boards_cm) == shelves and planogram.width_cm is not None,
    )


def _size(p: PlanogramPosition) -> tuple[float, float]:
    width = p.width_cm or p.facings_wide * (p.sku.width_cm or USUAL_WIDTH_CM)
    return width, p.height_cm or p.facings_high * (p.sku.height_cm or USUAL_HEIGHT_CM)


def _lefts(positions: Sequence[PlanogramPosition], sizes: Sequence[tuple[float, float]]) -> list[float]:
    """Left edge of each block: as the plan says where it says so for a whole shelf (see match/plan.py)."""
    lefts = [0.0] * len(positions)
    shelves: dict[int, list[int]] = {}
    for index, p in enumerate(positions):
        shelves.setdefault(p.shelf, []).append(index)
    for row in shelves.values():
        row.sort(key=lambda index: positions[index].position)
        said = [positions[index].x_cm for index in row]
        x = 0.0
        for index, given in zip(row, said, strict=True):
            apart = None not in said and (len(row) == 1 or len(set(said)) > 1)
            lefts[index] = given if apart and given is not None else x
            x += sizes[index][0]
    return lefts


def _boards(
    planogram: Planogram,
    positions: Sequence[PlanogramPosition],
    sizes: Sequence[tuple[float, float]],
    shelves: int,
) -> list[float]:
    """y of each board: the plan's, else the lowest product's bottom, else one shelf under the other."""
    if len(planogram.boards_cm) == shelves:
        return list(planogram.boards_cm)
    bottoms: dict[int, float] = {}
    heights = dict.fromkeys(range(shelves), USUAL_HEIGHT_CM + ABOVE_CM)
    whole = bool(positions)
    for p, (_, height) in zip(positions, sizes, strict=True):
        heights[p.shelf] = max(heights[p.shelf] if p.shelf in bottoms else 0.0, height + ABOVE_CM)
        bottoms[p.shelf] = max(bottoms.get(p.shelf, 0.0), (p.y_cm or 0.0) + height)
        whole = whole and p.y_cm is not None
    if whole and len(bottoms) == shelves:
        boards = [bottoms[shelf] for shelf in range(shelves)]
        if all(a < b for a, b in pairwise(boards)):
            return boards
    ends, y = [], 0.0
    for shelf in range(shelves):
        y += heights[shelf]
        ends.append(y)
    return ends
