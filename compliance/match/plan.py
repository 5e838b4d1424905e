"""The plan as places on a line: one slot for each planned column, in centimetres from the bay's left edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from compliance.types import BayPhoto, PlannedPosition, Planogram, Product

DEFAULT_WIDTH_CM = 8.0
"""Width of a product of which nobody knows the width; only its order on the shelf counts then."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlanMap:
    """The slots of a plan, as parallel arrays of shape (slots,), ordered by shelf and from left to right.

    positions: the planned positions. owner: index into ``positions``. shelf: row. x, width: centre and
    width of the slot, cm. extent: right end of the bay, cm; its left end is 0. slots_of: slot indices by SKU.
    left, right: ends of each position's block, cm, shape (positions,).
    """

    positions: tuple[PlannedPosition, ...]
    owner: Ints
    shelf: Ints
    x: Floats
    width: Floats
    extent: float
    slots_of: dict[str, Ints]
    left: Floats
    right: Floats

    @property
    def shelves(self) -> int:
        """Number of planned rows."""
        return int(self.shelf[-1]) + 1 if len(self.shelf) else 0

    def on_shelf(self, shelf: int) -> Ints:
        """Slot indices of one row, left to right."""
        return np.flatnonzero(self.shelf == shelf)

    def mirrored(self) -> PlanMap:
        """The same plan for a traffic flow from the other side."""
        x = self.extent - self.x
        order = np.lexsort((x, self.shelf))
        owner = self.owner[order]
        return replace(
            self,
            owner=owner,
            shelf=self.shelf[order],
            x=x[order],
            width=self.width[order],
            left=self.extent - self.right,
            right=self.extent - self.left,
            slots_of=_slots_of(self.positions, owner),
        )


def plan_map(planogram: Planogram, width_of: UnitWidths, bay_width: float | None = None) -> PlanMap:
    """Lay the plan out in centimetres.

    A shelf whose positions all say where they stand keeps that geometry; otherwise its positions follow
    each other from the left with the widths that ``width_of`` gives.
    """
    positions = tuple(sorted(planogram.positions, key=lambda p: (p.shelf, p.position)))
    left, right = _blocks(positions, width_of)
    order = np.lexsort((left, np.array([p.shelf for p in positions])))
    positions = tuple(positions[i] for i in order)
    left, right = left[order], right[order]
    wide = np.array([p.facings_wide for p in positions], dtype=np.int64)
    owner = np.repeat(np.arange(len(positions)), wide)
    column = np.arange(len(owner)) - (np.cumsum(wide) - wide)[owner]
    width = ((right - left) / np.maximum(wide, 1))[owner]
    measured = width_of.scaled or any(p.x_cm is not None for p in positions)
    extent = (planogram.width_cm or bay_width or 0.0) if measured else 0.0
    return PlanMap(
        positions=positions,
        owner=owner,
        shelf=np.array([p.shelf for p in positions], dtype=np.int64)[owner],
        x=left[owner] + (column + 0.5) * width,
        width=width,
        extent=max(extent, float(right.max(initial=0.0))),
        slots_of=_slots_of(positions, owner),
        left=left,
        right=right,
    )


@dataclass(frozen=True, slots=True)
class UnitWidths:
    """Width of one unit by SKU, cm: the catalogue's, else as seen in the photos, else a usual one.

    seen: by SKU, in the same measure. scaled: False when nothing told the photos' scale, so that only the
    widths' proportions mean anything.
    """

    products: dict[str, Product]
    seen: dict[str, float]
    scaled: bool

    def __call__(self, sku: str) -> float:
        product = self.products.get(sku)
        if product is not None and product.width_cm:
            return product.width_cm
        return self.seen.get(sku, DEFAULT_WIDTH_CM)


def unit_widths(products: dict[str, Product], photos: Sequence[BayPhoto]) -> UnitWidths:
    """What the catalogue and the photos tell of widths. A photo's scale comes from products of known width,
    else from recognition, else from products it shares with the photos before it."""
    seen: dict[str, float] = {}
    scaled = False
    for photo in photos:
        pixels: dict[str, list[float]] = {}
        for facing in photo.layout.facings:
            if facing.sku is not None:
                pixels.setdefault(facing.sku, []).append(facing.rect_box[2] - facing.rect_box[0])
        usual = {sku: median(widths) for sku, widths in pixels.items()}
        known = [w / usual[sku] for sku in usual if (p := products.get(sku)) and (w := p.width_cm)]
        shared = [seen[sku] / usual[sku] for sku in usual if sku in seen]
        if known or photo.layout.cm_per_px:
            cm_per_px, scaled = median(known) if known else photo.layout.cm_per_px or 1.0, True
        elif shared:
            cm_per_px = median(shared)
        else:
            cm_per_px = DEFAULT_WIDTH_CM / median(usual.values()) if usual else 1.0
        for sku, width in usual.items():
            seen.setdefault(sku, width * cm_per_px)
    return UnitWidths(products, seen, scaled)


def _blocks(positions: tuple[PlannedPosition, ...], width_of: UnitWidths) -> tuple[Floats, Floats]:
    """Left and right end of each position's block, cm, each of shape (positions,)."""
    width = np.array([p.width_cm or width_of(p.sku) * p.facings_wide for p in positions], dtype=np.float64)
    left = np.zeros(len(positions))
    shelves: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        shelves.setdefault(position.shelf, []).append(index)
    for row in shelves.values():
        placed = [positions[i].x_cm for i in row]
        if None in placed or (len(row) > 1 and len(set(placed)) == 1):
            left[row] = np.cumsum(width[row]) - width[row]
        else:
            left[row] = np.array(placed, dtype=np.float64)
    return left, left + width


def _slots_of(positions: tuple[PlannedPosition, ...], owner: Ints) -> dict[str, Ints]:
    slots: dict[str, list[int]] = {}
    for slot, index in enumerate(owner.tolist()):
        slots.setdefault(positions[index].sku, []).append(slot)
    return {sku: np.array(found, dtype=np.int64) for sku, found in slots.items()}
