"""Where each product and price tag stands: shelf, column and stack, and where the shelf is empty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recognition.stages.shelves import Floats, Ints, resting

GAP_WIDTH = 0.8
"""Narrowest gap, as a share of the typical facing beside it."""


class Place(NamedTuple):
    """Shelf row, column from the left and level in the column; all count from 0."""

    shelf: int
    position: int
    stack: int


class EmptySpace(NamedTuple):
    """A gap: x1, y1, x2, y2 in rectified pixels, and its shelf row."""

    box: tuple[float, float, float, float]
    shelf: int


def place(boxes: Floats, rows: Ints) -> list[Place]:
    """Place each of (n, 4) rectified boxes, whose shelf rows (n,) are known.

    Boxes that rest on another box of their row share its column; the columns count from left to right by the
    middle of their lowest box.
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    places: list[Place] = [Place(0, 0, 0)] * len(boxes)
    for shelf in set(rows.tolist()):
        members = np.flatnonzero(rows == shelf)
        for index, position, stack in _columns(boxes[members]):
            places[members[index]] = Place(shelf, position, stack)
    return places


def _columns(boxes: Floats) -> list[tuple[int, int, int]]:
    """(index, position, stack) of each box of one shelf."""
    rests = resting(boxes, boxes)
    left, right = boxes[:, 0], boxes[:, 2]
    overlap = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    column, level = np.arange(len(boxes)), np.zeros(len(boxes), int)
    lowest_first = np.argsort(-boxes[:, 3], kind="stable")
    for rank, index in enumerate(lowest_first):
        placed = lowest_first[:rank]
        under = placed[rests[index, placed]]
        if len(under):
            base = under[int(np.argmax(overlap[index, under]))]
            column[index], level[index] = column[base], level[base] + 1
    bases = sorted(set(column.tolist()), key=lambda base: float(left[base] + right[base]))
    return [(index, bases.index(int(column[index])), int(level[index])) for index in range(len(boxes))]


def find_gaps(boxes: Floats, rows: Ints, edges: tuple[float, ...]) -> list[EmptySpace]:
    """Find empty spaces between the (n, 4) rectified boxes of each row and at its ends.

    A gap is at least GAP_WIDTH of the row's typical facing wide. A row ends where at least half of the rows
    have their ends too, so that a bay's ragged border is no gap. edges: see RectifiedShelf.
    """
    shelves = {row: boxes[rows == row] for row in sorted(set(rows.tolist()))}
    if not shelves:
        return []
    left = float(np.median([shelf[:, 0].min() for shelf in shelves.values()]))
    right = float(np.median([shelf[:, 2].max() for shelf in shelves.values()]))
    gaps: list[EmptySpace] = []
    for row, shelf in shelves.items():
        typical_width, typical_height = np.median(shelf[:, 2:] - shelf[:, :2], axis=0)
        for start, end in _free_spans(shelf, left, right):
            if end - start >= GAP_WIDTH * typical_width:
                gaps.append(EmptySpace((start, edges[row] - float(typical_height), end, edges[row]), row))
    return gaps


def tag_rows(boxes: Floats, edges: tuple[float, ...]) -> Ints:
    """Shelf row, (n,), of each of (n, 4) rectified price tags: the one whose edge is nearest to its middle.

    A tag hangs on the rail below the products it prices. edges: see RectifiedShelf, at least one.
    """
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    return np.asarray(np.abs(middles[:, None] - np.asarray(edges)[None]).argmin(axis=1), int)


def _free_spans(boxes: Floats, left: float, right: float) -> list[tuple[float, float]]:
    """The parts of left..right that no box covers, from left to right."""
    spans, reached = [], left
    for start, end in sorted(zip(boxes[:, 0].tolist(), boxes[:, 2].tolist(), strict=True)):
        if start > reached:
            spans.append((reached, start))
        reached = max(reached, end)
    return [*spans, (reached, right)] if right > reached else spans
