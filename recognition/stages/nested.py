"""Decides between a package and its parts.

A detector sometimes boxes the printed half of a package as well as the whole, or two packages as one and one
of the two again. Overlap cannot tell these apart, looks can: a package is more like some packshot than half
of it is, or two of it. Where two packages prove to be two and only one has a box of its own, what is left of
the box of both is the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recognition.stages.shelves import Floats, Mask
from recognition.types import Candidate, Detection

INSIDE = 0.8
"""Part of the smaller box that must lie in the larger one."""
ACROSS = 0.75
"""Part of the larger box's width or height that the smaller one must span: a small pack before a large one is
no part of it."""
LEAST_REST = 0.25
"""Part of the larger box that the smaller one must leave; boxes closer than that are one package boxed
twice."""
CLEARER = 0.04
"""Looks decide when the similarities differ by more; otherwise the surer box stays."""
LIKE_OTHER = 0.7
"""What is left is a package of its own when its size along the split is at least this part of the other's, or
the other's this part of it."""
FREE = 0.5
"""A package of which other boxes cover less than this is not boxed yet."""


class Nest(NamedTuple):
    """Rows of two boxes, one inside the other, and the row of the box of what is left of the larger one."""

    whole: int
    part: int
    rest: int


def with_rests(detections: Sequence[Detection]) -> tuple[list[Detection], list[Nest]]:
    """The detections, followed by what is left of each that has another inside; and those nests.

    Boxes are photo pixels.
    """
    boxes = np.array([d.box for d in detections], np.float64).reshape(-1, 4)
    share = inside(boxes, boxes)
    found, nests = list(detections), []
    for whole, part in np.argwhere((share.T >= INSIDE) & (share < 1 - LEAST_REST)).tolist():
        rest = _rest(boxes[whole], boxes[part])
        if rest is not None:
            nests.append(Nest(whole, part, len(found)))
            x1, y1, x2, y2 = rest
            found.append(Detection((x1, y1, x2, y2), detections[whole].score))
    return found, nests


def keep(
    detections: Sequence[Detection], nests: Sequence[Nest], candidates: Sequence[Sequence[Candidate]]
) -> Mask:
    """Which of n detections, as ``with_rests`` gives them, are packages: (n,) bool.

    candidates: of each detection, best first.
    """
    boxes = np.array([d.box for d in detections], np.float64).reshape(-1, 4)
    looks = np.array([c[0].similarity if c else 0.0 for c in candidates])
    alive = np.ones(len(boxes), bool)
    alive[[nest.rest for nest in nests]] = False
    for nest in sorted(nests, key=lambda n: -abs(looks[n.whole] - looks[n.part])):
        if alive[nest.whole] and alive[nest.part]:
            lead = looks[nest.whole] - looks[nest.part]
            if abs(lead) <= CLEARER:
                lead = detections[nest.whole].score - detections[nest.part].score
            alive[nest.part if lead > 0 else nest.whole] = False
    for nest in nests:
        if alive[nest.part] and not alive[nest.whole]:
            alive[nest.rest] = _is_package(nest, boxes, looks, candidates, alive)
    return alive


def _is_package(
    nest: Nest, boxes: Floats, looks: Floats, candidates: Sequence[Sequence[Candidate]], alive: Mask
) -> bool:
    """Whether what is left of the larger box is a package that has no box yet."""
    rest, part = boxes[nest.rest], boxes[nest.part]
    sides = (rest[2:] - rest[:2]) / (part[2:] - part[:2])
    if not LIKE_OTHER <= sides.min() <= sides.max() <= 1 / LIKE_OTHER:
        return False
    same = bool(candidates[nest.rest]) and candidates[nest.rest][0].sku == candidates[nest.part][0].sku
    if not (same or looks[nest.rest] > looks[nest.whole]):
        return False
    taken = inside(boxes[nest.rest : nest.rest + 1], boxes[alive])
    return bool(taken.max(initial=0.0) < FREE)


def inside(boxes: Floats, others: Floats) -> Floats:
    """(n, m) part of each of ``boxes`` (n, 4) that lies in each of ``others`` (m, 4)."""
    shared = np.minimum(boxes[:, None, 2:], others[None, :, 2:]) - np.maximum(
        boxes[:, None, :2], others[None, :, :2]
    )
    area: Floats = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    part: Floats = np.clip(shared, 0, None).prod(axis=2) / area[:, None]
    return part


def _rest(whole: Floats, part: Floats) -> list[float] | None:
    """The largest side of ``whole`` that ``part`` leaves free, None where it does not span the other way."""
    x1, y1, x2, y2 = whole.tolist()
    left, top, right, bottom = np.clip(part, [x1, y1, x1, y1], [x2, y2, x2, y2]).tolist()
    wide, high = (right - left) / (x2 - x1), (bottom - top) / (y2 - y1)
    sides = {
        (x1, y1, x2, top): wide,
        (x1, bottom, x2, y2): wide,
        (x1, y1, left, y2): high,
        (right, y1, x2, y2): high,
    }
    rest = max(sides, key=lambda s: (s[2] - s[0]) * (s[3] - s[1]))
    large = (rest[2] - rest[0]) * (rest[3] - rest[1]) >= LEAST_REST * (x2 - x1) * (y2 - y1)
    return list(rest) if large and sides[rest] >= ACROSS else None
