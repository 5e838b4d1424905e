"""Bring the photos of a bay onto each other where they overlap.

Each photo is first placed on the plan by itself. Products that were pushed along the shelf then pull a
photo that shows mostly them to the wrong place; the units that two photos share tell how far.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from compliance.match.place import Placed, Shot
from compliance.match.plan import Floats, Ints

REACH_CM = 25.0
"""A photo is moved by at most this much."""
STEP_CM = 0.5
USUAL_CM = 6.0
"""How far a photo usually must be moved."""
NEAR_CM, SAME_CM = 3.0, 1.5
"""Boxes of one unit in two photos lie closer than the first once a photo is moved, than the second once it is
stretched too."""
CLASH = 0.5
"""What it costs that a unit comes to lie on one of another product, in shared units."""
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
    """The shot moved and stretched along the shelf so that as many shared units as possible coincide, and as
    few of different products.

    In a run of equal facings many moves look good; the stretched fit and the products beside them tell these
    apart, and a short move is the likelier one.
    """
    pairs = _Pairs.of(shot.facings(), units)
    if pairs.same.sum() < 2:
        return shot
    moves = np.arange(-REACH_CM, REACH_CM + STEP_CM, STEP_CM)
    off = pairs.there - pairs.here
    near = np.maximum(0.0, 1.0 - ((off - moves[:, None]) / NEAR_CM) ** 2)
    weight: Floats = np.where(pairs.same, near, 0.0)
    middle, gap, stretch = _fits(pairs.here, off, weight)
    left = off - gap[:, None] - stretch[:, None] * (pairs.here - middle[:, None])
    close = np.maximum(0.0, 1.0 - (left / SAME_CM) ** 2)
    shared, clashing = (pairs.by_unit(close * kind) for kind in (pairs.same, ~pairs.same))
    likely = np.exp(-0.5 * (gap / USUAL_CM) ** 2 - 0.5 * (stretch / STRETCH_SPREAD) ** 2)
    best = int(((shared - CLASH * clashing) * (0.5 + 0.5 * likely)).argmax())
    if (close[best] * pairs.same > 0).sum() < 2:
        return shot
    affine = shot.registration.affine * (1.0 + stretch[best])
    affine[2] += gap[best] - stretch[best] * middle[best]
    return replace(shot, registration=replace(shot.registration, affine=affine))


def _fits(x: Floats, off: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted straight lines through ``off`` over ``x``, both (pairs,): the middle of x, the height there
    and the slope, held near 0; all (fits,). weight: (fits, pairs)."""
    total = weight.sum(axis=1) + 1e-9
    middle, gap = (weight @ x) / total, (weight @ off) / total
    spread = x - middle[:, None]
    slope = (weight * spread * (off - gap[:, None])).sum(axis=1)
    return middle, gap, slope / ((weight * spread**2).sum(axis=1) + 1.0 / STRETCH_SPREAD**2)


class _Pairs(NamedTuple):
    """Units of this photo and of others that could be one. here, there: their centres, cm; same: they are of
    one product; unit: which of this photo's; all (pairs,)."""

    here: Floats
    there: Floats
    same: NDArray[np.bool_]
    unit: Ints

    @classmethod
    def of(cls, mine: Iterable[Placed], others: Iterable[Placed]) -> _Pairs:
        """Pairs of recognised products on the same shelf and level, within reach of each other."""
        known: dict[tuple[int, int], list[Placed]] = {}
        for unit in others:
            known.setdefault((unit.shelf, unit.facing.stack), []).append(unit)
        pairs = [
            (unit.x, other.x, unit.facing.sku == other.facing.sku, number)
            for number, unit in enumerate(mine)
            if unit.shelf >= 0 and unit.facing.sku is not None
            for other in known.get((unit.shelf, unit.facing.stack), ())
            if other.facing.sku is not None and abs(other.x - unit.x) <= REACH_CM
        ]
        here, there, same, number = np.array(pairs, dtype=np.float64).reshape(-1, 4).T
        return cls(here, there, same > 0, number.astype(np.int64))

    def by_unit(self, close: Floats) -> Floats:
        """Sum over this photo's units of the best of each; (fits, pairs) -> (fits,)."""
        starts = np.flatnonzero(np.diff(self.unit, prepend=-1))
        total: Floats = np.maximum.reduceat(close, starts, axis=1).sum(axis=1)
        return total
