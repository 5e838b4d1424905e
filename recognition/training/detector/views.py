"""Cuts, scales and joins labelled photos into training pictures: the geometric half of augmentation."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from recognition.training.evaluate.detection import as_boxes
from recognition.types import FloatArray, ImageArray

PAD = 114
SIDES = (24.0, 280.0)
"""Range of the median product side (root of its area) that training pictures show, pixels."""
WHOLE = 0.3
"""Share of views that show a whole photo."""
MOSAIC = 0.3
"""Share of training pictures joined from four views."""
SEEN = 0.5
"""Part of a product a view must show for its box to count; less becomes an ignore region."""
SMALLEST = 6.0
"""Pixels a box's sides need to count."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its truth: image (h, w, 3) RGB uint8, boxes (n, 4), ignore (m, 4), in its pixels."""

    image: ImageArray
    boxes: FloatArray
    ignore: FloatArray


def compose(scenes: list[Scene], size: int, rng: Generator) -> Scene:
    """Make a training picture of ``size`` x ``size``: a view of the first scene, or a mosaic of four."""
    if rng.random() >= MOSAIC or len(scenes) < 4:
        return view(scenes[0], size, size, rng)
    middle_x, middle_y = (int(value) for value in rng.uniform(0.3, 0.7, 2) * size)
    canvas = np.empty((size, size, 3), np.uint8)
    boxes, ignore = [], []
    corners = [(0, 0), (middle_x, 0), (0, middle_y), (middle_x, middle_y)]
    for scene, (left, top) in zip(scenes, corners, strict=False):
        width = middle_x if left == 0 else size - middle_x
        height = middle_y if top == 0 else size - middle_y
        part = view(scene, width, height, rng)
        canvas[top : top + height, left : left + width] = part.image
        shift = np.array([left, top, left, top], np.float32)
        boxes.append(part.boxes + shift)
        ignore.append(part.ignore + shift)
    return Scene(canvas, np.concatenate(boxes), np.concatenate(ignore))


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
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0]] * 2, np.float32)
    shift = np.array([at_x, at_y] * 2, np.float32) - np.array([left, top] * 2, np.float32) * scale
    seen = Scene(canvas, scene.boxes * scale + shift, scene.ignore * scale + shift)
    return _cut(_mirror(seen) if rng.random() < 0.5 else seen)


def _zoom(scene: Scene, width: int, height: int, rng: Generator) -> float:
    photo_height, photo_width = scene.image.shape[:2]
    fit = min(width / photo_width, height / photo_height)
    if rng.random() < WHOLE or not len(scene.boxes):
        return float(fit * np.exp(rng.uniform(-0.1, 0.4)))
    sides = np.sqrt((scene.boxes[:, 2:] - scene.boxes[:, :2]).prod(axis=1))
    wanted = np.exp(rng.uniform(*np.log(SIDES)))
    return float(np.clip(wanted / max(np.median(sides), 1.0), fit * 0.7, 2.5))


def _start(photo: int, window: float, rng: Generator) -> float:
    """Where a window of that length begins: inside the photo if it fits, else around it."""
    return float(rng.uniform(min(0.0, photo - window), max(0.0, photo - window)))


def _mirror(scene: Scene) -> Scene:
    width = scene.image.shape[1]

    def flip(boxes: FloatArray) -> FloatArray:
        return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)

    return Scene(np.ascontiguousarray(scene.image[:, ::-1]), flip(scene.boxes), flip(scene.ignore))


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
    return Scene(scene.image, as_boxes(boxes[enough]), as_boxes(ignore[visible]))
