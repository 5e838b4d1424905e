"""A whole bay as a drawing to scale, shelves without products too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance.models import Planogram, PlanogramPosition
from compliance.services.plan_layout import Placed, PlanLayout, lay_out

EDGE_CM = 1.0
CM_ON_A_PHONE = 3.2
"""CSS pixels that a centimetre takes at least, so that products can be told apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One facing, cm from the bay's top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """A block with a cell for each facing. picture: packshot id. change: a kind of compare_plans."""

    placed: Placed
    cells: list[Cell]
    picture: int | None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template draws. least_width: CSS pixels."""

    layout: PlanLayout
    places: list[DrawnPlace]

    @property
    def view_box(self) -> str:
        """The bay with room for outlines, and for what stands out of it."""
        boxes = self.layout.placed
        left = min([0.0, *(b.x for b in boxes)]) - EDGE_CM
        top = min([0.0, *(b.y for b in boxes)]) - EDGE_CM
        right = max([self.layout.width, *(b.x + b.width for b in boxes)]) + EDGE_CM
        bottom = max([self.layout.height, *(b.y + b.height for b in boxes)]) + EDGE_CM
        return f"{left:.2f} {top:.2f} {right - left:.2f} {bottom - top:.2f}"

    @property
    def least_width(self) -> int:
        """How narrow the drawing may get."""
        return round(self.layout.width * CM_ON_A_PHONE)


def draw(
    planogram: Planogram,
    positions: Sequence[PlanogramPosition],
    pictures: Mapping[int, int],
    changes: Mapping[int, str] | None = None,
) -> Drawing:
    """The planogram to scale. positions: its own, with ``sku``. pictures: packshot id by SKU id. changes: by
    position id."""
    layout = lay_out(planogram, positions)
    return Drawing(
        layout,
        [
            DrawnPlace(
                one,
                _cells(one),
                pictures.get(one.position.sku_id),
                (changes or {}).get(one.position.pk, ""),
            )
            for one in layout.placed
        ],
    )


def _cells(one: Placed) -> list[Cell]:
    wide = one.width / one.position.facings_wide
    high = one.height / one.position.facings_high
    return [
        Cell(round(one.x + column * wide, 2), round(one.y + row * high, 2), round(wide, 2), round(high, 2))
        for row in range(one.position.facings_high)
        for column in range(one.position.facings_wide)
    ]
