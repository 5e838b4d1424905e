"""Pictures as a training step wants them: varied, square, in batches.

A packshot (a product before a plain background) is put on a shelf by the renderer's crops; any other picture
is taken for a photo and changed by the named transforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from recognition.stages.embed import fit, trim_packshot
from recognition.training.evaluate.recognition import read_rgb
from recognition.training.pictures.augment import TRANSFORMS, augment
from recognition.training.pictures.sampling import Rows
from recognition.training.pictures.sources import Labelled
from recognition.training.render.crops import distort, prepare
from recognition.types import ImageArray

MAX_STRETCH, PAD = 1.6, 127
"""As the shipped embedder's input is prepared; see ``recognition.stages.embed``."""
KEPT = 4096
"""Pictures kept in memory after decoding."""


class Views:
    """Varied or plain (size, size, 3) views of labelled pictures."""

    def __init__(
        self, pictures: Labelled, size: int, transforms: Sequence[str] = tuple(TRANSFORMS), seed: int = 0
    ):
        if unknown := sorted(set(transforms) - set(TRANSFORMS)):
            raise ValueError(f"no transform {', '.join(unknown)}; there are {', '.join(TRANSFORMS)}")
        self.pictures, self.size, self.transforms, self.seed = pictures, size, tuple(transforms), seed
        self._picture = lru_cache(maxsize=KEPT)(self._read)
        self._pack = lru_cache(maxsize=KEPT)(lambda row: prepare(self._picture(row), self.size))

    def plain(self, rows: Rows) -> ImageArray:
        """The pictures as they are, packshots cut to their product, (n, size, size, 3)."""
        return np.stack([self._fit(trim_packshot(self._picture(int(row)))) for row in rows])

    def varied(self, rows: Rows, step: int) -> ImageArray:
        """Fresh variations (n, size, size, 3), the same ones for the same step."""
        return np.stack(
            [
                self._fit(self._vary(int(row), np.random.default_rng((self.seed, step, place))))
                for place, row in enumerate(rows)
            ]
        )

    def _vary(self, row: int, rng: np.random.Generator) -> ImageArray:
        picture = self._picture(row)
        if self.transforms and trim_packshot(picture) is not picture:
            return distort(self._pack(row), rng, size=self.size)
        return augment(picture, rng, self.transforms)

    def _read(self, row: int) -> ImageArray:
        """The picture with its longer side at most twice the view's."""
        picture = read_rgb(self.pictures.files[row])
        scale = 2 * self.size / max(picture.shape[:2])
        if scale >= 1:
            return picture
        return np.asarray(
            cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )

    def _fit(self, picture: ImageArray) -> ImageArray:
        return fit(picture, self.size, MAX_STRETCH, PAD)
