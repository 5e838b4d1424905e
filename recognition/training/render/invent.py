"""Shelves nobody planned: random rows of blocks of one product, as full and as tidy as shops are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recognition.training.render.catalogue import PackSpec
from recognition.training.render.layout import HANGING, SOFT, STACKING, Bay, Habits, Label, Row, Tray, column


def invented_bay(
    rng: np.random.Generator, catalogue: Sequence[PackSpec], width: float, height: float, habits: Habits
) -> Bay:
    """Random shelves of about this size (cm), each mostly of packs of one height, in blocks of one
    product."""
    bay = Bay(width)
    y = float(rng.uniform(-15, 5))
    hanging = [s for s in catalogue if s.shape in HANGING and s.height_cm < 26]
    pegs = len(hanging) > 2 and rng.random() < 0.1
    catalogue = hanging if pegs else catalogue
    while y < height:
        pivot = catalogue[int(rng.integers(len(catalogue)))]
        fitting = [s for s in catalogue if 0.6 < s.height_cm / pivot.height_cm < 1.06]
        carded = pivot.shape == "blister"
        if not pegs:
            fitting = [s for s in fitting if (s.shape == "blister") == carded]
        room = pivot.height_cm * float(rng.uniform(1.04, 1.5)) + 1
        if pivot.height_cm < 14 and not carded and rng.random() < 0.5:
            room = pivot.height_cm * float(rng.integers(2, 4)) + 3
        y += room
        row = Row(y, room, float(rng.uniform(25, 55)), pegs or carded)
        bay.rows.append(row)
        _fill_invented(rng, bay, row, fitting, habits)
        y += float(rng.uniform(3.5, 7))
    return bay


def _fill_invented(
    rng: np.random.Generator, bay: Bay, row: Row, specs: list[PackSpec], habits: Habits
) -> None:
    shelf, index, x = len(bay.rows) - 1, 0, float(rng.uniform(0, 3))
    chosen = [specs[i] for i in rng.permutation(len(specs))[: int(rng.integers(2, 12))]]
    row_empty = rng.random() < 0.05 or habits.empty >= 1
    if habits.sold and habits.empty < 1 and rng.random() < habits.sold:
        habits = replace(habits, empty=0.95, pulled_back=0.6, deep=1)
    at = 0
    while x < bay.width:
        spec = chosen[at % len(chosen)]
        at += 1 if rng.random() < 0.85 else int(rng.integers(1, 5))
        start = x
        x, index = _block(rng, bay, row, spec, x, index, replace(habits, empty=1.0) if row_empty else habits)
        if x - start < 1:
            return
        if row.pegs and spec.shape == "blister":
            _hook_tags(rng, bay, row, spec, start)
        else:
            bay.labels.append(
                Label(
                    shelf, start + float(rng.uniform(3, max(4.0, x - start - 2))), spec, rng.random() < 0.15
                )
            )
        if rng.random() < habits.trays and not row.pegs and not row_empty:
            wall = spec.height_cm * float(rng.uniform(0.08, 0.55 if spec.shape in SOFT else 0.4))
            bay.trays.append(Tray(shelf, start, x, wall, spec))
        elif habits.cut_trays and not row.pegs and not row_empty and rng.random() < habits.cut_trays:
            _cut_trays(rng, bay, spec, start, x)
        if habits.dividers and not row.pegs and rng.random() < habits.dividers:
            bay.dividers.append((shelf, x, min(row.height, spec.height_cm) * float(rng.uniform(0.2, 0.9))))
        if rng.random() < habits.empty:
            hole = spec.width_cm * float(rng.uniform(0.7, 2.5))
            bay.gaps.append((shelf, x, x + hole))
            x += hole
        x += float(rng.exponential(0.8))


def _hook_tags(rng: np.random.Generator, bay: Bay, row: Row, spec: PackSpec, start: float) -> None:
    """A tag at the end of each hook of a block, some of them lost."""
    shelf = len(bay.rows) - 1
    for unit in bay.units:
        if unit.shelf == shelf and unit.front and unit.x > start and rng.random() < 0.8:
            top = unit.y - spec.height_cm + float(rng.uniform(-0.5, 1.5))
            bay.labels.append(Label(shelf, unit.x, spec, False, top))


def _cut_trays(rng: np.random.Generator, bay: Bay, spec: PackSpec, start: float, end: float) -> None:
    """Printed trays side by side, each before a few columns of the block."""
    wide = spec.width_cm * float(rng.integers(2, 6))
    wall, cut = spec.height_cm * float(rng.uniform(0.12, 0.48)), float(rng.uniform(0.1, 0.8))
    x = start
    while x < end - 1:
        bay.trays.append(Tray(len(bay.rows) - 1, x, min(x + wide, end), wall, spec, cut))
        x += wide


def _block(
    rng: np.random.Generator, bay: Bay, row: Row, spec: PackSpec, x: float, index: int, habits: Habits
) -> tuple[float, int]:
    """Facings of one product side by side from ``x``; returns where they end and the next column's number."""
    shelf, soft = len(bay.rows) - 1, spec.shape in SOFT
    wide = 1 + int(rng.geometric(0.4)) * (rng.random() < 0.8)
    fits = int((row.height - 1) // spec.height_cm)
    high = fits if fits > 1 and spec.shape in STACKING and rng.random() < 0.4 else 1
    high = min(high, 2 if soft else 6)
    tight = float(rng.uniform(-0.16, 0.04)) if soft and not row.pegs else 0.0
    if soft and not row.pegs and rng.random() < habits.heaped:
        habits = replace(habits, turned=25.0, leaning=24.0, pulled_back=0.5)
        high, tight = max(2, high), -0.25
    askew = 0.0
    if habits.askew and not row.pegs and rng.random() < habits.askew:
        askew = float(rng.uniform(-30, 30))
    for _ in range(wide):
        apart = abs(float(rng.normal(0, habits.spacing))) + tight + (0.25 if row.pegs else 0.0)
        step = spec.width_cm * (1 + apart)
        if x + step > bay.width:
            break
        if rng.random() < (1.0 if habits.empty >= 1 else habits.empty * 0.2):
            bay.gaps.append((shelf, x, x + step))
        else:
            real = max(1, high - int(rng.integers(0, 2)) * (rng.random() < 0.3))
            units = column(rng, spec, x + step / 2, row, shelf, index, real, habits)
            bay.units += [replace(unit, yaw=unit.yaw + askew) for unit in units] if askew else units
            index += 1
        x += step
    return x, index
