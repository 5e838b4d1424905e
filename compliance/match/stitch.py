"""Bring the photos of a bay onto each other where they overlap.

Each photo is first placed on the plan by itself. Products that were pushed along the shelf then pull a
photo that shows mostly them to the wrong place; the units that two photos share tell how far.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from compliance.match.place import Placed, Shot
from compliance.match.plan import Floats

REACH_CM = 25.0
"""A photo is moved by at most this much."""
SAME_CM = 1.5
"""Boxes of one unit in two photos lie closer than this once the photos are on each other."""
STRETCH_SPREAD = 0.02
"""How far, relatively, the scales of two photos usually differ."""


def stitch(shots: list[Shot]) -> list[Shot]:
    """The shots in one frame: that of the photo that agrees best with the plan."""
    if len(shots) < 2:
        return shots
    order = sorted(range(len(shots)), key=lambda i: -shots[i].registration.score)
    placed = {order[0]: shots[order[0]]}
    for index in order[1:]:
        units = [unit for shot in placed.values() for unit in shot.facings()]
        placed[index] = _moved(shots[index], units)
    return [placed[index] for index in range(len(shots))]


def _moved(shot: Shot, units: list[Placed]) -> Shot:
    """The shot moved and stretched along the shelf so that shared units coincide."""
    here, there = _pairs(shot.facings(), units)
    if len(here) < 2:
        return shot
    off = there - here
    near = np.maximum(0.0, 1.0 - ((off[None] - off[:, None]) / SAME_CM) ** 2).sum(axis=1)
    best = off[int((near * (1.0 - 0.5 * np.abs(off) / REACH_CM)).argmax())]
    same = np.abs(off - best) < SAME_CM
    if same.sum() < 2:
        return shot
    x, gap = here[same], off[same]
    middle = float(x.mean())
    spread = x - middle
    stretch = float((spread * (gap - gap.mean())).sum() / ((spread**2).sum() + 1.0 / STRETCH_SPREAD**2))
    affine = shot.registration.affine * (1.0 + stretch)
    affine[2] += float(gap.mean()) - stretch * middle
    return replace(shot, registration=replace(shot.registration, affine=affine))


def _pairs(mine: Iterable[Placed], others: Iterable[Placed]) -> tuple[Floats, Floats]:
    """Centres of units of the same product on the same shelf, in this photo and in others; both (pairs,)."""
    known: dict[tuple[int, str | None, int], list[float]] = {}
    for unit in others:
        known.setdefault((unit.shelf, unit.facing.sku, unit.facing.stack), []).append(unit.x)
    pairs = [
        (unit.x, x)
        for unit in mine
        if unit.shelf >= 0 and unit.facing.sku is not None
        for x in known.get((unit.shelf, unit.facing.sku, unit.facing.stack), ())
        if abs(x - unit.x) <= REACH_CM
    ]
    array = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return array[:, 0], array[:, 1]
