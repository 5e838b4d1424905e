"""The picture on a pack: drawn food, leaves, drops and splashes, or a piece of a licensed photo."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from recognition.training.render.paint import Colour, blend, ellipse_mask, hsv, polygon_mask, smooth_noise
from recognition.types import FloatArray, ImageArray


@lru_cache(maxsize=128)
def photo(path: str) -> ImageArray:
    """A photo file as RGB, at most 320 px on its longer side."""
    with Image.open(path) as image:
        image.draft("RGB", (320, 320))
        small = image.convert("RGB")
    small.thumbnail((320, 320))
    return np.asarray(small)


def photo_piece(path: str, rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """A random piece of the photo, (height, width, 3)."""
    whole = photo(path)
    part = float(rng.uniform(0.45, 0.9))
    aspect = width / height
    h = min(whole.shape[0], whole.shape[1] / aspect) * part
    w = h * aspect
    y, x = rng.uniform(0, whole.shape[0] - h), rng.uniform(0, whole.shape[1] - w)
    piece = whole[int(y) : max(int(y + h), int(y) + 2), int(x) : max(int(x + w), int(x) + 2)]
    return cv2.resize(piece, (width, height), interpolation=cv2.INTER_LINEAR)


def food(
    image: ImageArray, rng: np.random.Generator, area: tuple[float, float, float, float], hue: float
) -> None:
    """Draw a heap of chips, balls, leaves, rings or bars in ``area`` (unit box) of the image, in place."""
    kind = int(rng.integers(6))
    tone = float(rng.choice([hue, 0.09, 0.11, 0.05, 0.3]))
    count = int(rng.integers(5, 16)) if kind != 5 else 1
    size = float(rng.uniform(0.22, 0.55)) if count < 9 else float(rng.uniform(0.16, 0.34))
    spread = rng.normal(0, 0.22, (count, 2)).clip(-0.42, 0.42)
    for dx, dy in spread[np.argsort(spread[:, 1])]:
        colour = hsv(tone + rng.normal(0, 0.015), rng.uniform(0.5, 0.95), rng.uniform(0.6, 1.0))
        centre = (area[0] + area[2] * (0.5 + dx), area[1] + area[3] * (0.5 + dy))
        radius = size * min(area[2], area[3] * image.shape[0] / image.shape[1]) * float(rng.uniform(0.7, 1.2))
        _PIECES[kind](image, rng, centre, radius, colour)


def _patch(image: ImageArray, centre: tuple[float, float], radius: float) -> tuple[int, int, int]:
    """Left, top and side of the square, in pixels, that holds a piece of this radius (part of the width)."""
    side = max(6, round(2.2 * radius * image.shape[1]))
    return round(centre[0] * image.shape[1] - side / 2), round(centre[1] * image.shape[0] - side / 2), side


def _shade(mask: FloatArray, colour: Colour, light: float = 0.55) -> ImageArray:
    """The colour, lit from the upper left, over the mask's square."""
    side = mask.shape[0]
    ys, xs = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    lit = np.clip(1.05 - light * (xs * 0.6 + ys) - 0.8 * (xs**2 + ys**2), 0.35, 1.5)
    glow = np.exp(-((xs + 0.14) ** 2 + (ys + 0.18) ** 2) / 0.006)[..., None] * 110
    return np.clip(np.array(colour, np.float32) * lit[..., None] + glow * light, 0, 255).astype(np.uint8)


def _chip(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius)
    flat = float(rng.uniform(0.45, 0.9))
    mask = ellipse_mask(side, side, (0.08, 0.5 - 0.42 * flat, 0.84, 0.84 * flat), float(rng.uniform(0, 180)))
    speckle = 1 + 0.12 * smooth_noise(rng, side, side, 9)
    ink = np.clip(_shade(mask, c, 0.3) * speckle[..., None], 0, 255).astype(np.uint8)
    blend(image, mask * 0.45, (60, 35, 15), x + max(1, side // 22), y + max(1, side // 16))
    blend(image, mask, ink, x, y)


def _ball(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius * 0.8)
    mask = ellipse_mask(side, side, (0.08, 0.08, 0.84, 0.84))
    blend(image, mask * 0.4, (30, 20, 20), x + max(1, side // 18), y + max(1, side // 14))
    blend(image, mask, _shade(mask, c, 0.9), x, y)


def _leaf(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius)
    t = np.linspace(0, np.pi, 14, dtype=np.float32)
    half = np.stack([np.cos(t) * 0.45, np.sin(t) * float(rng.uniform(0.1, 0.22))], 1)
    points = np.concatenate([half, half[::-1] * np.array([1, -1], np.float32)])
    turn = float(rng.uniform(0, 2 * np.pi))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    mask = polygon_mask(side, side, points @ spin + 0.5)
    green = (
        hsv(float(rng.uniform(0.24, 0.4)), 0.75, float(rng.uniform(0.35, 0.75))) if rng.random() < 0.6 else c
    )
    blend(image, mask, _shade(mask, green, 0.5), x, y)


def _ring(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius)
    outer = ellipse_mask(side, side, (0.08, 0.14, 0.84, 0.72))
    mask = np.clip(outer - ellipse_mask(side, side, (0.3, 0.34, 0.4, 0.32)), 0, 1)
    blend(image, mask * 0.4, (50, 30, 15), x + max(1, side // 20), y + max(1, side // 16))
    blend(image, mask, _shade(mask, c, 0.6), x, y)


def _bar(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius)
    thick, turn = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0, np.pi))
    corners = np.array([[-0.46, -thick], [0.46, -thick], [0.46, thick], [-0.46, thick]], np.float32)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    mask = polygon_mask(side, side, corners @ spin + 0.5)
    blend(image, mask * 0.4, (40, 25, 15), x + max(1, side // 20), y + max(1, side // 16))
    blend(image, mask, _shade(mask, c, 0.4), x, y)


def _splash(
    image: ImageArray, rng: np.random.Generator, centre: tuple[float, float], radius: float, c: Colour
) -> None:
    x, y, side = _patch(image, centre, radius * 1.8)
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False, dtype=np.float32)
    reach = 0.24 + 0.2 * np.abs(np.sin(t * int(rng.integers(3, 8)) / 2 + rng.uniform(0, 6))) * rng.uniform(
        0.4, 1, 40
    )
    points = np.stack([0.5 + reach * np.cos(t), 0.5 + reach * np.sin(t)], 1).astype(np.float32)
    mask = polygon_mask(side, side, points)
    blend(image, mask, _shade(mask, c, 0.8), x, y)
    _ball(image, rng, centre, radius * 0.9, hsv(float(rng.random()), 0.8, 0.85))


_PIECES = (_chip, _ball, _leaf, _ring, _bar, _splash)
