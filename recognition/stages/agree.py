"""Does the print agree, once a packshot is laid over a crop?

Key points see corners, which all lines of a brand share. The fit that they give says where the rest of the
packshot must be in the crop, so what they did not look at can be compared: whether the print's lights and
darks follow each other place by place, and whether its colours do. A stranger in the look of a known brand
fails in one or the other, though its logo agrees.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.types import Agreement, FloatArray, ImageArray

LONG_SIDE = 112
"""Pixels of the longer side at which pictures are compared; a crop that is sharper tells no more here."""
WINDOW = 15
"""Pixels of the window in which lights and darks are correlated: bulges and shadows change little within it,
and it is large enough for a letter."""
FINE, COARSE = 1.0, 2.5
"""Standard deviations, pixels, of the blur before lights, and before colours, are compared."""
ALIKE = 0.5
"""Correlation from which a place agrees."""
TEXTURED = 4.0
"""Standard deviation of the packshot's lightness (0..100) in a window from which it shows something."""
NOISE = 4.0
"""Added to the product of two windows' variances before the root: flat ones correlate with nothing."""
QUALITY = 92
"""Of the JPEG files in which packshots are kept: about 5 kB each."""
FEWEST = 30
"""Pixels that must overlap, of those which the question is about."""


def small(picture: ImageArray) -> ImageArray:
    """An RGB picture with LONG_SIDE pixels, as it is kept of a packshot."""
    scale = LONG_SIDE / max(picture.shape[:2])
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def compressed(picture: ImageArray) -> bytes:
    """A small RGB picture as a file of a few kilobytes."""
    colours = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of {picture.shape} cannot be compressed")
    return data.tobytes()


def restored(data: bytes) -> ImageArray:
    """The picture that ``compressed`` wrote; raises ValueError for anything else."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    if picture is None:
        raise ValueError(f"these {len(data)} bytes are no picture")
    return np.asarray(picture, np.uint8)


def lab(picture: ImageArray) -> FloatArray:
    """A small RGB picture in CIE Lab: lightness 0..100, two chroma axes."""
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def agree(crop: FloatArray, packshot: FloatArray, matrix: NDArray[np.float64]) -> Agreement:
    """Lay a packshot over a crop, and tell how far they agree where they overlap.

    crop, packshot: ``lab`` of ``small``. matrix: (2, 3), packshot -> crop, see ``keypoints.Fit``.
    """
    size = (crop.shape[1], crop.shape[0])
    pixels = np.column_stack([matrix[:, :2], matrix[:, 2] * LONG_SIDE])
    laid = np.asarray(cv2.warpAffine(packshot, pixels, size, borderMode=cv2.BORDER_REPLICATE), np.float32)
    mask = np.asarray(cv2.warpAffine(np.ones(packshot.shape[:2], np.float32), pixels, size), np.float32)
    return Agreement(_structure(crop[..., 0], laid[..., 0], mask), _colour(crop, laid, mask))


def _structure(crop: FloatArray, laid: FloatArray, mask: FloatArray) -> float:
    """Share of the textured overlap where lightness correlates with ALIKE or more; 0 for too little of it.

    Normalised cross-correlation in windows (Lewis, "Fast normalized cross-correlation", 1995), which neither
    exposure nor a shadow changes.
    """
    a, b = (cv2.GaussianBlur(lightness, (0, 0), FINE) for lightness in (crop, laid))
    share = _mean(mask)
    whole = np.maximum(share, 1e-3)
    mean_a, mean_b = _mean(a * mask) / whole, _mean(b * mask) / whole
    spread_a = np.maximum(_mean(a * a * mask) / whole - mean_a**2, 0)
    spread_b = np.maximum(_mean(b * b * mask) / whole - mean_b**2, 0)
    together = _mean(a * b * mask) / whole - mean_a * mean_b
    told = (share > 0.6) & (mask > 0.5) & (spread_b > TEXTURED**2)
    if told.sum() < FEWEST:
        return 0.0
    correlation = together[told] / np.sqrt(spread_a[told] * spread_b[told] + NOISE)
    return float((correlation > ALIKE).mean())


def _colour(crop: FloatArray, laid: FloatArray, mask: FloatArray) -> float:
    """Correlation of chroma over the overlap, both axes at once; 0 for too little of it.

    Medians are taken away first, so that the lamps' colour does not count; packs of one colour tell nothing.
    """
    overlap = mask > 0.5
    if overlap.sum() < FEWEST:
        return 0.0
    a, b = (cv2.GaussianBlur(picture[..., 1:], (0, 0), COARSE)[overlap] for picture in (crop, laid))
    a, b = a - np.median(a, axis=0), b - np.median(b, axis=0)
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1))


def _mean(values: FloatArray) -> FloatArray:
    """Means over windows; nothing is beyond the picture."""
    return np.asarray(cv2.blur(values, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT), np.float32)
