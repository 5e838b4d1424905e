"""Empty places a model saw: they confirm and add to those that follow from where products stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.stages.layout import EmptySpace
from recognition.stages.shelves import Floats, Ints

HALF_EMPTY = 0.5
"""Seen gaps on one board must cover this share of the bay's width for the board to be an empty row."""
SAME_BOARD = 0.4
"""Feet of seen gaps, and a board, are one when at most this share of a gap's height is between them."""
TAKEN = 0.25
"""A seen gap of which products cover more than this share is none."""
KNOWN = 0.3
"""A seen gap that gaps of its row already cover by this share of its width adds nothing."""


def free_of_products(seen: Floats, boxes: Floats) -> Floats:
    """Those of the seen gaps (m, 4) that the products (n, 4) leave free: (k, 4)."""
    if not len(seen) or not len(boxes):
        return seen
    shared = np.minimum(seen[:, None, 2:], boxes[None, :, 2:]) - np.maximum(
        seen[:, None, :2], boxes[None, :, :2]
    )
    covered = np.clip(shared, 0, None).prod(axis=2).sum(axis=1)
    kept: Floats = seen[covered <= TAKEN * (seen[:, 2:] - seen[:, :2]).prod(axis=1)]
    return kept


def add_empty_boards(
    rows: Ints, edges: tuple[float, ...], seen: Floats, boxes: Floats
) -> tuple[Ints, tuple[float, ...]]:
    """Rows (n,) and edges with the boards added on which nothing stands.

    seen: (m, 4) empty places, free of products; boxes: (n, 4) products; rectified pixels. Seen gaps that
    stand on a common level, far from every known board, and span half of the bay, show a board.
    """
    if not len(seen):
        return rows, edges
    around = np.concatenate([seen, boxes])
    width = float(around[:, 2].max() - around[:, 0].min())
    found = [
        float(np.median(gaps[:, 3]))
        for gaps in _by_level(seen)
        if float((gaps[:, 2] - gaps[:, 0]).sum()) >= HALF_EMPTY * width and not _on_board(gaps, edges)
    ]
    together = tuple(sorted((*edges, *found)))
    renamed = np.array([together.index(edge) for edge in edges], int)
    return (renamed[rows] if len(rows) else rows), together


def add_seen(spaces: Sequence[EmptySpace], edges: tuple[float, ...], seen: Floats) -> list[EmptySpace]:
    """``spaces``, and the seen gaps (m, 4) on a board that they do not cover yet."""
    added = list(spaces)
    for box in seen.tolist():
        height = box[3] - box[1]
        away = np.abs(np.asarray(edges) - box[3])
        if not len(away) or away.min() > SAME_BOARD * height:
            continue
        row = int(away.argmin())
        shared = sum(max(0.0, min(box[2], s.box[2]) - max(box[0], s.box[0])) for s in added if s.shelf == row)
        if shared < KNOWN * (box[2] - box[0]):
            added.append(EmptySpace((box[0], box[1], box[2], box[3]), row))
    return sorted(added, key=lambda space: (space.shelf, space.box[0]))


def _by_level(seen: Floats) -> list[Floats]:
    """Seen gaps in groups whose feet follow each other closely."""
    ordered = seen[np.argsort(seen[:, 3])]
    far = np.diff(ordered[:, 3]) > SAME_BOARD * np.median(seen[:, 3] - seen[:, 1])
    return np.split(ordered, np.flatnonzero(far) + 1)


def _on_board(gaps: Floats, edges: tuple[float, ...]) -> bool:
    level, height = np.median(gaps[:, 3]), np.median(gaps[:, 3] - gaps[:, 1])
    return any(abs(edge - level) <= SAME_BOARD * height for edge in edges)
