"""A photo with what was recognised drawn on it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from recognition.stages.decode import decode
from recognition.types import Box, FacingStatus, ImageArray, ShelfLayout

COLOURS = {
    FacingStatus.ACCEPTED: (46, 160, 67),
    FacingStatus.AMBIGUOUS: (230, 160, 30),
    FacingStatus.UNKNOWN: (200, 60, 60),
}
GAP_COLOUR, EDGE_COLOUR, TAG_COLOUR = (90, 110, 230), (160, 80, 200), (250, 250, 250)


def draw(image: ImageArray, layout: ShelfLayout) -> ImageArray:
    """The upright photo with its facings (green accepted, orange ambiguous, red unknown), gaps, tags,
    edges."""
    picture = np.ascontiguousarray(image.copy())
    thick = max(2, round(max(image.shape[:2]) / 500))
    for edge in layout.rectified.shelf_edges:
        ends = np.array([[[0.0, edge], [layout.rectified.width, edge]]])
        line = cv2.perspectiveTransform(ends, np.linalg.inv(layout.rectified.homography))[0]
        (x1, y1), (x2, y2) = np.clip(line, -30_000, 30_000).round().astype(int).tolist()
        cv2.line(picture, (x1, y1), (x2, y2), EDGE_COLOUR, thick)
    for gap in layout.gaps:
        _box(picture, gap.box, GAP_COLOUR, thick, "gap")
    for tag in layout.price_tags:
        _box(picture, tag.box, TAG_COLOUR, max(1, thick // 2), "" if tag.price is None else str(tag.price))
    for facing in layout.facings:
        label = f"{facing.shelf}.{facing.position} {facing.sku or '?'}"
        _box(picture, facing.box, COLOURS[facing.status], thick, label)
    return picture


def _box(picture: ImageArray, box: Box, colour: tuple[int, int, int], thick: int, label: str) -> None:
    x1, y1, x2, y2 = (round(v) for v in box)
    cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thick)
    size, font = thick / 5, cv2.FONT_HERSHEY_SIMPLEX
    start = (x1 + thick, y1 + round(22 * size) + thick)
    for colour_of_text, width in (((0, 0, 0), 2 * thick), ((255, 255, 255), max(1, thick // 2))):
        cv2.putText(picture, label, start, font, size, colour_of_text, width)


def annotate(photo: Path, layout: ShelfLayout, folder: Path) -> Path:
    """Write the drawn photo as JPEG into ``folder``; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw(decode(photo.read_bytes()), layout)
    file = folder / f"{photo.stem}.jpg"
    if not cv2.imwrite(str(file), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR)):
        raise OSError(f"cannot write {file}")
    return file
