"""Put the facings of a bay's photos on the plan, each unit once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from compliance.match.plan import PlanMap
from compliance.match.register import Registration
from compliance.types import BayPhoto, FacingRef
from recognition.types import Facing

SAME_UNIT_OVERLAP = 0.4
"""Two boxes of two photos that share this much of the narrower one's width show the same unit."""
SLIVER = 0.5
"""A unit that the photo's edge cuts counts when at least this part of its width shows."""
EDGE = 0.005
"""A box this near to the photo's edge, part of the photo's width, is cut by it."""


class Placed(NamedTuple):
    """A facing on the plan. shelf: planned row, -1 where the plan has none. x, width: centre and width, cm.
    column: units with the same value stand above each other."""

    ref: FacingRef
    facing: Facing
    shelf: int
    x: float
    width: float
    column: tuple[int, int, int]

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class PlacedGap:
    """Empty space on the plan. shelf: planned row. left, right: cm."""

    ref: FacingRef
    shelf: int
    left: float
    right: float

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        return self.right - self.left


Place = TypeVar("Place", Placed, PlacedGap)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo with its place on the plan. number: its turn among the bay's photos."""

    number: int
    photo: BayPhoto
    registration: Registration

    def facings(self) -> list[Placed]:
        """Every facing of the photo on the plan."""
        placed = []
        for index, facing in enumerate(self.photo.layout.facings):
            left, right = self.registration.x_range(facing.rect_box)
            placed.append(
                Placed(
                    ref=FacingRef(self.photo.key, index),
                    facing=facing,
                    shelf=self.registration.rows.get(facing.shelf, -1),
                    x=(left + right) / 2,
                    width=right - left,
                    column=(self.number, facing.shelf, facing.position),
                )
            )
        return placed

    def units(self, width_of: Callable[[str], float]) -> list[Placed]:
        """The facings without slivers of known products."""
        return [unit for unit in self.facings() if not self._is_sliver(unit, width_of)]

    def _is_sliver(self, unit: Placed, width_of: Callable[[str], float]) -> bool:
        left, _, right, _ = unit.facing.box
        ends = EDGE * self.photo.layout.width, (1 - EDGE) * self.photo.layout.width
        cut = left <= ends[0] or right >= ends[1]
        sku = unit.facing.sku
        return cut and sku is not None and unit.width < SLIVER * width_of(sku)

    def gaps(self) -> list[PlacedGap]:
        """Every gap of the photo that lies on a planned row."""
        rows = self.registration.rows
        return [
            PlacedGap(
                FacingRef(self.photo.key, index, "gap"),
                rows[gap.shelf],
                *self.registration.x_range(gap.rect_box),
            )
            for index, gap in enumerate(self.photo.layout.gaps)
            if gap.shelf in rows
        ]

    def sees(self, places: Sequence[Placed | PlacedGap]) -> NDArray[np.bool_]:
        """Whether this photo shows each place, (places,)."""
        shelf = np.array([p.shelf for p in places], dtype=np.int64)
        x, width = np.array([p.x for p in places]), np.array([p.width for p in places])
        seen = self.registration.sees(self.photo.layout, np.maximum(shelf, 0), x, width)
        return seen & (shelf >= 0)


def _not_in_newer(places: list[Place], newer: list[Shot]) -> list[Place]:
    """The places that none of the newer photos shows."""
    hidden = np.zeros(len(places), dtype=bool)
    for shot in newer if places else []:
        hidden |= shot.sees(places)
    return [place for place, h in zip(places, hidden, strict=True) if not h]


def merge(shots: list[Shot], width_of: Callable[[str], float]) -> list[Placed]:
    """Each unit of the bay once. The newest photo that shows a place says what stands there; of a unit that
    lies across the border of the newer photo, the newer box counts, unless that is a sliver. width_of: usual
    width of a SKU, cm."""
    kept: list[Placed] = []
    for number, shot in reversed(list(enumerate(shots))):
        off_plan = any(k.shelf < 0 for k in kept)
        kept += [
            unit
            for unit in _not_in_newer(shot.units(width_of), shots[number + 1 :])
            if not (unit.shelf < 0 and off_plan) and not _seen_already(unit, kept)
        ]
    return sorted(kept, key=lambda u: (u.shelf, u.x, u.facing.stack))


def merge_gaps(shots: list[Shot]) -> list[PlacedGap]:
    """The empty spaces of all photos, each from the newest photo that shows its place."""
    kept: list[PlacedGap] = []
    for number, shot in reversed(list(enumerate(shots))):
        kept += _not_in_newer(shot.gaps(), shots[number + 1 :])
    return kept


def visible_slots(shots: list[Shot], plan: PlanMap) -> NDArray[np.bool_]:
    """Whether any photo shows each slot of the plan, (slots,)."""
    seen = np.zeros(len(plan.x), dtype=bool)
    for shot in shots:
        seen |= shot.registration.sees(shot.photo.layout, plan.shelf, plan.x, plan.width)
    return seen


def _seen_already(unit: Placed, kept: list[Placed]) -> bool:
    """Whether a newer photo has a box of this very unit."""
    return any(
        unit.shelf == other.shelf
        and unit.facing.stack == other.facing.stack
        and min(unit.right, other.right) - max(unit.left, other.left)
        > SAME_UNIT_OVERLAP * min(unit.width, other.width)
        for other in kept
    )
