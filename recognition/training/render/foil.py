"""Soft packs: pillow bags and stand-up pouches with bulges, creases and the glints of foil."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.paint import Colour, hsv, smooth_noise
from recognition.training.render.surface import grid, lit, with_alpha
from recognition.types import FloatArray, ImageArray


def bag(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A pillow bag: crimped seals above and below, bulging sides, creases from the seals, specular folds."""
    return film(front, design, wear, bottom_seal=True)


def pillow(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A bag whose seals show the film itself: silver, white, dark, or of one colour with nothing printed."""
    film_colours: tuple[Colour, ...] = ((196, 198, 204), (246, 246, 244), (40, 38, 42))
    pick = int(design.integers(len(film_colours) + 2))
    edge = np.median(front[: max(1, len(front) // 30)].reshape(-1, 3), axis=0)
    seals = film_colours[pick] if pick < len(film_colours) else tuple(int(v) for v in edge)
    return film(front, design, wear, bottom_seal=True, seals=(seals[0], seals[1], seals[2]))


def pouch(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A stand-up pouch: seal and often a hang hole on top, wide rounded foot."""
    return film(front, design, wear, bottom_seal=False)


def film(
    front: ImageArray,
    design: np.random.Generator,
    wear: np.random.Generator,
    *,
    bottom_seal: bool,
    seals: Colour | None = None,
) -> ImageArray:
    """A soft pack; ``seals`` is the colour of its ends where the print does not reach them."""
    height, width = front.shape[:2]
    front = _part_printed(front, design, wear)
    seal = float(design.uniform(0.035, 0.075))
    gloss = float(design.choice([0.12, 0.4, 0.8]))
    x, y = grid(height, width)
    relief = _relief(wear, height, width, seal if bottom_seal else 0.0, seal)
    slope_y, slope_x = np.gradient(relief * height)
    light, shine = _foil_light(slope_x, slope_y, wear, gloss)
    shift = 0.012 * width
    map_x = (x + 1) / 2 * (width - 1) + shift * smooth_noise(wear, height, width, 5) + slope_x * height * 0.02
    map_y = y * (height - 1) + shift * smooth_noise(wear, height, width, 5) + slope_y * height * 0.02
    maps = map_x.astype(np.float32), map_y.astype(np.float32)
    warped = cv2.remap(front, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    ends = (y < seal) | ((y > 1 - seal) if bottom_seal else np.zeros_like(y, bool))
    if seals is not None:
        warped = np.where(ends[..., None], np.array(seals, np.uint8), warped)
    ribs = 1 + 0.16 * np.sin(y * height * 2 * np.pi / max(3.0, seal * height / 4))
    light = np.where(ends, light * 0.4 + 0.55 * ribs, light)
    out = lit(warped, light.astype(np.float32), (shine * ~ends).astype(np.float32))
    mask = _film_mask(wear, x, y, width, height, bottom_seal)
    if not bottom_seal and design.random() < 0.5:
        hole = np.hypot(x * width / 2, (y - seal * 0.6) * height) < max(1.5, 0.03 * width)
        mask = mask * ~hole
    return with_alpha(out, mask)


_PRINTED = ((0.0, 0.4), (0.0, 0.55), (0.08, 0.62), (0.2, 0.8), (0.12, 0.94), (0.3, 1.0))
"""Top and bottom of the print on a bag that is otherwise plain or see-through, parts of its height."""
_CONTENTS = (0.02, 0.07, 0.1, 0.13, 0.25, 0.33, 0.95)
"""Hues of what is seen through a bag: nuts, crisps, pasta, salad, berries."""


def _part_printed(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """The film of a bag; three in ten show the print on a part only, on plain or see-through film."""
    if design.random() > 0.3:
        return front
    height, width = front.shape[:2]
    plain = design.random() < 0.4
    colour = (
        hsv(float(design.random()), float(design.uniform(0, 0.1)), float(design.uniform(0.7, 1.0)))
        if plain
        else hsv(float(design.choice(_CONTENTS)), *(float(v) for v in design.uniform(0.3, 0.85, 2)))
    )
    out = np.empty((height, width, 3), np.float32)
    out[:] = colour
    if not plain:
        lumps = smooth_noise(wear, height, width, 9) + 0.6 * smooth_noise(wear, height, width, 22)
        out *= (1 + 0.35 * lumps)[..., None]
    top, bottom = (round(part * height) for part in _PRINTED[int(design.integers(len(_PRINTED)))])
    out[top:bottom] = cv2.resize(front, (width, bottom - top), interpolation=cv2.INTER_AREA)
    return np.clip(out, 0, 255).astype(np.uint8)


def _foil_light(
    slope_x: FloatArray, slope_y: FloatArray, wear: np.random.Generator, gloss: float
) -> tuple[FloatArray, FloatArray]:
    """Light on a surface of these slopes from the ceiling's lamps, and its mirror-like glints."""
    norm = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    lamp = np.array([float(wear.uniform(-0.45, 0.45)), -0.65, 0.75])
    lamp /= np.linalg.norm(lamp)
    diffuse = np.clip((-slope_x * lamp[0] - slope_y * lamp[1] + lamp[2]) * norm, 0, 1)
    shine = np.zeros_like(norm)
    for side in (-0.35, 0.3):
        half = np.array([lamp[0] * 0.5 + side, lamp[1] * float(wear.uniform(0.2, 0.7)), 0.9])
        half /= np.linalg.norm(half)
        facing = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) * norm, 0, 1)
        shine += gloss * facing ** float(wear.uniform(50, 160))
    return (0.42 + 0.82 * diffuse).astype(np.float32), shine.astype(np.float32)


def _relief(
    wear: np.random.Generator, height: int, width: int, low_seal: float, top_seal: float
) -> FloatArray:
    """Height of the film's surface, part of the pack's height: filling, dents, and creases off the seals."""
    small_h, small_w = max(24, height // 3), max(18, width // 3)
    x, y = grid(small_h, small_w)
    fill = np.clip((y - top_seal) / 0.35, 0, 1) * np.clip(
        (1 - low_seal - y) / (0.28 if low_seal else 0.06), 0, 1
    )
    bulge = (
        float(wear.uniform(0.06, 0.14))
        * width
        / height
        * np.sqrt(np.clip(fill, 0, 1))
        * (1 - np.abs(x) ** 2.5)
    )
    crumpled = float(wear.choice([1.0, 1.0, 2.2]))
    bulge = bulge + crumpled * float(wear.uniform(0.004, 0.014)) * smooth_noise(wear, small_h, small_w, 6)
    for _ in range(int(wear.integers(6, 16))):
        from_top = wear.random() < 0.55 or not low_seal
        start, lean = float(wear.uniform(-1, 1)), float(wear.normal(0, 0.7))
        along = y if from_top else 1 - y
        line = x - start - lean * along
        reach = np.clip(1 - along / float(wear.uniform(0.12, 0.45)), 0, 1)
        depth = float(wear.uniform(0.002, 0.012)) * reach
        bulge = bulge - depth * np.exp(-((line / float(wear.uniform(0.03, 0.1))) ** 2))
    for _ in range(int(wear.integers(0, 5))):
        cx, cy, turn = (float(v) for v in wear.uniform([-1, 0.1, -0.8], [1, 0.9, 0.8]))
        line = (y - cy) + turn * (x - cx) * 0.3
        near = np.exp(-(((x - cx) / float(wear.uniform(0.15, 0.4))) ** 2))
        bulge = bulge - float(wear.uniform(0.002, 0.007)) * near * np.exp(-((line / 0.02) ** 2))
    large = cv2.resize(bulge.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(large, (0, 0), 1.5 * height / small_h / 3)


def _film_mask(
    wear: np.random.Generator, x: FloatArray, y: FloatArray, width: int, height: int, bottom_seal: bool
) -> FloatArray:
    """Sides drawn in where the bag is filled and wavy, seals at full width with teeth."""
    t = y[:, 0]
    belly = (
        np.clip(np.sin(np.pi * t), 0, 1) ** 0.8
        if bottom_seal
        else np.clip(t * 3, 0, 1) * np.clip((1 - t) * 2 + 0.3, 0, 1)
    )
    pull = float(wear.uniform(0.02, 0.1 if bottom_seal else 0.04)) * belly
    rough = 0.014 * smooth_noise(wear, len(t), 2, 12)
    left, right = 0.985 - pull + rough[:, 0], 0.985 - pull * float(wear.uniform(0.6, 1.2)) + rough[:, 1]
    if not bottom_seal:
        foot = np.clip((t - 0.93) / 0.07, 0, 1) ** 2 * 0.12
        left, right = left - foot, right - foot
    twist = float(wear.normal(0, 0.05)) * (t - 0.5) + float(wear.normal(0, 0.03)) * np.sin(np.pi * t)
    left, right = left - twist - np.abs(twist).max(), right + twist - np.abs(twist).max()
    inside = np.clip((x + left[:, None]) * width / 2, 0, 1) * np.clip((right[:, None] - x) * width / 2, 0, 1)
    teeth = 0.006 * np.abs(((x[0] * width / 7) % 2) - 1)
    sag = 0.015 * smooth_noise(wear, 2, width, 3)
    corners = float(wear.uniform(0, 0.02)) * np.abs(x[0]) ** 6
    top = np.clip((y - (teeth + np.abs(sag[0]) + corners)[None]) * height, 0, 1)
    low = np.clip((1 - y - ((teeth if bottom_seal else 0) + np.abs(sag[1]) + corners)[None]) * height, 0, 1)
    return (inside * top * low).astype(np.float32)
