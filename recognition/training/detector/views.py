"""Cuts, scales and joins labelled photos into training pictures: the geometric half of augmentation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recognition.stages.detect import KINDS
from recognition.training.evaluate.detection import as_boxes
from recognition.types import FloatArray, ImageArray

PAD = 114
SIDES = (20.0, 420.0)
"""Range of the median product side (root of its area) that training pictures show, pixels."""
WHOLE = 0.15
"""Share of views that show a whole photo, perhaps with a margin."""
MARGIN = 0.92
"""Other views may be this share of the size that just fills them: padding teaches nothing."""
MOSAIC = 0.3
"""Share of training pictures joined from four views."""
SEEN = 0.5
"""Part of a product a view must show for its box to count; less becomes an ignore region."""
SMALLEST = 6.0
"""Pixels a box's sides need to count."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its truth, in its pixels.

    image: (h, w, 3) RGB uint8. boxes: (n, 4). ignore: (m, 4). kinds: (n,) of the boxes, rows of ``KINDS``.
    known: (kinds + 1,) which kinds are labelled, and last whether the edges are. edges: (k, 2) points, close
    together, along the boards' front edges.
    """

    image: ImageArray
    boxes: FloatArray
    ignore: FloatArray
    kinds: NDArray[np.int64]
    known: NDArray[np.bool_]
    edges: FloatArray


def compose(scenes: list[Scene], size: int, rng: Generator) -> Scene:
    """Make a training picture of ``size`` x ``size``: a view of the first scene, or a mosaic of four."""
    if rng.random() >= MOSAIC or len(scenes) < 4:
        return view(scenes[0], size, size, rng)
    middle_x, middle_y = (int(value) for value in rng.uniform(0.3, 0.7, 2) * size)
    canvas = np.empty((size, size, 3), np.uint8)
    parts = []
    corners = [(0, 0), (middle_x, 0), (0, middle_y), (middle_x, middle_y)]
    for scene, (left, top) in zip(scenes, corners, strict=False):
        width = middle_x if left == 0 else size - middle_x
        height = middle_y if top == 0 else size - middle_y
        part = view(scene, width, height, rng)
        canvas[top : top + height, left : left + width] = part.image
        parts.append(_moved(part, np.ones(2, np.float32), np.array([left, top], np.float32)))
    return Scene(
        canvas,
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.ignore for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.all([part.known for part in parts], axis=0),
        np.concatenate([part.edges for part in parts]),
    )


def view(scene: Scene, width: int, height: int, rng: Generator) -> Scene:
    """Show a random part of ``scene`` at a random scale, perhaps mirrored, on ``width`` x ``height``."""
    photo_height, photo_width = scene.image.shape[:2]
    zoom = _zoom(scene, width, height, rng)
    stretch = np.exp(rng.uniform(-0.15, 0.15))
    zoom_x, zoom_y = zoom * stretch, zoom / stretch
    x0 = _start(photo_width, width / zoom_x, rng)
    y0 = _start(photo_height, height / zoom_y, rng)
    canvas = np.full((height, width, 3), PAD, np.uint8)
    left, top = max(0, int(x0)), max(0, int(y0))
    part = scene.image[top : int(y0 + height / zoom_y) + 1, left : int(x0 + width / zoom_x) + 1]
    size = (max(1, round(part.shape[1] * zoom_x)), max(1, round(part.shape[0] * zoom_y)))
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(part, size, interpolation=method)
    at_x, at_y = max(0, round((left - x0) * zoom_x)), max(0, round((top - y0) * zoom_y))
    placed = scaled[: height - at_y, : width - at_x]
    canvas[at_y : at_y + placed.shape[0], at_x : at_x + placed.shape[1]] = placed
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
    shift = np.array([at_x, at_y], np.float32) - np.array([left, top], np.float32) * scale
    seen = _moved(replace(scene, image=canvas), scale, shift)
    return _cut(_mirror(seen) if rng.random() < 0.5 else seen)


def _moved(scene: Scene, scale: FloatArray, shift: FloatArray) -> Scene:
    """Its truth scaled and moved by (x, y); the picture stays."""
    scales, shifts = np.tile(scale, 2), np.tile(shift, 2)
    return replace(
        scene,
        boxes=scene.boxes * scales + shifts,
        ignore=scene.ignore * scales + shifts,
        edges=scene.edges * scale + shift,
    )


def _zoom(scene: Scene, width: int, height: int, rng: Generator) -> float:
    photo_height, photo_width = scene.image.shape[:2]
    fit, fill = sorted((width / photo_width, height / photo_height))
    products = scene.boxes[scene.kinds == KINDS.index("product")]
    if rng.random() < WHOLE or not len(products):
        return float(fit * np.exp(rng.uniform(-0.1, 0.4)))
    sides = np.sqrt((products[:, 2:] - products[:, :2]).prod(axis=1))
    wanted = np.exp(rng.uniform(*np.log(SIDES)))
    return float(np.clip(wanted / max(np.median(sides), 1.0), fill * MARGIN, max(2.5, fill)))


def _start(photo: int, window: float, rng: Generator) -> float:
    """Where a window of that length begins: inside the photo if it fits, else around it."""
    return float(rng.uniform(min(0.0, photo - window), max(0.0, photo - window)))


def _mirror(scene: Scene) -> Scene:
    width = scene.image.shape[1]

    def flip(boxes: FloatArray) -> FloatArray:
        return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)

    return replace(
        scene,
        image=np.ascontiguousarray(scene.image[:, ::-1]),
        boxes=flip(scene.boxes),
        ignore=flip(scene.ignore),
        edges=scene.edges * np.array([-1, 1], np.float32) + np.array([width, 0], np.float32),
    )


def _cut(scene: Scene) -> Scene:
    """Clip the boxes at the border; what is then too little to see becomes an ignore region."""
    height, width = scene.image.shape[:2]
    border = np.array([width, height] * 2, np.float32)
    boxes = np.clip(scene.boxes, 0, border)
    sides = boxes[:, 2:] - boxes[:, :2]
    whole = (scene.boxes[:, 2:] - scene.boxes[:, :2]).prod(axis=1)
    enough = (sides.prod(axis=1) >= SEEN * whole) & (sides.min(axis=1) >= SMALLEST)
    ignore = np.concatenate([np.clip(scene.ignore, 0, border), boxes[~enough]])
    visible = (ignore[:, 2:] - ignore[:, :2]).min(axis=1) > 0
    on_picture = ((scene.edges >= 0) & (scene.edges < [width, height])).all(axis=1)
    return replace(
        scene,
        boxes=as_boxes(boxes[enough]),
        ignore=as_boxes(ignore[visible]),
        kinds=scene.kinds[enough],
        edges=scene.edges[on_picture],
    )
