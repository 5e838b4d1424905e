"""What all pack bodies share: a grid over the front, light on it, print round it, and the outline."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from recognition.types import FloatArray, ImageArray

_WHITE = np.array([255, 255, 255], np.float32)


def grid(height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """x in -1..1 as (1, w) and y in 0..1 as (h, 1)."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return x, y


def lit(image: ImageArray, light: FloatArray, gloss: FloatArray | float = 0.0) -> ImageArray:
    """Multiply by ``light`` and pull towards white by ``gloss`` (both (h, w))."""
    out = image.astype(np.float32) * light[..., None]
    if isinstance(gloss, np.ndarray):
        out += (_WHITE - out) * np.clip(gloss, 0, 0.95)[..., None]
    return np.clip(out, 0, 255).astype(np.uint8)


def with_alpha(image: ImageArray, mask: FloatArray) -> ImageArray:
    return np.dstack([image, (np.clip(mask, 0, 1) * 255).astype(np.uint8)])


def round_light(x: FloatArray, wear: np.random.Generator, gloss: float) -> tuple[FloatArray, FloatArray]:
    """Shade and highlights across a cylinder, (1, w) each."""
    where = float(wear.uniform(-0.55, 0.55))
    light = 1.08 - 0.5 * np.abs(x - 0.25 * where) ** 2.6
    shine = gloss * (np.exp(-((x - where) ** 2) / 0.012) + 0.5 * np.exp(-((x + 0.72) ** 2) / 0.006))
    return light.astype(np.float32), shine.astype(np.float32)


def wrap(front: ImageArray, curve: float) -> ImageArray:
    """Print wrapped round a cylinder: squeezed towards the sides, rows bent by ``curve`` of the height."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    map_x = (0.5 + np.arcsin(x * 0.995) / np.pi * 1.14) % 1.0 * (width - 1) + 0 * y
    map_y = (y + curve * (1 - np.sqrt(1 - (x * 0.995) ** 2))) * (height - 1)
    return cv2.remap(
        front,
        map_x.astype(np.float32),
        map_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def round_ends(x: FloatArray, y: FloatArray, height: int, curve: float) -> FloatArray:
    """Mask of a cylinder seen a little from above (curve > 0) or below: both ends bend the same way."""
    bend = np.abs(curve) * (1 - np.sqrt(np.clip(1 - x**2, 0, 1)))
    top = y - (bend if curve < 0 else np.abs(curve) - bend)
    low = 1 - y - (bend if curve > 0 else np.abs(curve) - bend)
    near_top = y - bend * (curve < 0)
    top = near_top if curve > 0 else top
    return np.clip(top * height, 0, 1) * np.clip(low * height, 0, 1)


def profile(y: FloatArray, points: Sequence[tuple[float, float]], soft: float = 0.012) -> FloatArray:
    """Half widths (h, 1) along an outline through ``points`` (y, half width), corners rounded by ``soft``."""
    at, half = zip(*points, strict=True)
    line = np.interp(y[:, 0], at, half).astype(np.float32)[:, None]
    reach = 2 * max(1, round(2.5 * soft * len(line))) + 1
    return cv2.GaussianBlur(
        line, (1, reach), 1, sigmaY=max(0.3, soft * len(line)), borderType=cv2.BORDER_REPLICATE
    ).reshape(-1, 1)


def across(x: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """-1..1 from a body's left to its right edge, (h, w), for half widths (h, 1) of its two sides."""
    return (2 * x + left - right) / np.maximum(left + right, 1e-3)


def between(x: FloatArray, left: FloatArray, right: FloatArray, width: int) -> FloatArray:
    """Mask (h, w) of a body with these half widths (h, 1) of its two sides."""
    return np.clip((x + left) * width / 2, 0, 1) * np.clip((right - x) * width / 2, 0, 1)


def stick(
    body: FloatArray,
    front: ImageArray,
    u: FloatArray,
    rows: tuple[float, float],
    *,
    half: float = 1.0,
    roundness: float = 1.0,
    corners: float = 40.0,
    curve: float = 0.0,
) -> None:
    """Put the print on a body, (h, w, 3) float32, in place.

    u: from ``across``. rows: top and bottom of the label, parts of the height. half: how far it reaches round
    the body. roundness: 0 a flat body, 1 a cylinder. corners: 2 an oval label, 4 a rounded, 40 a square one.
    curve: how far its middle hangs lower than its sides, part of its height.
    """
    height, width = body.shape[:2]
    top, bottom = max(0, int(rows[0] * height)), min(height, int(rows[1] * height) + 1)
    if bottom - top < 2:
        return
    here = u[top:bottom] / half
    bounded = np.clip(here, -1, 1)
    v = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None] + curve * (1 - np.sqrt(1 - bounded**2))
    inside = (np.abs(here) ** corners + np.abs(2 * v - 1) ** corners <= 1) & (np.abs(here) < 1)
    turned = (1 - roundness) * bounded + roundness * np.arcsin(bounded) * 2 / np.pi
    label = cv2.resize(front, (max(4, round(width * half)), bottom - top), interpolation=cv2.INTER_AREA)
    map_x = (0.5 + 0.5 * turned) * (label.shape[1] - 1)
    map_y = np.clip(v, 0, 1) * (label.shape[0] - 1)
    drawn = cv2.remap(label, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    body[top:bottom][inside] = drawn[inside]
