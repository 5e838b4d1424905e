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
from recognition.training.render.fonts import fonts
from recognition.training.render.layout import Label, Row, Tray, Unit
from recognition.training.render.packs import draw_pack, side_colour
from recognition.training.render.paint import hsv, put_text, readable_on
from recognition.training.render.signs import cut_tray, sticker
from recognition.types import ImageArray

LEVELS = (24, 48, 96, 192, 384, 640)
"""Heights in pixels at which pack textures are kept."""
_LIDDED = ("can", "tube", "jar", "tub", "glass_jar")
_ROUND = (*_LIDDED, "bottle", "glass_bottle")
_BOXED = ("box", "multipack", "carton", "window_box", "block_bag")
_FILMED = ("rolls", "shrink_pack")
"""Their sides look like their front."""


@dataclass(slots=True)
class Drawn:
    """What has been painted: number -> (unit, corners (4, 2) photo px, area in px if nothing hid it); the
    tags."""

    units: dict[int, tuple[Unit, NDArray[np.float64], float]] = field(default_factory=dict)
    tags: list[tuple[Label, NDArray[np.float64]]] = field(default_factory=list)


@lru_cache(maxsize=1500)
def _texture(spec: PackSpec, wear: int, level: int) -> tuple[ImageArray, float]:
    """The pack at one of ``LEVELS``, colours multiplied by alpha, and the part of it that is opaque."""
    full = draw_pack(spec, max(level, 96), wear)
    width = max(4, round(full.shape[1] * level / full.shape[0]))
    small = cv2.resize(full, (width, level), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:].astype(np.uint16)
    ink = (small[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    return np.dstack([ink, small[..., 3]]), float((small[..., 3] > 127).mean())


def _axes(unit: Unit, camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors of the pack's right, down and inward directions in the shop."""
    yaw = np.radians(unit.yaw)
    if unit.spec.shape in _ROUND:
        yaw = (
            np.arctan2(unit.x - camera.position[0], unit.z + 0.5 * unit.spec.depth_cm - camera.position[2])
            * -1.0
        )
    roll, lean = np.radians(unit.roll), np.radians(unit.lean)
    right = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    inward = np.array([-np.sin(yaw), 0.0, np.cos(yaw)])
    down = np.array([0.0, np.cos(lean), 0.0]) - inward * np.sin(lean)
    return np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right, inward


def draw_unit(canvas: Canvas, camera: Camera, unit: Unit, depth: float, drawn: Drawn) -> None:
    """Paint the unit and note it in ``drawn``; ``depth`` (cm) of its shelf sets how dark it gets at the
    back."""
    spec = unit.spec
    right, down, inward = _axes(unit, camera)
    foot = np.array([unit.x, unit.y, unit.z + (spec.depth_cm / 2 if spec.shape in _ROUND else 0.0)])
    half, tall = right * spec.width_cm / 2, down * spec.height_cm
    if abs(unit.roll) > 45:
        foot = foot + np.array([0.5 * spec.height_cm, -0.5 * spec.width_cm, 0.0])
    front = np.array([foot - half - tall, foot + half - tall, foot + half, foot - half])
    quad = camera.project(front)
    if canvas.region(quad) is None or (front[:, 2].min() <= camera.position[2] + 5):
        return
    number = len(drawn.units) + 1
    shade = (1.0 if unit.front else 0.85) * (1 - 0.4 * min(1.0, unit.z / max(depth, 1.0)))
    shade *= 1 - 0.08 * unit.wear / 3
    if unit.front:
        canvas.put(_shadow(), camera.project(front + (front - front.mean(axis=0)) * 0.12 + [0.6, 0.6, 0.0]))
    if spec.shape in (*_BOXED, *_FILMED):
        _draw_sides(canvas, camera, front, inward * spec.depth_cm, spec, shade, number)
    elif spec.shape in _LIDDED and camera.position[1] < unit.y - spec.height_cm:
        _draw_lid(canvas, camera, foot - tall, spec, shade, number)
    pixels = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    level = next((size for size in LEVELS if size >= pixels * 0.9), LEVELS[-1])
    texture, opaque = _texture(spec, unit.wear % 2 if level <= 96 else unit.wear, level)
    canvas.put(texture, quad, number, shade)
    area = float(cv2.contourArea(quad.astype(np.float32))) * opaque
    drawn.units[number] = (unit, quad, max(area, 1.0))


@lru_cache(maxsize=1)
def _shadow() -> ImageArray:
    """A soft dark rectangle: what a pack takes of the light round it."""
    out = np.zeros((48, 48, 4), np.uint8)
    out[6:-6, 6:-6, 3] = 110
    return cv2.GaussianBlur(out, (0, 0), 3.5)


def _draw_sides(
    canvas: Canvas,
    camera: Camera,
    front: NDArray[np.float64],
    back: NDArray[np.float64],
    spec: PackSpec,
    shade: float,
    number: int,
) -> None:
    """The seen sides and top of a box; they belong to the unit."""
    for first, second, light in ((1, 2, 0.62), (3, 0, 0.55), (0, 1, 0.95)):
        face = camera.project(
            np.array([front[first], front[first] + back, front[second] + back, front[second]])
        )
        if cv2.contourArea(face.astype(np.float32), oriented=True) > 3:
            corners = face if first == 1 else np.roll(face, -1 if first == 0 else 2, axis=0)
            side = _texture(spec, 0, 96)[0] if spec.shape in _FILMED else _side(spec, first == 0)
            canvas.put(side, corners, number, light * shade)


@lru_cache(maxsize=256)
def _side(spec: PackSpec, top: bool) -> ImageArray:
    """Print on a box's side or top: ground colour, the name, small lines."""
    wide = (
        max(8, round(96 * spec.depth_cm / spec.height_cm))
        if not top
        else max(8, round(96 * spec.width_cm / spec.depth_cm))
    )
    image = np.empty((96, min(wide, 400), 3), np.uint8)
    image[:] = side_colour(spec)
    ink = readable_on(side_colour(spec))
    faces = fonts(spec.fonts)
    font = faces[spec.design_seed % len(faces)] if faces else ""
    put_text(image, spec.brand, font, (0.1, 0.3 if top else 0.08, 0.8, 0.4 if top else 0.14), ink)
    for k in range(0 if top else 7):
        put_text(image, spec.name[k:][::-1].lower(), font, (0.12, 0.4 + 0.06 * k, 0.76, 0.03), ink, align=0.0)
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


def _draw_lid(
    canvas: Canvas, camera: Camera, top: NDArray[np.float64], spec: PackSpec, shade: float, number: int
) -> None:
    """The round top of a can, tube or jar seen from above, lighter in the middle."""
    rng = np.random.default_rng([spec.design_seed, 40])
    grey = hsv(float(rng.random()), float(rng.choice([0.0, 0.85])), float(rng.choice([0.3, 0.7, 0.95])))
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.column_stack([np.cos(t), np.zeros(24), np.sin(t)]) * spec.width_cm / 2
    for part, light in ((0.97, 0.7), (0.88, 0.9), (0.6, 1.0)):
        colour = tuple(round(c * light * shade) for c in (grey if spec.shape != "can" else (185, 185, 190)))
        canvas.fill(camera.project(top + circle * part), colour, number)


def draw_tray(canvas: Canvas, camera: Camera, tray: Tray, row: Row) -> None:
    """The front wall of a shelf-ready tray, cardboard or printed."""
    y, z = row.y, -0.4
    corners = [[tray.x0, y - tray.height, z], [tray.x1, y - tray.height, z], [tray.x1, y, z], [tray.x0, y, z]]
    if tray.cut:
        front = cut_tray(tray.spec, tray.cut, round((tray.x1 - tray.x0) / tray.height, 1))
        canvas.put(front, camera.project(np.array(corners)))
        return
    rng = np.random.default_rng([tray.spec.design_seed, 41])
    colour = hsv(0.08, 0.4, float(rng.uniform(0.45, 0.75))) if rng.random() < 0.5 else side_colour(tray.spec)
    image = np.empty((32, 160, 3), np.uint8)
    image[:] = colour
    if rng.random() < 0.7:
        faces = fonts(tray.spec.fonts)
        put_text(
            image,
            tray.spec.brand,
            str(rng.choice(faces)) if faces else "",
            (0.1, 0.2, 0.8, 0.6),
            readable_on(colour),
        )
    image[:2] = 235
    if rng.random() < 0.4:
        sticker(image, rng, int(rng.integers(0, 120)), int(rng.integers(2, 12)), 18, 30)
    texture = np.dstack([image, np.full((32, 160), 255, np.uint8)])
    canvas.put(texture, camera.project(np.array(corners)))
