"""The training batches made of labelled photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from recognition.training.detector.looks import restyle
from recognition.training.detector.losses import Truth
from recognition.training.detector.views import Scene, compose
from recognition.training.evaluate.photos import Photo, read_picture


class Batches:
    """Endless training batches: the one of a step is always the same, whatever came before it.

    photos: to draw from, each as often as it is listed. size: pixels of the square pictures. seed: of all
    choices.
    """

    def __init__(self, photos: Sequence[Photo], size: int, batch: int, seed: int) -> None:
        if not photos:
            raise ValueError("no labelled photo to train on")
        self.photos = photos
        self.size = size
        self.batch = batch
        self.seed = seed

    def __call__(self, step: int) -> tuple[Tensor, list[Truth]]:
        """Return pictures (batch, 3, size, size) float32 0..255 and their truths."""
        rng = np.random.default_rng([self.seed, step])
        pictures, truths = [], []
        scenes = [self._scene(int(rng.integers(len(self.photos)))) for _ in range(self.batch)]
        for index in range(self.batch):
            scene = compose(scenes[index:] + scenes[:index], self.size, rng)
            pictures.append(torch.from_numpy(restyle(scene.image, rng)))
            truths.append(Truth(torch.from_numpy(scene.boxes), torch.from_numpy(scene.ignore)))
        return torch.stack(pictures).permute(0, 3, 1, 2).float(), truths

    def _scene(self, index: int) -> Scene:
        photo = self.photos[index]
        return Scene(read_picture(photo.path), photo.truth.boxes, photo.truth.ignore)
