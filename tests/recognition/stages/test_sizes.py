"""Packs of one design, told apart by their size."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.stages.sizes import inside, plausible
from recognition.types import Candidate

WIDTHS = {"small": 6.0, "large": 8.0, **{f"other {n}": 10.0 for n in range(8)}}
HEIGHTS = {sku: 2 * width for sku, width in WIDTHS.items()}
PX_PER_CM = 20.0


def said(
    width_cm: float, height_cm: float, first: str = "small", whole: bool = True, others: int = 8
) -> list[str]:
    """The SKUs left of a small and a large can, one of which is seen beside other products."""
    other = "large" if first == "small" else "small"
    candidates = [[Candidate(f"other {n}", 0.9), Candidate("large", 0.3)] for n in range(others)]
    candidates.append([Candidate(first, 0.9), Candidate(other, 0.87), Candidate("other 0", 0.5)])
    sides = [(10.0, 20.0)] * others + [(width_cm, height_cm)]
    boxes = np.array([[0, 0, w * PX_PER_CM, h * PX_PER_CM] for w, h in sides])
    sure = np.array([True] * others + [whole])
    return [c.sku for c in plausible(candidates, boxes, sure, WIDTHS, HEIGHTS)[-1]]


@pytest.mark.parametrize(
    ("width", "height", "first", "left"),
    [
        (6.2, 12.5, "large", ["small", "other 0"]),
        (7.9, 16.5, "small", ["large", "other 0"]),
        (7.9, 14.5, "small", ["large", "other 0"]),  # a rail hides its foot
        (6.1, 16.5, "large", ["small", "other 0"]),  # packs behind look over it
        (8.0, 12.0, "small", ["small", "large", "other 0"]),  # either, one seen from the side
        (12.0, 24.0, "small", ["small", "large", "other 0"]),  # neither fits
    ],
)
def test_the_one_that_fits_rules_the_other_out(
    width: float, height: float, first: str, left: list[str]
) -> None:
    assert said(width, height, first) == left


def test_a_cut_pack_and_a_photo_without_a_scale_say_nothing() -> None:
    assert said(8.0, 16.0, whole=False) == ["small", "large", "other 0"]
    assert said(8.0, 16.0, others=4) == ["small", "large", "other 0"]


def test_no_products_and_unknown_sizes() -> None:
    assert plausible([], np.zeros((0, 4)), np.zeros(0, bool), WIDTHS, HEIGHTS) == []
    one = [[Candidate("a", 0.9), Candidate("b", 0.89)]] * 9
    boxes = np.tile([0.0, 0.0, 100.0, 100.0], (9, 1))
    assert plausible(one, boxes, np.ones(9, bool), {}, {}) == one


def test_boxes_that_the_border_cuts() -> None:
    boxes = np.array([[10.0, 10, 50, 50], [0, 10, 50, 50], [10, 10, 1000, 50], [10, 10, 50, 499]])
    assert inside(boxes, 1000, 500).tolist() == [True, False, False, False]
