"""Which boxes are packages, by what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recognition.stages.packages import Look, Looker, find
from recognition.types import Box, Candidate, Detection

Likeness = Mapping[Box, tuple[str, float]]


def looker(seen: Likeness) -> Looker:
    """What looks into boxes: the product and similarity named for a box, else nothing much."""

    def look(detections: Sequence[Detection]) -> list[Look]:
        return [
            Look(d, d.box, np.zeros((2, 2, 3), np.uint8), [Candidate(*seen.get(d.box, ("OTHER", 0.3)))])
            for d in detections
        ]

    return look


def chance(candidates: Sequence[Candidate]) -> float:
    return candidates[0].similarity


def found(
    boxes: Mapping[Box, float], seen: Likeness, doubtful: Mapping[Box, float] | None = None
) -> set[Box]:
    detections = [Detection(box, score) for box, score in boxes.items()]
    unsure = [Detection(box, score) for box, score in (doubtful or {}).items()]
    return {one.detection.box for one in find(detections, unsure, looker(seen), chance)}


WHOLE: Box = (0.0, 0.0, 100.0, 200.0)
UPPER: Box = (0.0, 0.0, 100.0, 98.0)
LOWER: Box = (0.0, 98.0, 100.0, 200.0)


def test_a_pack_and_its_printed_half() -> None:
    seen = {WHOLE: ("A", 0.9), UPPER: ("A", 0.6)}
    assert found({WHOLE: 0.5, UPPER: 0.7}, seen) == {WHOLE}


def test_two_packs_as_one_and_one_of_them_give_both() -> None:
    seen = {WHOLE: ("A", 0.6), UPPER: ("A", 0.9), LOWER: ("A", 0.88)}
    assert found({WHOLE: 0.7, UPPER: 0.5}, seen) == {UPPER, LOWER}


def test_what_is_left_of_two_is_no_pack_when_it_looks_like_none_or_is_boxed() -> None:
    seen = {WHOLE: ("A", 0.6), UPPER: ("A", 0.9), LOWER: ("B", 0.4)}
    assert found({WHOLE: 0.7, UPPER: 0.5}, seen) == {UPPER}
    both = {WHOLE: ("A", 0.6), UPPER: ("A", 0.9), (0.0, 99.0, 100.0, 200.0): ("A", 0.9)}
    assert found({WHOLE: 0.7, UPPER: 0.5, (0.0, 99.0, 100.0, 200.0): 0.5}, both) == {
        UPPER,
        (0.0, 99.0, 100.0, 200.0),
    }


def test_the_surer_box_stays_where_looks_do_not_tell() -> None:
    seen = {WHOLE: ("A", 0.4), UPPER: ("B", 0.42)}
    assert found({WHOLE: 0.7, UPPER: 0.5}, seen) == {WHOLE}
    assert found({WHOLE: 0.5, UPPER: 0.7}, seen) == {UPPER}


def test_a_small_pack_before_a_large_one_is_no_part_of_it() -> None:
    small: Box = (30.0, 140.0, 70.0, 200.0)
    seen = {WHOLE: ("A", 0.9), small: ("B", 0.7)}
    assert found({WHOLE: 0.9, small: 0.5}, seen) == {WHOLE, small}


def test_a_doubtful_box_counts_where_it_looks_like_a_product_and_nothing_else_stands() -> None:
    beside: Box = (110.0, 0.0, 210.0, 200.0)
    over: Box = (40.0, 0.0, 140.0, 200.0)
    seen = {WHOLE: ("A", 0.9), beside: ("A", 0.9), over: ("A", 0.9)}
    assert found({WHOLE: 0.7}, seen, {beside: 0.3}) == {WHOLE, beside}
    assert found({WHOLE: 0.7}, seen, {over: 0.3}) == {WHOLE}
    assert found({WHOLE: 0.7}, {WHOLE: ("A", 0.9), beside: ("A", 0.5)}, {beside: 0.3}) == {WHOLE}


def test_no_boxes_give_no_packages() -> None:
    assert found({}, {}) == set()
