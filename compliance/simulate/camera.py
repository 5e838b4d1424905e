"""Photograph a made-up bay: perfect recognition of a window of it, apart from what the events say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compliance.simulate.store import SHELF_CM, Block, Rng, Store
from recognition.types import (
    Box,
    Candidate,
    Facing,
    FacingStatus,
    Gap,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)

DETECTED = 0.6
"""A unit cut by the photo's edge is found when this part of its width shows."""
SMALLEST_GAP_CM = 5.0


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the bay a photo shows: cm along the shelf, shelves from first to last."""

    left: float
    right: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit in view, cut at the photo's edge. index: its column in the block. left, right: cm."""

    block: Block
    index: int
    stack: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class View:
    """A camera before the bay. scale: rectified px a cm. slant: error of the rectification, cm a cm of
    height. tilt: (3, 3), photo px -> rectified px."""

    window: Window
    scale: float
    slant: float
    tilt: NDArray[np.float64]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photo, px."""
        rows = self.window.last - self.window.first + 1
        return int((self.window.right - self.window.left) * self.scale), int(rows * SHELF_CM * self.scale)

    def bounds(self, shelf: int) -> tuple[float, float]:
        """Ends of what the photo shows of a shelf, cm; nothing of a shelf outside the window."""
        if not self.window.first <= shelf <= self.window.last:
            return 0.0, 0.0
        h = np.linalg.inv(self.tilt)
        floor = (shelf - self.window.first + 0.6) * SHELF_CM
        y = floor * self.scale
        ends = [
            (u * (h[2, 1] * y + h[2, 2]) - h[0, 1] * y - h[0, 2]) / (h[0, 0] - u * h[2, 0])
            for u in (0.0, float(self.size[0]))
        ]
        left, right = (float(x) / self.scale + self.window.left - self.slant * floor for x in ends)
        return left, right

    def rect(self, left: float, right: float, shelf: int, bottom: float, height: float) -> Box:
        """Rectified box of something that stands ``bottom`` cm above its shelf board."""
        floor = (shelf - self.window.first + 1) * SHELF_CM - 2.0 - bottom
        x = self.slant * (floor - height / 2) - self.window.left
        top, low = (floor - height) * self.scale, floor * self.scale
        return (left + x) * self.scale, top, (right + x) * self.scale, low

    def photo(self, box: Box) -> Box:
        """Bounding box of a rectified box in the photo."""
        corners = np.array([[x, y, 1.0] for x in (box[0], box[2]) for y in (box[1], box[3])])
        moved = corners @ np.linalg.inv(self.tilt).T
        points = moved[:, :2] / moved[:, 2:]
        (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
        return float(x1), float(y1), float(x2), float(y2)


def place(rng: Rng, window: Window) -> View:
    """A camera that shows about the window, not quite straight."""
    tilt = np.array([[1, rng.normal(0, 0.02), 0], [rng.normal(0, 0.02), 1, 0], [0, rng.normal(0, 1e-5), 1]])
    return View(window, float(rng.uniform(6, 14)), float(rng.normal(0, 0.01)), tilt)


def units(store: Store, view: View) -> Iterator[tuple[int, list[Unit]]]:
    """Each shelf in view with its units, left to right."""
    for shelf in range(view.window.first, view.window.last + 1):
        row = []
        first, last = view.bounds(shelf)
        for block in store.row(shelf):
            for index in block.columns:
                left = block.x + index * block.unit
                right = left + block.unit
                ends = max(left, first), min(right, last)
                if ends[1] - ends[0] >= DETECTED * block.unit:
                    row += [Unit(block, index, stack, *ends) for stack in range(block.high)]
        yield shelf, row


def photograph(rng: Rng, store: Store, view: View) -> ShelfLayout:
    """The layout of a photo, with small errors in the boxes."""
    facings: list[Facing] = []
    gaps: list[Gap] = []
    for shelf, shown in units(store, view):
        row = shelf - view.window.first
        columns: dict[tuple[int, int], int] = {}
        for unit in shown:
            position = columns.setdefault((id(unit.block), unit.index), len(columns))
            facings.append(_facing(rng, store, view, unit, row, position))
        for left, right in _empty(shown, view.bounds(shelf)):
            box = view.rect(left + 0.5, right - 0.5, shelf, 0.0, 0.7 * SHELF_CM)
            gaps.append(Gap(view.photo(box), box, row))
    width, height = view.size
    return ShelfLayout(
        width=width,
        height=height,
        quality=Quality(True, 500.0, 120.0),
        rectified=RectifiedShelf(view.tilt, width, height, (), 0.9),
        shelves=view.window.last - view.window.first + 1,
        facings=tuple(facings),
        gaps=tuple(gaps),
        cm_per_px=1 / view.scale if rng.random() < 0.5 else None,
    )


def _facing(rng: Rng, store: Store, view: View, unit: Unit, row: int, position: int) -> Facing:
    block = unit.block
    wobble = rng.normal(0, 0.02, 2) * block.unit
    box = view.rect(
        unit.left + wobble[0], unit.right + wobble[1], block.shelf, unit.stack * block.height, block.height
    )
    candidates: tuple[Candidate, ...] = (Candidate(block.sku, 0.8),)
    status, sku = FacingStatus.ACCEPTED, block.sku
    if unit.index in block.unknown:
        candidates = (_other(rng, store, block.sku, 0.5), Candidate(block.sku, 0.45))[
            : int(rng.integers(1, 3))
        ]
        return Facing(
            view.photo(box), box, row, position, unit.stack, 0.9, FacingStatus.UNKNOWN, None, 0.8, candidates
        )
    if unit.index in block.ambiguous:
        status = FacingStatus.AMBIGUOUS
        pair = (Candidate(block.sku, 0.78), _other(rng, store, block.sku, 0.77))
        candidates = pair if rng.random() < 0.5 else (Candidate(pair[1].sku, 0.79), pair[0])
        sku = candidates[0].sku
    return Facing(view.photo(box), box, row, position, unit.stack, 0.9, status, sku, 0.95, candidates)


def _other(rng: Rng, store: Store, sku: str, similarity: float) -> Candidate:
    """A product that stands nowhere in the bay."""
    planned = {p.sku for p in store.plan.positions}
    others = sorted(set(store.products) - planned - {sku})
    return Candidate(others[int(rng.integers(len(others)))], similarity)


def _empty(shown: list[Unit], bounds: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Empty stretches of a shelf between its ends, cm."""
    end, last = bounds
    for left, right in [*((u.left, u.right) for u in shown), (last, last)]:
        if left - end >= SMALLEST_GAP_CM:
            yield end, left
        end = max(end, right)
