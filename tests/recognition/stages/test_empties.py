from __future__ import annotations

import numpy as np

from recognition.stages.empties import add_empty_boards, add_seen, free_of_products
from recognition.stages.layout import EmptySpace

PRODUCTS = np.array([[x, y, x + 50, y + 80] for y in (20, 320) for x in range(0, 500, 55)], float)
ROWS = np.repeat([0, 1], 10)
EDGES = (100.0, 400.0)


def test_an_empty_board_between_two_rows_becomes_a_row() -> None:
    seen = np.array([[0, 160, 250, 248], [240, 165, 540, 252]], float)

    rows, edges = add_empty_boards(ROWS, EDGES, seen, PRODUCTS)

    assert edges == (100.0, 250.0, 400.0)
    assert rows.tolist() == [0] * 10 + [2] * 10
    spaces = add_seen([], edges, seen)
    assert [space.shelf for space in spaces] == [1, 1]


def test_gaps_on_a_known_board_or_too_narrow_make_no_row() -> None:
    seen = np.array([[0, 300, 540, 398], [100, 170, 190, 250]], float)

    rows, edges = add_empty_boards(ROWS, EDGES, seen, PRODUCTS)

    assert edges == EDGES
    assert rows.tolist() == ROWS.tolist()


def test_a_shelf_without_any_product_has_rows_of_gaps() -> None:
    seen = np.array([[0, 10, 500, 90], [0, 110, 500, 190]], float)

    rows, edges = add_empty_boards(np.zeros(0, int), (), seen, np.zeros((0, 4)))

    assert edges == (90.0, 190.0)
    assert len(rows) == 0
    assert [space.shelf for space in add_seen([], edges, seen)] == [0, 1]


def test_seen_gaps_add_to_those_known_and_repeat_none() -> None:
    known = EmptySpace((110.0, 20.0, 165.0, 100.0), 0)
    seen = np.array([[105, 30, 170, 99], [300, 320, 380, 398], [10, 200, 60, 260]], float)

    spaces = add_seen([known], EDGES, seen)

    assert spaces == [known, EmptySpace((300.0, 320.0, 380.0, 398.0), 1)]


def test_a_gap_seen_where_products_stand_is_none() -> None:
    seen = np.array([[0, 20, 110, 100], [540, 20, 700, 100]], float)

    assert free_of_products(seen, PRODUCTS).tolist() == [[540, 20, 700, 100]]
    assert len(free_of_products(np.zeros((0, 4)), PRODUCTS)) == 0
