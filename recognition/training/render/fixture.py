"""The furniture: back wall, boards, price rails, uprights, floor, and what is seen beside and above the
bay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

from recognition.training.render.camera import Camera
from recognition.training.render.canvas import Canvas
from recognition.training.render.layout import Bay, Label, Row
from recognition.training.render.paint import Colour, hsv, smooth_noise
from recognition.training.render.signs import printed_strip
from recognition.training.render.tags import price_tag, tag_aspect
from recognition.types import ImageArray

_AISLE = -250.0
"""z to which the floor reaches, cm: the other side of the aisle."""
_STEPS = 9
"""Pieces a long edge is cut into, so that the lens can bend it."""


def _tone(colour: Colour, light: float) -> Colour:
    r, g, b = (min(255, max(0, round(c * light))) for c in colour)
    return r, g, b


@dataclass(frozen=True, slots=True)
class Furniture:
    """The looks and sizes (cm) of one shop's shelving."""

    metal: Colour
    wall: Colour
    rail: Colour
    rail_height: float
    fence: float
    """height of a fence or lip above the board, 0 for none"""
    fence_colour: Colour
    tag_style: int
    tag_height: float
    upright: float
    """distance between uprights, cm"""
    slots: bool
    floor: Colour
    tile: float
    """side of a floor tile, cm"""
    joint: float
    """how dark the joints are, or light above 1"""
    planks: bool
    surround: Colour
    pane: float = 0.0
    """height of a clear pane before the packs' feet, 0 for none"""
    strips: float = 0.0
    """probability of a printed strip on the rail below a block"""

    @staticmethod
    def draw(rng: np.random.Generator) -> Furniture:
        value = float(rng.choice([0.12, 0.3, 0.55, 0.8, 0.93]))
        metal = hsv(float(rng.uniform(0.05, 0.65)), float(rng.uniform(0, 0.12)), value)
        if rng.random() < 0.1:
            metal = hsv(0.08, float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.3, 0.75)))
        rail = (
            metal
            if rng.random() < 0.55
            else hsv(float(rng.random()), float(rng.beta(1, 1.5)), float(rng.uniform(0.2, 1)))
        )
        return Furniture(
            metal=metal,
            wall=_tone(metal, float(rng.uniform(0.6, 1.1))),
            rail=rail,
            rail_height=float(rng.uniform(2.8, 5.5)),
            fence=float(rng.choice([0, 0, 0, 2.5, 5])),
            fence_colour=hsv(0.6, 0.03, float(rng.uniform(0.6, 1))),
            tag_style=int(rng.integers(2**31)),
            tag_height=float(rng.uniform(2.6, 4.6)),
            upright=float(rng.choice([62, 90, 100, 125, 133])),
            slots=bool(rng.random() < 0.5),
            floor=hsv(
                float(rng.uniform(0.05, 0.15)), float(rng.uniform(0, 0.3)), float(rng.uniform(0.35, 0.9))
            ),
            tile=float(rng.choice([20, 30, 33, 45, 60])),
            joint=float(rng.choice([0.45, 0.7, 0.85, 1.2])),
            planks=bool(rng.random() < 0.2),
            surround=hsv(float(rng.random()), float(rng.uniform(0, 0.25)), float(rng.uniform(0.08, 0.75))),
        )

    def varied(self, rng: np.random.Generator, tone: str = "") -> Furniture:
        """The same shelving with panes and printed strips at times; ``tone`` light or dark: all of it is."""
        pane = float(rng.choice([0.0, 3.5, 7.0], p=[0.7, 0.15, 0.15]))
        strips = float(rng.choice([0.0, 0.4, 1.0], p=[0.6, 0.25, 0.15]))
        out = replace(self, pane=pane, strips=strips, fence=0.0 if pane else self.fence)
        if not tone:
            return out
        value = float(rng.uniform(0.88, 0.98) if tone == "light" else rng.uniform(0.06, 0.16))
        metal = hsv(float(rng.random()), 0.03, value)
        return replace(out, metal=metal, wall=metal, rail=metal if rng.random() < 0.6 else self.rail)


def strip(x0: float, x1: float, lines: tuple[tuple[float, float], tuple[float, float]]) -> np.ndarray:
    """Outline of a band from x0 to x1 whose two long edges are given as (y, z), as (2 * _STEPS, 3) cm."""
    xs = np.linspace(x0, x1, _STEPS)
    first = np.column_stack([xs, np.full(_STEPS, lines[0][0]), np.full(_STEPS, lines[0][1])])
    second = np.column_stack([xs[::-1], np.full(_STEPS, lines[1][0]), np.full(_STEPS, lines[1][1])])
    return np.concatenate([first, second])


def _upright(x0: float, x1: float, y0: float, y1: float, z: float) -> np.ndarray:
    """Corners (4, 3) cm of an upright rectangle that faces the front."""
    return np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]])


def _fill_all(
    canvas: Canvas, camera: Camera, quads: list[np.ndarray] | list[list[list[float]]], colour: Colour
) -> None:
    """Fill four-cornered pieces, (m, 4, 3) cm, that do not overlap in the photo."""
    if len(quads):
        corners = np.asarray(quads, np.float64)
        canvas.fill_all(camera.project(corners.reshape(-1, 3)).reshape(-1, 4, 2), colour)


def scenery(rng: np.random.Generator, width: int, height: int, colour: Colour) -> ImageArray:
    """What the shop looks like round the bay, out of focus: far shelves, lamps, a floor; (height, width,
    3)."""
    small = np.empty((40, 40, 3), np.uint8)
    small[:] = colour
    small = np.clip(small * np.linspace(1.25, 0.75, 40)[:, None, None], 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 60))):
        x, y = rng.integers(0, 38, 2)
        w, h = int(rng.integers(1, 6)), int(rng.integers(1, 5))
        small[y : y + h, x : x + w] = hsv(
            float(rng.random()), float(rng.uniform(0, 0.8)), float(rng.uniform(0.1, 0.9))
        )
    for _ in range(int(rng.integers(0, 4))):
        y = int(rng.integers(0, 12))
        small[y : y + 1, int(rng.integers(0, 20)) : int(rng.integers(20, 40))] = 250
    soft = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.7, 2.5)))
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)


def _draw_floor_joints(canvas: Canvas, camera: Camera, foot: float, style: Furniture) -> None:
    """Joints of tiles, or of planks that run along the aisle."""
    tile, joint = style.tile, max(0.3, 0.025 * style.tile)
    tone = _tone(style.floor, style.joint)
    for x in np.arange(-480, 960, tile * (3 if style.planks else 1)):
        line = np.array([[x, foot, _AISLE], [x + joint, foot, _AISLE], [x + joint, foot, 0], [x, foot, 0]])
        canvas.fill(camera.outline(line), tone)
    for z in np.arange(_AISLE, 0, tile * (0.4 if style.planks else 1)):
        canvas.fill(camera.outline(strip(-480, 960, ((foot, float(z)), (foot, float(z + joint))))), tone)


def draw_behind(canvas: Canvas, camera: Camera, bay: Bay, style: Furniture) -> None:
    """Floor, and the bay's back wall with its slotted posts."""
    deep = max(row.depth for row in bay.rows)
    foot = bay.bottom + 16
    far = 600.0
    canvas.fill(
        camera.outline(strip(-far, bay.width + far, ((foot, _AISLE), (foot, 150)))),
        style.floor,
    )
    _draw_floor_joints(canvas, camera, foot, style)
    top = bay.rows[0].y - bay.rows[0].height - 8
    canvas.fill(camera.outline(strip(0, bay.width, ((top, deep), (foot, deep)))), _tone(style.wall, 0.6))
    for row in bay.rows:
        for k in range(14):
            y0, y1 = (row.y - row.height * (1 - part) for part in (k / 14, (k + 1) / 14))
            band = strip(0, bay.width, ((y0, deep), (y1, deep)))
            canvas.fill(camera.outline(band), _tone(style.wall, 0.5 + 0.5 * k / 14))
        if row.pegs or style.slots:
            xs, ys = (
                np.arange(2.5, bay.width, max(5.0, bay.width / 40)),
                np.arange(row.y - row.height + 3, row.y - 2, 5),
            )
            _fill_all(
                canvas,
                camera,
                [_upright(x, x + 0.8, y, y + 0.8, deep) for x in xs for y in ys],
                _tone(style.wall, 0.2),
            )
    for x in np.arange(style.upright, bay.width - 5, style.upright):
        canvas.fill(camera.outline(_upright(x - 1.5, x + 1.5, top, foot, deep - 1)), _tone(style.wall, 0.8))
        slots = [_upright(x - 0.4, x + 0.4, y, y + 3, deep - 1) for y in np.arange(top, foot, 5)]
        _fill_all(canvas, camera, slots, _tone(style.wall, 0.15))
    for x in (0.0, bay.width):
        side = np.array([[x, top, 0], [x, foot, 0], [x, foot, deep], [x, top, deep]])
        canvas.fill(camera.outline(side), _tone(style.metal, 0.5))


def draw_board(canvas: Canvas, camera: Camera, bay: Bay, row: Row, style: Furniture) -> None:
    """The board's upper or lower face, whichever is seen."""
    if row.pegs:
        return
    above = camera.position[1] < row.y
    y = row.y if above else row.y + style.rail_height * 0.5
    light = (0.62, 0.9) if above else (0.16, 0.3)
    for k, z in enumerate(np.linspace(row.depth, 0, 11)[:-1]):
        band = strip(0, bay.width, ((y, float(z)), (y, float(z - row.depth / 10))))
        canvas.fill(camera.outline(band), _tone(style.metal, light[0] + (light[1] - light[0]) * k / 9))


def draw_rail(canvas: Canvas, camera: Camera, bay: Bay, row: Row, style: Furniture) -> None:
    """The board's front edge with its price rail, and the fence above it."""
    if row.pegs:
        return
    z, height = -1.0, style.rail_height
    for part, light in ((0.0, 1.15), (0.12, 1.0), (0.55, 0.9), (0.86, 0.62)):
        band = strip(0, bay.width, ((row.y + part * height, z), (row.y + height, z)))
        canvas.fill(camera.outline(band), _tone(style.rail, light))
    if style.fence:
        top = row.y - style.fence
        canvas.fill(camera.outline(strip(0, bay.width, ((top, z), (top + 0.5, z)))), style.fence_colour)
        step = 1.2 if bay.width < 140 else 2.4
        rods = [_upright(x, x + 0.3, top, row.y, z) for x in np.arange(0, bay.width, step)]
        _fill_all(canvas, camera, rods, _tone(style.fence_colour, 0.92))


def draw_front(canvas: Canvas, camera: Camera, bay: Bay, row: Row, style: Furniture) -> None:
    """What stands or sticks before a row: dividers, a clear pane, printed strips on the rail."""
    shelf = bay.rows.index(row)
    rng = np.random.default_rng([style.tag_style, shelf, 32])
    tone = hsv(float(rng.random()), float(rng.choice([0.0, 0.8])), float(rng.uniform(0.3, 1)))
    for _, x, height in (d for d in bay.dividers if d[0] == shelf):
        thick = float(rng.uniform(0.15, 0.5))
        canvas.fill(camera.outline(_upright(x, x + thick, row.y - height, row.y, -0.3)), tone)
    if row.pegs:
        return
    if style.pane:
        for x in np.arange(0, bay.width, style.upright):
            end = min(bay.width, x + style.upright - 0.4)
            pane = _upright(float(x), float(end), row.y - style.pane, row.y, -0.8)
            canvas.put(_pane(style.tag_style % 8), camera.project(pane))
    blocks = sorted(
        {label.x: label for label in bay.labels if label.shelf == shelf}.values(), key=lambda t: t.x
    )
    for label, after in pairwise(blocks):
        if rng.random() < style.strips:
            x0, x1 = label.x - 3, after.x - 3
            if x1 - x0 > 5:
                band = _upright(x0, x1, row.y + 0.1 * style.rail_height, row.y + style.rail_height, -1.2)
                canvas.put(printed_strip(label.spec, (x1 - x0) / style.rail_height), camera.project(band))


@lru_cache(maxsize=8)
def _pane(seed: int) -> ImageArray:
    """A clear pane: faint, brighter along its upper edge, a few reflections."""
    rng = np.random.default_rng([seed, 33])
    alpha = np.full((24, 160), 18, np.float32) + 26 * np.clip(smooth_noise(rng, 24, 160, 9), 0, 2)
    alpha[:2] = 85
    alpha = np.clip(alpha, 0, 110)
    return np.dstack([alpha * 0.95, alpha * 0.98, alpha, alpha]).astype(np.uint8)


def draw_doors(canvas: Canvas, camera: Camera, bay: Bay, rng: np.random.Generator) -> None:
    """Glass doors of a cooler: frames, handles, reflections of the shop, frost."""
    top, foot = bay.rows[0].y - bay.rows[0].height - 6, bay.bottom + 8
    metal = hsv(0.6, 0.04, float(rng.choice([0.08, 0.2, 0.6, 0.85])))
    wide, frame, z = float(rng.uniform(50, 85)), float(rng.uniform(1.5, 5)), -float(rng.uniform(5, 9))
    strength, side = float(rng.uniform(0.2, 1.0)), bool(rng.random() < 0.5)
    start = -float(rng.uniform(0, wide))
    for x in np.arange(start, bay.width + wide, wide):
        x0, x1 = float(x), float(x + wide)
        glass = _reflection(rng, strength)
        canvas.put(glass, camera.project(_upright(x0, x1, top, foot, z)))
        for a, b in ((x0, x0 + frame), (x1 - frame, x1)):
            canvas.fill(camera.outline(_upright(a, b, top, foot, z)), metal)
            canvas.fill(
                camera.outline(_upright(a + 0.4 * frame, b - 0.4 * frame, top, foot, z)), _tone(metal, 1.4)
            )
        for y in (top, foot - frame):
            canvas.fill(camera.outline(strip(x0, x1, ((y, z), (y + frame, z)))), metal)
        grip = x1 - frame * 1.6 if side else x0 + frame * 0.8
        middle, long = (top + foot) / 2, float(rng.uniform(12, 30))
        handle = _upright(grip, grip + 0.8 * frame, middle - long, middle + long, z - 4)
        canvas.fill(camera.outline(handle), _tone(metal, 0.6 if metal[0] > 90 else 2.2))


def _reflection(rng: np.random.Generator, strength: float) -> ImageArray:
    """What a door mirrors, never enough to hide what is behind: lamps, a light slope, shoppers, frost."""
    high, wide = 96, 48
    light = 20 + 40 * np.clip(smooth_noise(rng, high, wide, 4), 0, 1.5)
    ys, xs = np.mgrid[0:high, 0:wide].astype(np.float32)
    for _ in range(int(rng.integers(0, 4))):
        slope, at = float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0, high * 0.6))
        light += float(rng.uniform(30, 110)) * np.exp(
            -((ys - at - slope * xs) ** 2) / float(rng.uniform(2, 40))
        )
    if rng.random() < 0.4:
        at = float(rng.uniform(0, wide))
        light += 50 * np.exp(-((xs - at) ** 2) / 60) * (ys > high * 0.25)
    frost = np.zeros_like(light)
    if rng.random() < 0.3:
        frost = 90 * np.clip(0.4 + smooth_noise(rng, high, wide, 14) - np.abs(ys / high - 0.5), 0, 1)
    alpha = np.clip(light * strength + frost, 0, 118)
    tint = rng.uniform(0.75, 1.0, 3)
    return np.dstack([*(alpha * t for t in tint), alpha]).astype(np.uint8)


def draw_uprights(
    canvas: Canvas, camera: Camera, bay: Bay, style: Furniture, rng: np.random.Generator
) -> None:
    """Posts between the sections, in front of the boards' ends."""
    foot, top = bay.bottom + 16, bay.rows[0].y - bay.rows[0].height - 8
    wide = float(rng.choice([2.5, 4.0]))
    for x in (-wide, bay.width):
        canvas.fill(camera.outline(_upright(x, x + wide, top, foot, 0.0)), _tone(style.metal, 0.85))
    plinth = strip(0, bay.width, ((bay.bottom + style.rail_height, 1.0), (foot, 1.0)))
    canvas.fill(camera.outline(plinth), _tone(style.metal, 0.45))


def draw_label(canvas: Canvas, camera: Camera, bay: Bay, label: Label, style: Furniture) -> np.ndarray:
    """One price tag on its rail; returns its corners, (4, 2) photo pixels, whether seen or not."""
    row = bay.rows[label.shelf]
    height = style.tag_height * (1.5 if label.promotion else 1.0)
    height *= 0.75 if label.hook is not None else 1.0
    width = height * tag_aspect(style.tag_style + label.promotion)
    y = row.y + 0.2 if not row.pegs else row.y - row.height + 1
    x0, x1, z = label.x - width / 2, label.x + width / 2, -1.4
    if label.hook is not None:
        y, z = label.hook, -4.0
        rod = np.array([[label.x, 8.0], [label.x + 0.4, 8.0], [label.x + 0.4, z], [label.x, z]])
        canvas.fill(camera.outline(np.insert(rod, 1, y - 0.2, axis=1)), _tone(style.fence_colour, 0.8))
    corners = camera.project(
        np.array([[x0, y, z], [x1, y, z], [x1, y + height, z - 0.6], [x0, y + height, z - 0.6]])
    )
    if canvas.region(corners) is not None:
        readable = np.linalg.norm(corners[0] - corners[3]) > 20
        name = label.spec.name if readable else ""
        canvas.put(
            price_tag(label.spec.price, name, style.tag_style + label.promotion, source=label.spec.fonts),
            corners,
        )
    return corners
