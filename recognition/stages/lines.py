"""Straight edges in the photo: shelf rails, pack edges, uprights."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.types import FloatArray, ImageArray

WORKING_PIXELS = 500_000
SHORTEST = 0.02
"""Shortest segment kept, as a share of the photo's diagonal."""


def find_segments(image: ImageArray) -> FloatArray:
    """Find straight segments: (n, 4) float32 of x1, y1, x2, y2 in photo pixels, longest first.

    Source of the detector: von Gioi et al., "LSD: a Line Segment Detector" (2012), as OpenCV has it. It
    looks at half a megapixel, which keeps rails and pack edges and drops the print on the packs.
    """
    height, width = image.shape[:2]
    scale = min(1.0, (WORKING_PIXELS / (width * height)) ** 0.5)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector().detect(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))[0]
    if found is None:
        return np.zeros((0, 4), np.float32)
    segments = np.reshape(found, (-1, 4)).astype(np.float32) / scale
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    order = np.argsort(-lengths, kind="stable")
    kept = order[lengths[order] >= SHORTEST * np.hypot(width, height)]
    return np.asarray(segments[kept], np.float32)


def count_rails(segments: FloatArray, shape: tuple[int, ...]) -> int:
    """Number of heights at which a long level edge runs, as shelf rails do.

    segments: (n, 4), photo pixels, longest first. shape: (height, width, ...) of the photo.
    """
    height, width = shape[:2]
    run = np.abs(segments[:, 2:] - segments[:, :2])
    long = segments[(run[:, 0] > 0.2 * width) & (run[:, 1] < 0.4 * run[:, 0])]
    heights: list[float] = []
    for middle in ((long[:, 1] + long[:, 3]) / 2).tolist():
        if all(abs(middle - known) > 0.05 * height for known in heights):
            heights.append(middle)
    return len(heights)
