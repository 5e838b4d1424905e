"""What all pack bodies share: a grid over the front, light on it, and the outline."""

from __future__ import annotations

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
