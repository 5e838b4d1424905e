"""Tells packs of one design apart by their size.

A small and a large can of the same drink look the same on their own; beside their neighbours one of them is a
third larger. The scale comes from the photo's other products.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recognition.stages.shelves import Floats, Mask
from recognition.types import Candidate

FEWEST = 6
"""Products of known size that the scale is taken from."""
CLEAR = 0.05
"""Only candidates with this lead in similarity say how large a pixel is."""
CLOSE = 0.12
"""Candidates within this similarity of the first are told apart by size."""
FITS, WORSE = 0.2, 0.08
"""A product fits when its width is within the first of the seen one, natural logarithm. It rules out those
that are off by so much more than it."""
BORDER = 0.005
"""A box this near to the photo's border, part of its side, is taken for cut."""


class _Side(NamedTuple):
    """Seen length along one axis, and the known ones by SKU; cm."""

    seen: float
    known: Mapping[str, float]

    def excess(self, sku: str) -> float:
        """How much longer the product looks than it is, natural logarithm."""
        return math.log(self.seen / self.known[sku])


def inside(boxes: Floats, width: int, height: int) -> Mask:
    """Which boxes (n, 4), photo pixels, the photo's border does not cut: (n,)."""
    size = np.array([width, height])
    return np.asarray(((boxes[:, :2] > BORDER * size) & (boxes[:, 2:] < (1 - BORDER) * size)).all(axis=1))


def plausible(
    candidates: Sequence[Sequence[Candidate]],
    rect_boxes: Floats,
    whole: Mask,
    widths_cm: Mapping[str, float],
    heights_cm: Mapping[str, float],
) -> list[list[Candidate]]:
    """The candidates of n products that their size does not rule out, in the same order.

    rect_boxes: (n, 4) rectified pixels. whole: (n,) whether all of the product is on the photo, so that its
    size says something. widths_cm, heights_cm: of the front, by SKU. A product is ruled out only where a
    similar one fits.
    """
    sides = rect_boxes[:, 2:] - rect_boxes[:, :2]
    known = [widths_cm, heights_cm]
    scales = [_scale(candidates, sides[:, axis], whole, known[axis]) for axis in (0, 1)]
    if scales[0] is None:
        return [list(c) for c in candidates]
    return [
        _fitting(
            c,
            [
                _Side(size * (scale or 0.0), cm if scale else {})
                for size, scale, cm in zip(side, scales, known, strict=True)
            ],
        )
        if sure
        else list(c)
        for c, side, sure in zip(candidates, sides.tolist(), whole.tolist(), strict=True)
    ]


def _scale(
    candidates: Sequence[Sequence[Candidate]], seen: Floats, whole: Mask, sizes_cm: Mapping[str, float]
) -> float | None:
    """Centimetres a pixel along one axis, None where too few products of known size tell."""
    known = [
        sizes_cm[c[0].sku] / seen[i]
        for i, c in enumerate(candidates)
        if c and c[0].sku in sizes_cm and whole[i] and _lead(c) >= CLEAR
    ]
    return float(np.median(known)) if len(known) >= FEWEST else None


def _lead(candidates: Sequence[Candidate]) -> float:
    return candidates[0].similarity - max((c.similarity for c in candidates[1:]), default=-1.0)


def _fitting(candidates: Sequence[Candidate], seen: Sequence[_Side]) -> list[Candidate]:
    """Those whose size fits or is not known; all where no similar one fits. seen: width and height."""
    if not candidates:
        return []
    off = {
        c.sku: _off(c.sku, *seen)
        for c in candidates
        if c.similarity >= candidates[0].similarity - CLOSE and c.sku in seen[0].known
    }
    best = min(off.values(), default=FITS)
    if best >= FITS:
        return list(candidates)
    return [c for c in candidates if off.get(c.sku, best) <= best + WORSE]


def _off(sku: str, width: _Side, height: _Side) -> float:
    """How far the seen size is from the product's, natural logarithm.

    Widths tell, heights do not: rails hide feet, and packs behind look over. But a pack seen from the side
    looks too wide, and then it is not too high.
    """
    wider = width.excess(sku)
    if wider <= 0 or sku not in height.known:
        return abs(wider)
    return min(wider, max(0.0, height.excess(sku)))
