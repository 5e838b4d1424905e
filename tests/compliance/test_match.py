"""The matcher on drawn shelves: each status, each unplanned kind, each odd way to photograph a bay."""

from __future__ import annotations

import pytest

from compliance.match import count_facings, facing_match, match_bay
from compliance.types import BayMatch, FacingRef, Planogram, PositionStatus, UnplannedKind

from .scenes import PRODUCTS, bay, plan

PLAN = """
A A B C
D D E E
"""


def statuses(match: BayMatch) -> dict[str, str]:
    return {r.position.key: r.status.value for r in match.positions}


def matched(shelf: str, planned: Planogram | str = PLAN, *more: str) -> BayMatch:
    planogram = plan(planned) if isinstance(planned, str) else planned
    return match_bay(bay(shelf, *more, planogram=planogram), PRODUCTS)


@pytest.mark.parametrize("geometry", [True, False])
def test_a_shelf_as_planned_is_correct_throughout(geometry: bool) -> None:
    match = matched(PLAN, plan(PLAN, geometry))
    assert set(statuses(match).values()) == {"correct"}
    assert match.fits
    assert match.coverage == 1.0
    assert not match.unplanned
    assert not match.mirrored
    assert [r.credit for r in match.positions] == [1.0] * 5
    assert len(match.counted) == 8
    assert match.shelves == (0,) * 4 + (1,) * 4


@pytest.mark.parametrize(
    ("shelf", "expected"),
    [
        ("A A . C\nD D E E", {"0/1": "missing"}),
        ("A . B C\nD D E E", {"0/0": "wrong_facings"}),
        ("A A X C\nD D E E", {"0/1": "substituted"}),
        ("A A E C\nD D B .", {"0/1": "misplaced", "1/1": "misplaced"}),
        ("A A C B\nD D E E", {"0/1": "misplaced", "0/2": "misplaced"}),
        ("A A B C\nE E D D", {"1/0": "misplaced", "1/1": "misplaced"}),
        ("A A B C\nD D D E", {"1/0": "wrong_facings", "1/1": "wrong_facings"}),
        ("A A ? C\nD D E E", {"0/1": "substituted"}),
    ],
)
def test_events_are_named(shelf: str, expected: dict[str, str]) -> None:
    found = {key: status for key, status in statuses(matched(shelf)).items() if status != "correct"}
    assert found == expected


def test_a_missing_product_shows_its_gap() -> None:
    missing = matched("A A . C\nD D E E").positions[1]
    assert missing.status is PositionStatus.MISSING
    assert missing.gaps == (FacingRef("p0", 0, "gap"),)
    assert missing.why == "Its place is empty."


def test_a_misplaced_product_says_where_it_stands() -> None:
    match = matched("A A E C\nD D B .")
    moved = match.positions[1]
    assert (moved.found_shelf, moved.found_position) == (1, 1)
    assert moved.why == "It stands on shelf 2, in place 2."
    assert (moved.credit, moved.lenient_credit) == (0.0, 0.5)


def test_a_substituted_product_says_by_what_and_shows_it() -> None:
    match = matched("A A X C\nD D E E")
    assert match.positions[1].substituted_by == "X"
    assert match.positions[1].guests == (FacingRef("p0", 2),)
    assert [(u.kind, u.sku) for u in match.unplanned] == [(UnplannedKind.FOREIGN, "X")]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("X", UnplannedKind.FOREIGN), ("?", UnplannedKind.UNKNOWN), ("D", UnplannedKind.INTRUDER)],
)
def test_unplanned_facings_are_told_apart(word: str, kind: UnplannedKind) -> None:
    match = matched(f"A A B C {word}", plan("A A B C _"))
    assert set(statuses(match).values()) == {"correct"}
    assert [u.kind for u in match.unplanned] == [kind]


def test_more_facings_than_planned_belong_to_their_position() -> None:
    match = matched("A A A B C\nD D E E Y", plan("A A B C _\nD D E E Y"))
    assert {key for key, status in statuses(match).items() if status != "correct"} == {"0/0"}
    assert match.positions[0].status is PositionStatus.WRONG_FACINGS
    assert len(match.positions[0].seen) == 3
    assert match.positions[0].lenient_credit == pytest.approx(2 / 3)


def test_stacked_facings_count_for_the_position() -> None:
    match = matched("A/A A B C", plan("A/A A/A B C"))
    assert match.positions[0].status is PositionStatus.WRONG_FACINGS
    assert len(match.positions[0].seen) == 3


def test_positions_out_of_the_photo_are_not_assessed() -> None:
    match = matched("B C\nE E")
    assert statuses(match) == {
        "0/0": "not_assessed",
        "0/1": "correct",
        "0/2": "correct",
        "1/0": "not_assessed",
        "1/1": "correct",
    }
    assert match.coverage == pytest.approx(3 / 5)


def test_products_of_the_next_bay_are_left_out() -> None:
    match = matched("B C X X\nE E Y Y")
    assert not match.unplanned
    assert len(match.counted) == 4


def test_a_product_that_goes_on_in_the_next_bay_is_not_over_faced() -> None:
    match = matched("A A B C C C\nD D E E E Y")
    assert set(statuses(match).values()) == {"correct"}
    assert not match.unplanned
    assert len(match.counted) == 8


def test_a_mirrored_bay_follows_the_plan() -> None:
    match = matched("C B A A\nE E D D")
    assert match.mirrored
    assert set(statuses(match).values()) == {"correct"}


def test_another_planogram_is_said_so_and_not_scored() -> None:
    match = matched("X X X X\nY Y Z Z")
    assert not match.fits
    assert "another planogram" in match.note
    assert set(statuses(match).values()) == {"not_assessed"}
    assert len(match.counted) == 8


def test_an_ambiguous_facing_is_resolved_by_the_plan_and_says_so() -> None:
    match = matched("A A X~B C\nD D E E")
    resolved = match.positions[1]
    assert resolved.status is PositionStatus.CORRECT
    assert (resolved.credit, resolved.lenient_credit) == (0.0, 0.5)
    assert match.resolved == {FacingRef("p0", 2): "B"}


def test_the_plan_never_overrules_an_accepted_or_unknown_facing() -> None:
    unknown = matched("A A ?B C\nD D E E")
    assert unknown.positions[1].status is PositionStatus.SUBSTITUTED
    assert unknown.positions[1].lenient_credit == 0.5
    assert not unknown.resolved


def test_two_photos_of_a_bay_count_each_unit_once() -> None:
    planned = plan("A A B C D E\nD E A B C C")
    match = matched("A A B C\nD E A B", planned, "B C D E\nA B C C")
    assert set(statuses(match).values()) == {"correct"}
    assert match.coverage == 1.0
    assert len(match.counted) == 12


def test_the_newest_photo_of_a_place_counts() -> None:
    match = matched("A A . C\nD D E E", PLAN, "A A B C\nD D E E")
    assert set(statuses(match).values()) == {"correct"}
    assert {ref.photo for ref in match.counted} == {"p1"}
    assert not match.gaps


def test_an_empty_bay_is_missing_everything() -> None:
    match = matched(". . . .\n. . . .")
    assert set(statuses(match).values()) == {"missing"}


def test_without_photos_nothing_is_assessed() -> None:
    match = match_bay(bay(planogram=plan(PLAN)), PRODUCTS)
    assert set(statuses(match).values()) == {"not_assessed"}
    assert match.coverage == 0.0
    assert match.note


def test_without_a_plan_the_newest_photo_counts() -> None:
    assert count_facings(bay("A A", "A B C")) == tuple(FacingRef("p1", i) for i in range(3))
    with pytest.raises(ValueError, match="no planogram"):
        match_bay(bay("A"), PRODUCTS)


def test_facing_match() -> None:
    assert facing_match(3, 4) == 0.75
    assert facing_match(0, 0) == 1.0
