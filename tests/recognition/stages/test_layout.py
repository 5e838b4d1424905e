from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recognition.stages.layout import find_gaps, place, tag_rows
from recognition.stages.shelves import find_rows, shelf_edges

Boxes = NDArray[np.float64]
Truth = list[tuple[int, int, int]]


@st.composite
def shelves(draw: st.DrawFn) -> tuple[Boxes, Truth]:
    """A bay of shelves with packs of different sizes, some stacked, with jitter and a little tilt."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    tilt = draw(st.floats(-0.06, 0.06))
    boxes, truth, board = [], [], 0.0
    for shelf in range(draw(st.integers(1, 6))):
        width, height = rng.uniform(40, 120), rng.uniform(60, 200)
        stacked = height < 110 and rng.random() < 0.4
        board += (2 if stacked else 1) * height * 1.2 + 45
        x = rng.uniform(0, 40)
        for position in range(draw(st.integers(3, 12))):
            high = 2 if stacked and rng.random() < 0.6 else 1
            size = width * rng.uniform(0.9, 1.1), height * rng.uniform(0.93, 1.0)
            for stack in range(high):
                foot = board + tilt * x - stack * size[1] + rng.normal(0, 0.012) * height
                boxes.append((x, foot - size[1], x + size[0], foot))
                truth.append((shelf, position, stack))
            x += size[0] * rng.uniform(0.95, 1.3)
    return np.array(boxes), truth


@settings(max_examples=150, deadline=None)
@given(shelves(), st.randoms(use_true_random=False))
def test_every_pack_is_put_on_its_shelf_in_its_column_and_stack(
    drawn: tuple[Boxes, Truth], random: object
) -> None:
    boxes, truth = drawn
    order = np.array(sorted(range(len(boxes)), key=lambda _: random.random()))  # type: ignore[attr-defined]

    rows = find_rows(boxes[order])
    found = place(boxes[order], rows)

    assert [tuple(p) for p in found] == [truth[i] for i in order]


@settings(max_examples=60, deadline=None)
@given(shelves(), st.floats(0.3, 4), st.floats(-500, 500))
def test_rows_do_not_depend_on_scale_and_place(
    drawn: tuple[Boxes, Truth], scale: float, shift: float
) -> None:
    boxes, _ = drawn

    assert find_rows(boxes).tolist() == find_rows(boxes * scale + shift).tolist()


@settings(max_examples=60, deadline=None)
@given(shelves(), st.data())
def test_a_pack_taken_away_leaves_a_gap_there(drawn: tuple[Boxes, Truth], data: st.DataObject) -> None:
    boxes, truth = drawn
    shelf, position, _ = data.draw(st.sampled_from([t for t in truth if t[1] > 0]))
    taken = [t[:2] == (shelf, position) for t in truth]
    inner = any(t[0] == shelf and t[1] > position for t in truth)
    left = boxes[[not t for t in taken]]
    rows = np.array([t[0] for t, gone in zip(truth, taken, strict=True) if not gone])
    hole = boxes[taken][0]

    gaps = find_gaps(left, rows, shelf_edges(left, rows))

    middle = (hole[0] + hole[2]) / 2
    covered = any(
        b[0] < hole[0] + 0.2 * (hole[2] - hole[0]) and b[2] > hole[2] - 0.2 * (hole[2] - hole[0])
        for b in left[rows == shelf]
    )
    assert covered or not inner or any(g.shelf == shelf and g.box[0] < middle < g.box[2] for g in gaps)
    assert all(g.box[0] < g.box[2] and g.box[1] < g.box[3] for g in gaps)


def test_a_full_shelf_has_no_gap_and_a_ragged_end_is_none() -> None:
    boxes = np.array([(x, y, x + 50, y + 80) for y in (0, 150, 300) for x in range(0, 500, 52)], float)
    ragged = np.vstack([boxes, [[530, 0, 580, 80]]])
    rows = find_rows(ragged)

    assert find_gaps(ragged, rows, shelf_edges(ragged, rows)) == []


def test_a_price_tag_belongs_to_the_shelf_on_whose_rail_it_hangs() -> None:
    tags = np.array([[10, 98, 40, 112], [10, 295, 40, 310], [60, 205, 90, 220], [60, 330, 90, 340]], float)

    assert tag_rows(tags, (100.0, 200.0, 300.0)).tolist() == [0, 2, 1, 2]
    assert tag_rows(tags[:0], (100.0,)).tolist() == []


def test_a_pack_lying_behind_the_front_ones_stays_on_their_shelf() -> None:
    front = [(x, 400.0, x + 60, 500.0) for x in (0.0, 70.0, 140.0, 210.0)]
    boxes = np.array(
        [*front, (100.0, 370.0, 160.0, 440.0), *((x, 200.0, x + 60, 300.0) for x in (0, 70, 140))]
    )

    assert find_rows(boxes).tolist() == [1, 1, 1, 1, 1, 0, 0, 0]


def test_the_top_of_a_pack_seen_over_the_front_ones_is_no_shelf_of_its_own() -> None:
    front = [(x, 400.0, x + 60, 600.0) for x in (0.0, 70.0, 140.0, 210.0)]
    upper = [(x, 100.0, x + 60, 250.0) for x in (0.0, 70.0, 140.0)]
    boxes = np.array([*front, (100.0, 310.0, 150.0, 365.0), *upper])

    assert find_rows(boxes).tolist() == [1, 1, 1, 1, 1, 0, 0, 0]


def test_packs_cut_by_the_lower_border_are_one_row() -> None:
    whole = [(x, 100.0, x + 60, 200.0) for x in (0.0, 70.0, 140.0)]
    cut_off = [(0.0, 300.0, 60.0, 390.0), (70.0, 300.0, 130.0, 370.0), (140.0, 300.0, 200.0, 340.0)]
    boxes = np.array([*whole, *cut_off])

    assert find_rows(boxes, np.array([False] * 3 + [True] * 3)).tolist() == [0, 0, 0, 1, 1, 1]


def test_nothing_seen_is_no_row() -> None:
    empty = np.zeros((0, 4))

    assert find_rows(empty).tolist() == []
    assert shelf_edges(empty, find_rows(empty)) == ()
    assert find_gaps(empty, find_rows(empty), ()) == []
