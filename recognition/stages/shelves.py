"""Shelf rows from product boxes: which products stand on the same board."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Mask = NDArray[np.bool_]

SAME_BOTTOM = 0.3
"""Neighbours stand on one board when their bottoms differ by less than this share of the smaller height."""
NEIGHBOUR = 2.0
"""Neighbours are at most this many widths apart."""
CLOSEST_BOARDS = 0.6
"""Two boards are at least this share of the lower products' height apart."""
FEW = 2
"""So few products are no row of their own where a board runs less than one product's height below them."""
SLIVER, SLIVER_REACH = 0.6, 1.3
"""Nor are so few that show less than this share of the lower products' height, up to so many heights above
the board: packs behind the front ones, seen over them."""
CONTACT = 0.15
"""A product rests on another when at most this share of their mean height is between them."""


def find_rows(boxes: Floats, cut: Mask | None = None) -> Ints:
    """Shelf row of each box: (n,) int, 0 is the top row; boxes: (n, 4), rectified pixels.

    Boxes whose bottoms continue each other from neighbour to neighbour form a row, so that a row may slope.
    A row standing on the products of the one below is its upper stack. Pieces of one row are joined across
    gaps, and a few boxes between two boards (leaning on or lying over the ones in front) join the row below.
    cut: (n,) boxes that the photo's lower border cuts, whose bottoms say nothing.
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    if len(boxes) == 0:
        return np.zeros(0, int)
    cut = np.zeros(len(boxes), bool) if cut is None else cut
    rows = _chains(boxes, cut)
    slope = _common_slope(boxes[~cut], rows[~cut])
    level = boxes[:, 3] - slope * (boxes[:, 0] + boxes[:, 2]) / 2
    rows = _unstack(rows, boxes)
    rows = _join(rows, level, boxes)
    order = sorted(set(rows.tolist()), key=lambda row: float(np.median(level[rows == row])))
    return np.array([order.index(row) for row in rows.tolist()], int)


def shelf_edges(boxes: Floats, rows: Ints) -> tuple[float, ...]:
    """y of each row's board, top to bottom: the typical bottom of its lowest products; rectified pixels."""
    edges: list[float] = []
    for row in range(int(rows.max(initial=-1)) + 1):
        bottoms = np.sort(boxes[rows == row, 3])
        edge = float(np.median(bottoms[len(bottoms) // 2 :]))
        edges.append(max(edge, edges[-1]) if edges else edge)
    return tuple(edges)


def _chains(boxes: Floats, cut: Mask) -> Ints:
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    smaller = np.minimum(heights[:, None], heights)
    apart = np.maximum(boxes[:, None, 0], boxes[:, 0]) - np.minimum(boxes[:, None, 2], boxes[:, 2])
    near = apart < NEIGHBOUR * np.minimum(widths[:, None], widths)
    level = np.abs(boxes[:, None, 3] - boxes[:, 3]) < SAME_BOTTOM * smaller
    shared = np.minimum(boxes[:, None, 3], boxes[:, 3]) - np.maximum(boxes[:, None, 1], boxes[:, 1])
    beside = (cut[:, None] | cut) & (shared > 0.5 * smaller)
    return np.asarray(connected_components(near & (level | beside), directed=False)[1])


def _common_slope(boxes: Floats, rows: Ints) -> float:
    """Median slope between neighbours of a row, dy/dx; 0 when no row has three boxes."""
    slopes: list[float] = []
    for row in set(rows.tolist()):
        members = boxes[rows == row]
        if len(members) < 3:
            continue
        x = (members[:, 0] + members[:, 2]) / 2
        left, right = np.triu_indices(len(x), 1)
        run = x[right] - x[left]
        wide = np.abs(run) > np.median(members[:, 2] - members[:, 0])
        slopes += ((members[right, 3] - members[left, 3])[wide] / run[wide]).tolist()
    return float(np.median(slopes)) if slopes else 0.0


def _join(rows: Ints, level: Floats, boxes: Floats) -> Ints:
    """Join rows whose boards are too close to be two, the closest pair first."""
    rows, heights = rows.copy(), boxes[:, 3] - boxes[:, 1]
    while True:
        names = sorted(set(rows.tolist()), key=lambda row: float(np.median(level[rows == row])))
        boards = np.array([np.median(level[rows == row]) for row in names])
        tall = np.array([np.median(heights[rows == row]) for row in names])
        few = np.array([np.sum(rows == row) <= FEW for row in names])
        if len(names) < 2:
            return rows
        limit = np.where(few[:-1] | few[1:], 1.0, CLOSEST_BOARDS)
        limit[few[:-1] & (tall[:-1] < SLIVER * tall[1:])] = SLIVER_REACH
        closeness = np.diff(boards) / tall[1:] / limit
        closest = int(np.argmin(closeness))
        if closeness[closest] >= 1:
            return rows
        rows[rows == names[closest]] = names[closest + 1]


def _unstack(rows: Ints, boxes: Floats) -> Ints:
    """Give a row that rests on the products of another row that row's name, from the bottom upwards."""
    rows = rows.copy()
    names = sorted(set(rows.tolist()), key=lambda row: -float(np.median(boxes[rows == row, 3])))
    for upper in names[1:]:
        above = boxes[rows == upper]
        for lower in names[: names.index(upper)]:
            below = boxes[rows == lower]
            if len(below) and np.mean(resting(above, below).any(axis=1)) > 0.6:
                rows[rows == upper] = lower
                break
    return rows


def resting(above: Floats, below: Floats) -> Mask:
    """(a, b) whether box a of ``above`` (a, 4) rests on top of box b of ``below`` (b, 4)."""
    wide = np.minimum(above[:, None, 2], below[None, :, 2]) - np.maximum(above[:, None, 0], below[None, :, 0])
    narrower = np.minimum((above[:, 2] - above[:, 0])[:, None], (below[:, 2] - below[:, 0])[None])
    mean = ((above[:, 3] - above[:, 1])[:, None] + (below[:, 3] - below[:, 1])[None]) / 2
    between = (below[None, :, 1] - above[:, None, 3]) / mean
    return (wide > 0.5 * narrower) & (between < CONTACT) & (between > -0.35)
