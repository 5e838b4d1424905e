"""Draw one pack into the photo: front, and for boxes the side and top that are seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.training.render.camera import Camera
from recognition.training.render.canvas import Canvas
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.layout import Label, Unit
from recognition.training.render.packs import draw_pack, side_colour
from recognition.types import ImageArray

LEVELS = (24, 48, 96, 192, 384)
"""Heights in pixels at which pack textures are kept."""
_ROUND = ("can", "tube", "jar", "bottle")


@dataclass(slots=True)
class Drawn:
    """What has been painted: number -> (unit, corners (4, 2) photo px, area in px if nothing hid it); the tags."""

    units: dict[int, tuple[Unit, NDArray[np.float64], float]] = field(default_factory=dict)
    tags: list[tuple[Label, NDArray[np.float64]]] = field(default_factory=list)


@lru_cache(maxsize=1500)
def _texture(spec: PackSpec, wear: int, level: int) -> tuple[ImageArray, float]:
    """The pack at one of ``LEVELS``, colours multiplied by alpha, and the part of it that is opaque."""
    full = draw_pack(spec, LEVELS[-1] if level > 96 else 96, wear)
    width = max(4, round(full.shape[1] * level / full.shape[0]))
    small = cv2.resize(full, (width, level), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:].astype(np.uint16)
    ink = (small[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    return np.dstack([ink, small[..., 3]]), float((small[..., 3] > 127).mean())


def _axes(unit: Unit, camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors of the pack's right, down and inward directions in the shop."""
    yaw = np.radians(unit.yaw)
    if unit.spec.shape in _ROUND:
        yaw = np.arctan2(unit.x - camera.position[0], unit.z + 0.5 * unit.spec.depth_cm - camera.position[2]) * -1.0
    roll, lean = np.radians(unit.roll), np.radians(unit.lean)
    right = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    inward = np.array([-np.sin(yaw), 0.0, np.cos(yaw)])
    down = np.array([0.0, np.cos(lean), 0.0]) - inward * np.sin(lean)
    return np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right, inward


def draw_unit(canvas: Canvas, camera: Camera, unit: Unit, depth: float, drawn: Drawn) -> None:
    """Paint the unit and note it in ``drawn``; ``depth`` (cm) of its shelf sets how dark it gets at the back."""
    spec = unit.spec
    right, down, inward = _axes(unit, camera)
    foot = np.array([unit.x, unit.y, unit.z + (spec.depth_cm / 2 if spec.shape in _ROUND else 0.0)])
    half, tall = right * spec.width_cm / 2, down * spec.height_cm
    front = np.array([foot - half - tall, foot + half - tall, foot + half, foot - half])
    quad = camera.project(front)
    if canvas.region(quad) is None or (front[:, 2].min() <= camera.position[2] + 5):
        return
    number = len(drawn.units) + 1
    shade = (1.0 if unit.front else 0.85) * (1 - 0.4 * min(1.0, unit.z / max(depth, 1.0)))
    if spec.shape in ("box", "multipack"):
        _draw_sides(canvas, camera, front, inward * spec.depth_cm, spec, shade, number)
    pixels = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    level = next((size for size in LEVELS if size >= pixels * 0.9), LEVELS[-1])
    texture, opaque = _texture(spec, unit.wear, level)
    canvas.put(texture, quad, number, shade)
    area = float(cv2.contourArea(quad.astype(np.float32))) * opaque
    drawn.units[number] = (unit, quad, max(area, 1.0))


def _draw_sides(
    canvas: Canvas, camera: Camera, front: NDArray[np.float64], back: NDArray[np.float64], spec: PackSpec, shade: float, number: int
) -> None:
    """The seen side and top of a box, in its ground colour; they belong to the unit."""
    r, g, b = side_colour(spec)
    for first, second, light in ((1, 2, 0.62), (3, 0, 0.55), (0, 1, 0.95)):
        face = camera.project(np.array([front[first], front[first] + back, front[second] + back, front[second]]))
        turn = cv2.contourArea(face.astype(np.float32), oriented=True)
        if turn > 1.5:
            tone = light * shade
            canvas.fill(face, (round(r * tone), round(g * tone), round(b * tone)), number)
