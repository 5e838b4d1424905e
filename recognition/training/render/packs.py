"""One product's front view, drawn or from its packshot, with small differences from unit to unit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from recognition.training.render.art import look_of, panel
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.packshots import open_packshot
from recognition.training.render.paint import smooth_noise
from recognition.training.render.shapes import SHAPES
from recognition.types import ImageArray

WEARS = 4
"""How many different units of one product are drawn."""


def draw_pack(spec: PackSpec, height_px: int, wear: int = 0) -> ImageArray:
    """Front view of one unit: (height_px, w, 4) RGBA uint8, transparent outside. Do not write into it: it
    is cached.

    wear picks one of ``WEARS`` units of the product: other creases, highlights and curvature, same print.
    Raises ValueError when ``height_px`` is below 8, OSError when the packshot cannot be read.
    """
    if height_px < 8:
        raise ValueError(f"height_px must be at least 8, got {height_px}")
    return _drawn(spec, height_px, wear % WEARS)


@lru_cache(maxsize=512)
def _drawn(spec: PackSpec, height_px: int, wear: int) -> ImageArray:
    wear_rng = np.random.default_rng([spec.design_seed, spec.variant, wear, 11])
    if spec.packshot:
        pack = (
            _worn(_from_packshot(spec.packshot, height_px), wear_rng)
            if wear
            else _from_packshot(spec.packshot, height_px)
        )
    else:
        front = _front(spec, height_px)
        pack = SHAPES[spec.shape](front, np.random.default_rng([spec.design_seed, 12]), wear_rng)
    pack.setflags(write=False)
    return pack


@lru_cache(maxsize=192)
def _front(spec: PackSpec, height_px: int) -> ImageArray:
    return panel(spec, height_px, max(8, round(height_px * spec.width_cm / spec.height_cm)))


@lru_cache(maxsize=256)
def side_colour(spec: PackSpec) -> tuple[int, int, int]:
    """RGB of the pack's sides and back."""
    if not spec.packshot:
        return look_of(spec).ground
    pack = _drawn(spec, 64, 0)
    solid = pack[pack[..., 3] > 200][:, :3]
    r, g, b = (int(v) for v in np.median(solid, axis=0))
    return r, g, b


def packshot(spec: PackSpec, size: int = 512) -> ImageArray:
    """A clean stock picture: (size, size, 3) RGB uint8, the pack in the middle on white."""
    aspect = spec.width_cm / spec.height_cm
    height = max(8, round(0.9 * size * min(1.0, 1.0 / aspect)))
    pack = draw_pack(spec, height)
    out = np.full((size, size, 3), 255, np.uint8)
    width = min(pack.shape[1], size)
    y, x = (size - pack.shape[0]) // 2, (size - width) // 2
    alpha = pack[:, :width, 3:].astype(np.float32) / 255.0
    here = out[y : y + pack.shape[0], x : x + width]
    here[:] = (here * (1 - alpha) + pack[:, :width, :3] * alpha).astype(np.uint8)
    return out


@lru_cache(maxsize=512)
def _from_packshot(path: str, height_px: int) -> ImageArray:
    pack = open_packshot(Path(path))
    width = max(4, round(pack.shape[1] * height_px / pack.shape[0]))
    return cv2.resize(pack, (width, height_px), interpolation=cv2.INTER_AREA)


def _worn(pack: ImageArray, wear: np.random.Generator) -> ImageArray:
    """Another unit of the same product: slightly bent, lit and creased differently."""
    height, width = pack.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    shift = 0.012 * height
    bend_x = xs + shift * smooth_noise(wear, height, width, 4)
    bend_y = ys + shift * smooth_noise(wear, height, width, 4)
    out = cv2.remap(pack, bend_x, bend_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    light = 1 + 0.14 * smooth_noise(wear, height, width, 5)
    colour = np.clip(out[..., :3] * light[..., None], 0, 255).astype(np.uint8)
    return np.dstack([colour, out[..., 3]])
