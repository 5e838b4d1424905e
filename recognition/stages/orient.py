"""Photos that lie on their side although their EXIF data says upright."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.types import Box, Detection, FloatArray, ImageArray, ShelfLayout

SUSPICIOUS = 0.7
"""Level edges weigh less than this share of upright ones: the photo may lie on its side."""
CLEARLY_MORE = 1.15
"""A turn is believed when the detector's summed scores grow by this factor."""
_TURNS = {1: cv2.ROTATE_90_CLOCKWISE, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
Detect = Callable[[ImageArray], list[Detection]]
Likeness = Callable[[ImageArray, Sequence[Detection]], float]
"""How like the catalogue's products the detected ones are, as they stand on the picture."""


def find_turn(
    image: ImageArray,
    segments: FloatArray,
    detections: Sequence[Detection],
    detect: Detect,
    likeness: Likeness,
) -> tuple[int, list[Detection]]:
    """Quarter turns clockwise that put the shelves level (0, 1 or 3), and the detections after that turn.

    segments: (n, 4), photo pixels, as ``find_segments`` gives. Shelves show long level edges. Where upright
    ones outweigh them, the photo is turned both ways and kept turned if the detector, which has learnt
    upright packs, then finds clearly more. Which of the two ways is not upside down, the packs' likeness
    tells.
    """
    if _level_share(segments) >= SUSPICIOUS:
        return 0, list(detections)
    turned = {quarters: detect(turn_image(image, quarters)) for quarters in _TURNS}
    totals = {quarters: sum(d.score for d in found) for quarters, found in turned.items()}
    if max(totals.values()) <= CLEARLY_MORE * sum(d.score for d in detections):
        return 0, list(detections)
    best = max(_TURNS, key=lambda quarters: likeness(turn_image(image, quarters), turned[quarters]))
    return best, turned[best]


def turn_image(image: ImageArray, quarters: int) -> ImageArray:
    """The picture turned clockwise by 0, 1 or 3 quarters."""
    return image if quarters == 0 else np.asarray(cv2.rotate(image, _TURNS[quarters]), np.uint8)


def turn_back(layout: ShelfLayout, quarters: int) -> ShelfLayout:
    """The layout of a turned photo, with boxes and homography of the photo as it was before the turn."""
    if quarters == 0:
        return layout
    width, height = layout.height, layout.width
    turn = _turn_matrix(width, height, quarters)
    plane = layout.rectified
    return replace(
        layout,
        width=width,
        height=height,
        rectified=replace(plane, homography=plane.homography @ turn),
        facings=tuple(replace(f, box=_box_before(f.box, turn)) for f in layout.facings),
        gaps=tuple(replace(g, box=_box_before(g.box, turn)) for g in layout.gaps),
        price_tags=tuple(replace(t, box=_box_before(t.box, turn)) for t in layout.price_tags),
    )


def _turn_matrix(width: int, height: int, quarters: int) -> NDArray[np.float64]:
    """(3, 3) map from a width x height photo to the same photo turned clockwise by 1 or 3 quarters."""
    if quarters == 1:
        return np.array([[0.0, -1.0, height], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width], [0.0, 0.0, 1.0]])


def _box_before(box: Box, turn: NDArray[np.float64]) -> Box:
    corners = np.linalg.inv(turn) @ np.array([[box[0], box[2]], [box[1], box[3]], [1.0, 1.0]])
    (x1, x2), (y1, y2) = np.sort(corners[0]).tolist(), np.sort(corners[1]).tolist()
    return x1, y1, x2, y2


def _level_share(segments: FloatArray) -> float:
    """Squared length of level segments over that of upright ones, each within 25 degrees."""
    run = np.abs(segments[:, 2:] - segments[:, :2]).astype(np.float64)
    weights = (run**2).sum(axis=1)
    steep = np.tan(np.radians(25))
    level = float(weights[run[:, 1] < steep * run[:, 0]].sum())
    upright = float(weights[run[:, 0] < steep * run[:, 1]].sum())
    return level / upright if upright else 1.0
