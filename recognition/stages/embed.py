"""Crops of products become unit vectors whose dot product says how alike the products are.

The same preparation serves shelf crops and packshots. A packshot is first cut to its product
(``trim_packshot``), since a detector's box is tight too. Then ``fit`` fills the model's square: both axes
are scaled to it, but one never more than ``max_stretch`` times the other, and what stays empty is grey.
Most packs are between 0.6 and 1.6 times as wide as high, so their whole square carries evidence; bottles
stay slim.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from recognition.runtime.manifest import ModelEntry
from recognition.runtime.sessions import session
from recognition.types import FloatArray, ImageArray

BATCH = 8
"""Crops a run: maps of more no longer fit the processor's caches (3.8 ms a crop; 3.9 with 16 and 32)."""

BACKGROUND_TOLERANCE = 20
"""Grey levels a packshot's background may differ from its border's colour (JPEG noise, soft shadows)."""


class Embedded(NamedTuple):
    """What the model says of n crops."""

    embedding: FloatArray
    """(n, 256) unit vectors of the general head."""
    features: FloatArray
    """(n, features) what an adapted head projects: pooled backbone activations or the strongest components of
    them and, last, the embedding."""


class Embedder:
    """The embedding model of ``entry``, run on ``threads`` threads."""

    def __init__(self, entry: ModelEntry, threads: int = 1):
        self.entry = entry
        self.threads = threads
        self.size = int(entry.preprocessing["size"])
        self.max_stretch = float(entry.preprocessing["max_stretch"])
        self.pad = int(entry.preprocessing["pad"])
        self.area_from = float(entry.preprocessing.get("area_from", 1.0))

    def embed(self, crops: Sequence[ImageArray]) -> FloatArray:
        """Return (n, 256) float32 unit vectors of n RGB crops of any size; see ``run``."""
        return self.run(crops).embedding

    def run(self, crops: Sequence[ImageArray]) -> Embedded:
        """Return embeddings and features of n RGB uint8 crops of any size, in their order.

        Raises ValueError for a crop that is not (height, width, 3) uint8 or is empty, ModelError when the
        model file cannot be used.
        """
        model = session(self.entry, self.threads)
        parts = [Embedded(*model.run(["embedding", "features"], {"crops": b})) for b in self._batches(crops)]
        if not parts:
            width = [output.shape[1] for output in model.get_outputs()]
            return Embedded(np.empty((0, width[0]), np.float32), np.empty((0, width[1]), np.float32))
        return Embedded(
            np.concatenate([p.embedding for p in parts]), np.concatenate([p.features for p in parts])
        )

    def prepare(self, crop: ImageArray) -> ImageArray:
        """The model's input of one RGB crop, (size, size, 3) uint8; see ``fit``."""
        return fit(crop, self.size, self.max_stretch, self.pad, self.area_from)

    def _batches(self, crops: Sequence[ImageArray]) -> Iterator[ImageArray]:
        for start in range(0, len(crops), BATCH):
            yield np.stack([self.prepare(crop) for crop in crops[start : start + BATCH]])


def fit(crop: ImageArray, size: int, max_stretch: float, pad: int, area_from: float = 1.0) -> ImageArray:
    """Scale an RGB crop into the middle of a (size, size, 3) square of grey level ``pad``.

    Both axes fill the square unless one would be scaled more than ``max_stretch`` times the other. A crop
    with more than ``area_from`` times the pixels that are left of it is averaged over areas; another one is
    interpolated, which takes a quarter of the time and skips no pixel up to 4 times.
    """
    if crop.ndim != 3 or crop.shape[2] != 3 or crop.dtype != np.uint8 or 0 in crop.shape:
        raise ValueError(f"a crop is RGB uint8 (height, width, 3), got {crop.dtype} {crop.shape}")
    height, width = crop.shape[:2]
    limit = max_stretch * size / max(height, width)
    new_height = max(1, round(min(size, height * limit)))
    new_width = max(1, round(min(size, width * limit)))
    shrinks = area_from * new_height * new_width < height * width
    square = np.full((size, size, 3), pad, np.uint8)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    inside = square[top : top + new_height, left : left + new_width]
    cv2.resize(
        crop,
        (new_width, new_height),
        dst=inside,
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    return square


def trim_packshot(packshot: ImageArray) -> ImageArray:
    """Cut an RGB packshot to its product: away with the plain border around it, usually white.

    The background is what differs from the border's median colour by at most BACKGROUND_TOLERANCE in every
    channel. A picture whose border is not plain, or that is nothing but background, is returned whole.
    """
    border = np.concatenate([packshot[0], packshot[-1], packshot[:, 0], packshot[:, -1]]).astype(np.int16)
    colour = np.median(border, axis=0)
    if (np.abs(border - colour).max(axis=1) <= BACKGROUND_TOLERANCE).mean() < 0.9:
        return packshot
    product = (np.abs(packshot.astype(np.int16) - colour) > BACKGROUND_TOLERANCE).any(axis=2)
    rows, columns = np.flatnonzero(product.any(axis=1)), np.flatnonzero(product.any(axis=0))
    if not len(rows):
        return packshot
    return packshot[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
