"""The photo while it is painted: textured quads and polygons, and which unit each pixel shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.training.render.paint import Colour
from recognition.types import ImageArray

_SHIFT = 4


class Canvas:
    """RGB image (h, w, 3) uint8 and ids (h, w) int32: 0 where no numbered unit is seen."""

    def __init__(self, image: ImageArray) -> None:
        self.image = image
        self.ids: NDArray[np.int32] = np.zeros(image.shape[:2], np.int32)

    def region(self, points: NDArray[np.float64]) -> tuple[int, int, int, int] | None:
        """Pixel bounds (x0, y0, x1, y1) of the points inside the image; None when nothing is inside."""
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0)) + 1
        x0, y0 = (int(v) for v in np.maximum(low, 0))
        x1, y1 = int(min(high[0], self.image.shape[1])), int(min(high[1], self.image.shape[0]))
        return (x0, y0, x1, y1) if x1 - x0 >= 1 and y1 - y0 >= 1 else None

    def put(self, texture: ImageArray, quad: NDArray[np.float64], unit: int = 0, shade: float = 1.0) -> None:
        """Paint a texture (h, w, 4), colours already multiplied by alpha, on a quad.

        quad: (4, 2) photo pixels of the texture's top left, top right, bottom right, bottom left.
        shade: 0..1 darkens. unit: what ``ids`` shows where the texture is opaque.
        """
        bounds = self.region(quad)
        if bounds is None or np.abs(quad).max() > 50_000:
            return
        x0, y0, x1, y1 = bounds
        height, width = texture.shape[:2]
        source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(source, (quad - [x0 + 0.5, y0 + 0.5]).astype(np.float32))
        drawn = cv2.warpPerspective(texture, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        alpha = drawn[..., 3]
        rest = 255 - alpha
        ink = cv2.cvtColor(drawn, cv2.COLOR_RGBA2RGB)
        if shade < 0.995:
            ink = cv2.convertScaleAbs(ink, alpha=shade)
        here = self.image[y0:y1, x0:x1]
        here[:] = cv2.add(cv2.multiply(here, cv2.merge([rest, rest, rest]), scale=1 / 255), ink)
        self.ids[y0:y1, x0:x1][alpha > 127] = unit

    def fill(self, polygon: NDArray[np.float64], colour: Colour, unit: int = 0) -> None:
        """Paint a polygon, (n, 2) photo pixels, in one colour; fewer than three corners paint nothing."""
        if len(polygon) < 3:
            return
        bounded = np.clip(polygon, -8000, 8000)
        points = np.round(bounded * (1 << _SHIFT)).astype(np.int32)[None]
        cv2.fillPoly(self.image, points, colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.ids, points, unit, cv2.LINE_8, _SHIFT)

    def fill_all(self, polygons: NDArray[np.float64], colour: Colour) -> None:
        """Paint many polygons, (m, n, 2) photo pixels, that do not overlap, in one colour."""
        points = np.round(np.clip(polygons, -8000, 8000) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(self.image, list(points), colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.ids, list(points), 0, cv2.LINE_8, _SHIFT)
