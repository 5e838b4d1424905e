"""Two versions side by side: what counts as moved, and what only made room."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import PlanogramPosition
from compliance.services.compare_plans import compare

_ids = itertools.count(1)


def shelves(*rows: str) -> list[PlanogramPosition]:
    """A letter is a product, a digit behind it its facings: shelves("AB2", "C")."""
    found = []
    for shelf, row in enumerate(rows):
        tokens = [(row[at], row[at + 1 : at + 2]) for at in range(len(row)) if row[at].isalpha()]
        for position, (letter, wide) in enumerate(tokens):
            facings = int(wide) if wide.isdigit() else 1
            found.append(
                PlanogramPosition(
                    pk=next(_ids), sku_id=ord(letter), shelf=shelf, position=position, facings_wide=facings
                )
            )
    return found


def said(before: list[PlanogramPosition], after: list[PlanogramPosition]) -> list[tuple[str, str]]:
    changes = compare(before, after).changes
    return [(chr(change.one.sku_id), "+".join(change.kinds)) for change in changes]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (("ABC",), ("ABC",), []),
        (("ABC",), ("XABC",), [("X", "added")]),
        (("ABC",), ("BC",), [("A", "removed")]),
        (("ABCD",), ("BCDA",), [("A", "moved")]),
        (("AB", "C"), ("A", "CB"), [("B", "moved")]),
        (("AB",), ("AB3",), [("B", "facings")]),
        (("AB", "C"), ("A", "CB2"), [("B", "moved+facings")]),
        (("AA",), ("AAA",), [("A", "added")]),
        (("AB",), ("XY",), [("X", "added"), ("A", "removed"), ("Y", "added"), ("B", "removed")]),
        ((), ("A",), [("A", "added")]),
    ],
)
def test_changes(before: tuple[str, ...], after: tuple[str, ...], changes: list[tuple[str, str]]) -> None:
    assert sorted(said(shelves(*before), shelves(*after))) == sorted(changes)


def test_the_words() -> None:
    moved = compare(shelves("AB", "C"), shelves("A", "CB2")).changes[0]
    assert moved.why == "From shelf 1, place 2 to shelf 2, place 2. 1 × 1 facings become 2 × 1."
    added, removed = sorted(compare(shelves("A"), shelves("B")).changes, key=lambda change: change.kinds)
    assert (added.why, removed.why) == ("New on shelf 1, place 1.", "Was on shelf 1, place 1.")


@given(st.lists(st.text("ABC", max_size=6), max_size=3), st.lists(st.text("ABC", max_size=6), max_size=3))
def test_nothing_is_lost_or_counted_twice(one: list[str], two: list[str]) -> None:
    before, after = shelves(*one), shelves(*two)
    found = compare(before, after)
    unchanged = len(after) - found.count("added")
    assert len(before) - found.count("removed") == unchanged
    assert (found.changes == []) == (
        [(p.sku_id, p.shelf) for p in before] == [(p.sku_id, p.shelf) for p in after]
    )
