"""The detector's map of the boards' front edges: what stands on a board, and what does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recognition.types import FloatArray

SURE = 0.3
"""Lowest value of a cell that counts as an edge."""
ALONG = 0.5
"""An edge must run below this share of a box's width."""
REACH = 0.15
"""The edge may lie this share of the box's height above or below its foot."""


def on_boards(boxes: FloatArray, edges: FloatArray, cell: float) -> NDArray[np.bool_]:
    """Say which boxes stand on a board's front edge: (n,).

    boxes: (n, 4) pixels. edges: (h, w), 0..1, how surely an edge runs through a cell of ``cell`` x ``cell``
    pixels.
    """
    standing = np.zeros(len(boxes), bool)
    for row, (x1, y1, x2, y2) in enumerate((boxes / cell).tolist()):
        reach = max(1.5, REACH * (y2 - y1))
        top, bottom = max(0, round(y2 - reach)), round(y2 + reach) + 1
        below = edges[top:bottom, max(0, int(x1)) : int(x2) + 1]
        standing[row] = below.size > 0 and float((below.max(axis=0) >= SURE).mean()) >= ALONG
    return standing
