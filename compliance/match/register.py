"""Find where on the plan a photo was taken.

Along the shelves: a robust fit (RANSAC with a truncated quadratic score, after Fischler & Bolles 1981 and
Torr & Zisserman 2000) of plan centimetres to rectified pixels, from facings and slots of the same SKU;
refined by least squares to an affine map that also takes up a slant left by rectification. Across the
shelves, recognised rows are put on planned rows by dynamic programming, in order, with rows free to be
missing on either side.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from compliance.match.plan import Floats, Ints, PlanMap
from recognition.types import Box, Facing, ShelfLayout

HYPOTHESES = 192
DRAWS = np.random.default_rng(0).random(2 * HYPOTHESES + HYPOTHESES // 4)
"""The lots by which pairs are drawn: the same for every photo, as the same photo is to give the same fit."""
MAX_PAIRS = 600
SCALE_SPREAD = 0.04
"""How far, relatively, the scale usually lies from what product widths tell."""
SLANT_SPREAD = 0.01
"""Usual slant left by rectification, cm along the shelf a cm of height."""
SKIP_ROW = 0.1
SKIP_ROW_INSIDE = 0.4


@dataclass(frozen=True, slots=True)
class Registration:
    """How one photo maps to the plan.

    affine: (3,) float64; plan x in cm = affine · (x px, y px, 1), rectified pixels. rows: photo row ->
    planned row. row_y: planned row -> y of its products' centres, rectified pixels. score: facings that
    agree with the fit.
    """

    affine: Floats
    rows: dict[int, int]
    row_y: dict[int, float]
    score: float

    def x_range(self, box: Box) -> tuple[float, float]:
        """Ends of a rectified box along the shelf, cm."""
        a, b, c = self.affine.tolist()
        y = (box[1] + box[3]) / 2
        return a * box[0] + b * y + c, a * box[2] + b * y + c

    def sees(self, layout: ShelfLayout, shelf: Ints, x: Floats, width: Floats) -> NDArray[np.bool_]:
        """Whether each place (planned row, centre cm, width cm; all (n,)) lies inside the photo; (n,)
        bool."""
        y_of = _row_heights(self.row_y, int(shelf.max(initial=0)) + 1)
        y = y_of[shelf]
        known = np.isfinite(y)
        y = np.where(known, y, 0.0)
        sides = np.stack([x - 0.35 * width, x + 0.35 * width])
        px = (sides - self.affine[1] * y - self.affine[2]) / self.affine[0]
        points = np.stack([px, np.broadcast_to(y, px.shape), np.ones_like(px)]).reshape(3, -1)
        u, v, w = (np.linalg.inv(layout.rectified.homography) @ points).reshape(3, 2, -1)
        u, v = u / w, v / w
        inside = (u >= 0) & (u <= layout.width) & (v >= 0) & (v <= layout.height)
        seen: NDArray[np.bool_] = known & inside.all(axis=0)
        return seen


def register(layout: ShelfLayout, plan: PlanMap) -> Registration | None:
    """Place a photo on the plan, or None when no planned SKU was recognised on it."""
    units = [f for f in layout.facings if f.stack == 0 and f.sku in plan.slots_of]
    if not units:
        return None
    pairs = _Pairs.of(_thinned(units, plan), plan)
    rows = align_rows(_row_likeness(layout, plan))
    a, c = _ransac(pairs, _weights(pairs, rows))
    affine = np.array([a, 0.0, c])
    for _ in range(2):
        soft = pairs.agreement(pairs.placed(affine))
        rows = align_rows(_row_votes(pairs, soft, layout.shelves, plan.shelves))
        affine = _refine(pairs, soft * (_weights(pairs, rows) == 1.0), affine)
    soft = pairs.agreement(pairs.placed(affine)) * (_weights(pairs, rows) == 1.0)
    score = float(np.maximum.reduceat(soft, pairs.starts).sum())
    return Registration(affine, rows, _row_y(layout, rows), score * len(units) / pairs.units)


def whole_bay(layout: ShelfLayout, plan: PlanMap) -> Registration:
    """The guess when nothing planned was recognised: the photo shows just the bay."""
    affine = np.array([plan.extent / layout.rectified.width, 0.0, 0.0])
    rows = {row: row for row in range(min(layout.shelves, plan.shelves))}
    height = layout.rectified.height / max(plan.shelves, 1)
    return Registration(affine, rows, {row: (row + 0.5) * height for row in range(plan.shelves)}, 0.0)


def align_rows(score: Floats) -> dict[int, int]:
    """Photo row -> planned row, in order, with the greatest sum of ``score`` (photo rows, planned rows)."""
    n, m = score.shape
    gain = score.tolist()
    best = [[-SKIP_ROW * j for j in range(m + 1)]]
    came = [[2] * (m + 1)]
    for i in range(n):
        above, row, trace = best[-1], [-SKIP_ROW * (i + 1)], [1]
        for j in range(m):
            choices = (above[j] + gain[i][j], above[j + 1] - _skip(j + 1, m), row[j] - _skip(i + 1, n))
            row.append(max(choices))
            trace.append(choices.index(row[-1]))
        best.append(row)
        came.append(trace)
    rows: dict[int, int] = {}
    i, j = n, m
    while i and j:
        how = came[i][j]
        i, j = i - (how != 2), j - (how != 1)
        if how == 0:
            rows[i] = j
    return rows


def _skip(at: int, size: int) -> float:
    """Cost of leaving a row out: little beyond the ends of the other side, more between its rows."""
    return SKIP_ROW if at == size else SKIP_ROW_INSIDE


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Facings and slots of the same SKU; all arrays (pairs,), grouped by facing. x, y: facing centre,
    rectified px; scale: slot width / facing width, usual: the median of it; row: photo row; slot_x,
    slot_width, shelf: of the slot; starts: first pair of each facing, (units,)."""

    x: Floats
    y: Floats
    scale: Floats
    row: Ints
    slot_x: Floats
    slot_width: Floats
    shelf: Ints
    starts: Ints
    usual: float

    @classmethod
    def of(cls, units: list[Facing], plan: PlanMap) -> _Pairs:
        slots = [plan.slots_of[f.sku] for f in units if f.sku is not None]
        count = np.array([len(s) for s in slots])
        unit, slot = np.repeat(np.arange(len(units)), count), np.concatenate(slots)
        box = np.array([f.rect_box for f in units])
        scale = plan.width[slot] / (box[unit, 2] - box[unit, 0])
        return cls(
            x=(box[unit, 0] + box[unit, 2]) / 2,
            y=(box[unit, 1] + box[unit, 3]) / 2,
            scale=scale,
            row=np.array([f.shelf for f in units])[unit],
            slot_x=plan.x[slot],
            slot_width=plan.width[slot],
            shelf=plan.shelf[slot],
            starts=np.cumsum(count) - count,
            usual=median(scale.tolist()),
        )

    @property
    def units(self) -> int:
        return len(self.starts)

    def placed(self, affine: Floats) -> Floats:
        """Plan x of each facing, cm, (pairs,)."""
        a, b, c = affine.tolist()
        x: Floats = a * self.x + b * self.y + c
        return x

    def agreement(self, x: Floats) -> Floats:
        """1 where a facing placed at ``x`` falls on its slot, down to 0 at one slot's width beside it; both
        (..., pairs)."""
        off = (x - self.slot_x) / self.slot_width
        soft: Floats = np.maximum(0.0, 1.0 - off * off)
        return soft


def _thinned(units: list[Facing], plan: PlanMap) -> list[Facing]:
    """An even choice of facings, so that a large bay costs no more than MAX_PAIRS pairs."""
    pairs = sum(len(plan.slots_of[f.sku]) for f in units if f.sku is not None)
    step = -(-pairs // MAX_PAIRS)
    return units[::step]


def _weights(pairs: _Pairs, rows: dict[int, int]) -> Floats:
    """1 for a pair on the row that the facing's row is put on, 0.3 elsewhere; (pairs,)."""
    target = np.full(int(pairs.row.max()) + 1, -1)
    for row, shelf in rows.items():
        if row < len(target):
            target[row] = shelf
    return np.where(target[pairs.row] == pairs.shelf, 1.0, 0.3)


def _ransac(pairs: _Pairs, weight: Floats) -> tuple[float, float]:
    """Scale and offset along the shelf: plan cm = a · px + c, a > 0."""
    usual = pairs.usual
    # As numpy's Generator.choice draws with unequal chances.
    reached = (weight / weight.sum()).cumsum()
    drawn = (reached / reached[-1]).searchsorted(DRAWS, side="right")
    i, j, one = np.split(drawn, (HYPOTHESES, 2 * HYPOTHESES))
    run = pairs.x[i] - pairs.x[j]
    with np.errstate(divide="ignore", invalid="ignore"):
        a = (pairs.slot_x[i] - pairs.slot_x[j]) / run
    good = (a > 0.6 * usual) & (a < 1.6 * usual) & (np.abs(run) * usual > pairs.slot_width[i])
    a, i = a[good], i[good]
    a = np.concatenate([a, np.full(len(one), usual)])
    i = np.concatenate([i, one])
    c = pairs.slot_x[i] - a * pairs.x[i]
    soft = pairs.agreement(a[:, None] * pairs.x + c[:, None]) * weight
    likely = np.exp(-0.5 * (np.log(a / usual) / SCALE_SPREAD) ** 2)
    best = int((np.maximum.reduceat(soft, pairs.starts, axis=1).sum(axis=1) * likely).argmax())
    return float(a[best]), float(c[best])


def _refine(pairs: _Pairs, soft: Floats, affine: Floats) -> Floats:
    """Least squares over each facing's best slot, held near the usual scale and no slant.

    The facings of a row share its errors (a row pushed along as a whole), so the two beliefs weigh as much
    as the rows do, not the facings.
    """
    top = np.maximum.reduceat(soft, pairs.starts)
    ends = np.append(pairs.starts[1:], len(soft))
    owner = np.repeat(np.arange(pairs.units), ends - pairs.starts)
    use = np.flatnonzero((soft > 0.5) & (soft == top[owner]))
    if len(use) < 2:
        return affine
    weight = math.sqrt(len(use) / len(set(pairs.row[use].tolist())))
    # A row for each facing, and two for the beliefs.
    left, right = np.zeros((len(use) + 2, 3)), np.zeros(len(use) + 2)
    left[:-2, 0], left[:-2, 1], left[:-2, 2] = pairs.x[use], pairs.y[use], 1.0
    left[-2, 0], left[-1, 1] = (
        1.0 / spread * weight / pairs.usual for spread in (SCALE_SPREAD, SLANT_SPREAD)
    )
    right[:-2], right[-2] = pairs.slot_x[use], weight / SCALE_SPREAD
    fit: Floats = np.linalg.lstsq(left, right, rcond=None)[0].astype(np.float64)
    return fit


def _row_likeness(layout: ShelfLayout, plan: PlanMap) -> Floats:
    """SKUs in common of each photo row and planned row, counted; (photo rows, planned rows)."""
    skus = [plan.positions[index].sku for index in plan.owner.tolist()]
    planned = Counter(zip(plan.shelf.tolist(), skus, strict=True))
    seen = Counter((f.shelf, f.sku) for f in layout.facings if f.stack == 0 and f.sku in plan.slots_of)
    common = [[0] * plan.shelves for _ in range(layout.shelves)]
    for (row, sku), count in seen.items():
        for shelf in range(plan.shelves):
            common[row][shelf] += min(count, planned[shelf, sku or ""])
    return np.array(common, dtype=np.float64).reshape(layout.shelves, plan.shelves)


def _row_votes(pairs: _Pairs, soft: Floats, rows: int, shelves: int) -> Floats:
    votes = np.zeros((rows, shelves))
    np.add.at(votes, (pairs.row, pairs.shelf), soft)
    return votes


def _row_y(layout: ShelfLayout, rows: dict[int, int]) -> dict[int, float]:
    """Planned row -> middle of its products or gaps, rectified pixels."""
    centres: dict[int, list[float]] = {}
    boxes = [(f.shelf, f.rect_box) for f in layout.facings] + [(g.shelf, g.rect_box) for g in layout.gaps]
    for row, box in boxes:
        if row in rows:
            centres.setdefault(rows[row], []).append((box[1] + box[3]) / 2)
    return {shelf: median(y) for shelf, y in centres.items()}


def _row_heights(row_y: dict[int, float], shelves: int) -> Floats:
    """y of every planned row, (shelves,): known rows and, between them, interpolated ones; NaN outside, where
    nothing shows that the photo reaches so far."""
    known = sorted(row_y)
    y = np.full(shelves, np.nan)
    if known:
        inside = np.arange(known[0], min(known[-1] + 1, shelves))
        y[inside] = np.interp(inside, known, [row_y[k] for k in known])
    return y
