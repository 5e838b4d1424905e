"""Cuts the products out, with the perspective taken away where it is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.types import ImageArray, RectifiedShelf

Boxes = NDArray[np.float64]
SURE_ENOUGH = 0.4
"""From this confidence on, crops come from the rectified plane."""


def cut(image: ImageArray, boxes: Boxes, rect_boxes: Boxes, plane: RectifiedShelf) -> list[ImageArray]:
    """Return one RGB crop a box, at the photo's own resolution.

    image: upright photo. boxes: (n, 4), photo pixels. rect_boxes: (n, 4) of the same products, rectified
    pixels. The crops come straight from the photo where the plane's confidence is below SURE_ENOUGH.
    """
    if plane.confidence < SURE_ENOUGH:
        return [_slice(image, box) for box in boxes]
    return [_warp(image, box, plane.homography) for box in rect_boxes]


def _slice(image: ImageArray, box: Boxes) -> ImageArray:
    height, width = image.shape[:2]
    x1, y1 = int(np.clip(box[0], 0, width - 1)), int(np.clip(box[1], 0, height - 1))
    x2, y2 = int(np.ceil(np.clip(box[2], x1 + 1, width))), int(np.ceil(np.clip(box[3], y1 + 1, height)))
    return image[y1:y2, x1:x2]


def _warp(image: ImageArray, box: Boxes, homography: NDArray[np.float64]) -> ImageArray:
    size = (max(1, round(float(box[2] - box[0]))), max(1, round(float(box[3] - box[1]))))
    shifted = np.array([[1, 0, -box[0]], [0, 1, -box[1]], [0, 0, 1]]) @ homography
    warped = cv2.warpPerspective(
        image, shifted, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)
