"""Leaves out packs that stand behind the front ones and are seen over or beside them.

Units of one product are equally large and their fronts do not overlap: what shows much less than the unit in
front of it, or shares its place, is not at the shelf front.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from recognition.types import Facing, FacingStatus

LOW = 0.6
"""A pack shows less than this part of the width or height of the one in front of it."""
SAME_PLACE = 0.7
"""Packs share a place when their widths share this part of the narrower one."""
NOT_ABOVE = 0.2
"""Of packs in one place, one is not stacked on the other when their heights share this part of the lesser."""


def in_front(facings: Sequence[Facing]) -> list[Facing]:
    """The facings at the shelf front, in their order: by shelf, column and stack."""
    kept: list[Facing] = []
    for _, row in groupby(facings, key=lambda f: f.shelf):
        members = list(row)
        hidden = {i for i, one in enumerate(members) if any(_hides(other, one) for other in members)}
        kept += [one for i, one in enumerate(members) if i not in hidden]
    return kept


def _hides(front: Facing, other: Facing) -> bool:
    """Whether ``other`` stands behind ``front``; both stand on one shelf."""
    if front is other or (_sure(front) and _sure(other) and front.sku != other.sku):
        return False
    wide, high = _shared(front, other, 0), _shared(front, other, 1)
    if wide > SAME_PLACE:
        lower = other.rect_box[3] < front.rect_box[3]
        return lower and (high > NOT_ABOVE or _side(other, 1) < LOW * _side(front, 1))
    beside = wide > -0.2 and high > SAME_PLACE and front.sku is not None and front.sku == other.sku
    narrow = _side(other, 0) < LOW * _side(front, 0)
    return beside and narrow and other.detection_score < front.detection_score


def _sure(facing: Facing) -> bool:
    return facing.status is FacingStatus.ACCEPTED


def _side(facing: Facing, axis: int) -> float:
    return facing.rect_box[axis + 2] - facing.rect_box[axis]


def _shared(one: Facing, two: Facing, axis: int) -> float:
    """Length both share along an axis, part of the lesser; negative where they are apart."""
    shared = min(one.rect_box[axis + 2], two.rect_box[axis + 2]) - max(one.rect_box[axis], two.rect_box[axis])
    return shared / min(_side(one, axis), _side(two, axis))
