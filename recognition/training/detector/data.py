"""The training batches made of labelled photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from recognition.stages.detect import KINDS
from recognition.training.detector.looks import restyle
from recognition.training.detector.losses import Truth
from recognition.training.detector.model import EDGE_STRIDE
from recognition.training.detector.views import Scene, compose
from recognition.training.evaluate.photos import Photo, read_picture
from recognition.types import FloatArray

POINTS_APART = 3.0


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
            truths.append(_truth(scene))
        return torch.stack(pictures).permute(0, 3, 1, 2).float(), truths

    def _scene(self, index: int) -> Scene:
        photo = self.photos[index]
        truths = [photo.truth if kind == KINDS[0] else photo.others.get(kind) for kind in KINDS]
        boxes = [truth.boxes for truth in truths if truth is not None]
        kinds = [np.full(len(t.boxes), kind, np.int64) for kind, t in enumerate(truths) if t is not None]
        known = [truth is not None for truth in (*truths, photo.shelf_edges)]
        return Scene(
            read_picture(photo.path),
            np.concatenate(boxes),
            photo.truth.ignore,
            np.concatenate(kinds),
            np.array(known),
            points_along(photo.shelf_edges or ()),
        )


def _truth(scene: Scene) -> Truth:
    known = torch.from_numpy(scene.known)
    edges = torch.from_numpy(edge_map(scene)) if scene.known[-1] else None
    return Truth(
        torch.from_numpy(scene.boxes),
        torch.from_numpy(scene.ignore),
        torch.from_numpy(scene.kinds),
        known[:-1],
        edges,
    )


def edge_map(scene: Scene) -> FloatArray:
    """Cells of ``EDGE_STRIDE`` pixels that a board's front edge runs through: (h, w) float32, 1 or 0."""
    height, width = (side // EDGE_STRIDE for side in scene.image.shape[:2])
    cells = np.zeros((height, width), np.float32)
    column, row = (scene.edges // EDGE_STRIDE).astype(int).T
    cells[np.minimum(row, height - 1), np.minimum(column, width - 1)] = 1
    return cells


def points_along(lines: Sequence[FloatArray]) -> FloatArray:
    """Points, (n, 2) float32, at most POINTS_APART pixels apart along lines of (k, 2) points."""
    points = [np.zeros((0, 2), np.float32)]
    for line in lines:
        steps = np.append(0, np.hypot(*np.diff(line, axis=0).T).cumsum())
        along = np.linspace(0, steps[-1], int(steps[-1] / POINTS_APART) + 2)
        points.append(np.stack([np.interp(along, steps, line[:, axis]) for axis in (0, 1)], axis=1))
    return np.concatenate(points).astype(np.float32)
