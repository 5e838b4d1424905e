"""Packs behind the front ones are no facings."""

from __future__ import annotations

from recognition.stages.behind import in_front
from recognition.types import Box, Facing, FacingStatus

FRONT: Box = (100.0, 100.0, 200.0, 300.0)


def facing(box: Box, sku: str | None = "A", score: float = 0.5, stack: int = 0, position: int = 0) -> Facing:
    status = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
    return Facing(box, box, 0, position, stack, score, status, sku, 0.9)


def kept(*others: Facing) -> list[Box]:
    return [f.box for f in in_front([facing(FRONT, score=0.9), *others])]


def test_what_looks_over_a_pack_is_behind_it_and_what_is_as_high_stands_on_it() -> None:
    low: Box = (105.0, 40.0, 195.0, 98.0)
    high: Box = (105.0, -90.0, 195.0, 98.0)
    assert kept(facing(low, stack=1)) == [FRONT]
    assert kept(facing(low, None, stack=1)) == [FRONT]
    assert kept(facing(high, stack=1)) == [FRONT, high]
    assert kept(facing(low, "B", stack=1)) == [FRONT, low]


def test_two_packs_cannot_be_in_one_place() -> None:
    assert kept(facing((102.0, 20.0, 198.0, 200.0), position=1)) == [FRONT]


def test_what_shows_beside_a_pack_is_behind_it() -> None:
    sliver: Box = (60.0, 110.0, 99.0, 295.0)
    assert kept(facing(sliver, position=1)) == [FRONT]
    assert kept(facing(sliver, "B", position=1)) == [FRONT, sliver]
    assert kept(facing(sliver, score=0.95, position=1)) == [FRONT, sliver]
    far: Box = (20.0, 110.0, 59.0, 295.0)
    assert kept(facing(far, position=1)) == [FRONT, far]


def test_an_empty_shelf() -> None:
    assert in_front([]) == []
