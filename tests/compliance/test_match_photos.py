"""The matcher on what photos are like: doubtful names, packs cut by the edge, photos that overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from compliance.match import match_bay
from compliance.types import BayInput, BayMatch, BayPhoto, FacingRef, PositionStatus
from recognition.types import Candidate, ShelfLayout

from .scenes import PRODUCTS, PX, bay, layout, plan

PLAN = """
A A B C
D D E E
"""


def named_x(confidence: float, similarity: float) -> BayMatch:
    """The plan with an X in place of B, named with this confidence, B being so similar."""
    photo = layout("A A X C\nD D E E")
    candidates = (Candidate("X", 0.9), Candidate("B", similarity))
    facings = tuple(
        replace(f, candidates=candidates, confidence=confidence) if f.sku == "X" else f for f in photo.facings
    )
    seen = BayPhoto("p0", replace(photo, facings=facings))
    return match_bay(BayInput("bay", "Bay", (seen,), plan(PLAN)), PRODUCTS)


def test_the_plan_settles_an_unsure_name_between_similar_products_and_says_so() -> None:
    match = named_x(confidence=0.8, similarity=0.85)
    assert match.positions[1].status is PositionStatus.CORRECT
    assert (match.positions[1].credit, match.positions[1].lenient_credit) == (0.0, 0.5)
    assert match.positions[1].why == "1 told from a similar product with the plan's help."
    assert match.resolved == {FacingRef("p0", 2): "B"}
    assert not match.unplanned


@pytest.mark.parametrize(("confidence", "similarity"), [(0.97, 0.85), (0.8, 0.7)])
def test_a_sure_name_and_another_design_stand_against_the_plan(confidence: float, similarity: float) -> None:
    match = named_x(confidence, similarity)
    assert match.positions[1].status is PositionStatus.SUBSTITUTED
    assert not match.resolved


def cut(photo: ShelfLayout, shown: float) -> ShelfLayout:
    """The photo without its left part, of whose first column a part of ``shown`` remains."""
    off = PX * (1 - shown)

    def moved(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return max(0.0, box[0] - off), box[1], box[2] - off, box[3]

    facings = tuple(replace(f, box=moved(f.box), rect_box=moved(f.rect_box)) for f in photo.facings)
    return replace(photo, facings=facings, width=int(photo.width - off))


@pytest.mark.parametrize(("shown", "counted"), [(0.7, 4), (0.3, 3)])
def test_a_sliver_at_the_photos_edge_is_no_unit(shown: float, counted: int) -> None:
    photo = BayPhoto("p0", cut(layout("A A B C"), shown))
    match = match_bay(BayInput("bay", "Bay", (photo,), plan("A A B C")), PRODUCTS)
    assert [p.status.value for p in match.positions] == ["correct"] * 3
    assert len(match.counted) == counted


def test_photos_of_equal_facings_are_put_together_by_what_stands_beside_them() -> None:
    planned = plan("A A A A A A B C\nD D D D D D E B")
    left, right = layout("A A A A A A\nD D D D D D"), layout("A A A A B C\nD D D D E B")
    pushed = np.array([[1.0, 0.0, 0.6 * PX], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    right = replace(right, rectified=replace(right.rectified, homography=pushed))
    facings = tuple(
        replace(
            f, rect_box=(f.rect_box[0] + 0.6 * PX, f.rect_box[1], f.rect_box[2] + 0.6 * PX, f.rect_box[3])
        )
        for f in right.facings
    )
    photos = (BayPhoto("p0", left), BayPhoto("p1", replace(right, facings=facings)))
    match = match_bay(BayInput("bay", "Bay", photos, planned), PRODUCTS)
    assert {p.status.value for p in match.positions} == {"correct"}
    assert len(match.counted) == 16


def test_photos_without_products_in_common_stay_where_they_are() -> None:
    match = match_bay(bay("A A\nD D", "B C\nE E", planogram=plan(PLAN)), PRODUCTS)
    assert {p.status.value for p in match.positions} == {"correct"}
