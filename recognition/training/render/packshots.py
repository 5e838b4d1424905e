"""Reference pictures of real products: found in a folder, cut out of their white background."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from recognition.types import ImageArray

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def key_out(picture: ImageArray, tolerance: int = 14) -> ImageArray:
    """RGBA of a packshot, cut to the product: near-white joined to the border becomes transparent.

    picture: (h, w, 3) RGB uint8. White inside the pack stays. A picture without a white border stays whole.
    """
    height, width = picture.shape[:2]
    white = (picture.min(axis=2) >= 255 - tolerance).astype(np.uint8)
    framed = cv2.copyMakeBorder(white, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    solid = (framed[1:-1, 1:-1] != 2).astype(np.uint8) * 255
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    ys, xs = np.nonzero(solid)
    if len(ys) < 0.01 * height * width:
        return np.dstack([picture, np.full((height, width), 255, np.uint8)])
    alpha = cv2.GaussianBlur(solid, (3, 3), 0)
    cut = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    return np.dstack([picture[cut], alpha[cut]])


def open_packshot(path: Path) -> ImageArray:
    """A packshot file as RGBA, keyed and cut to the product; a file with its own transparency keeps it."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image)
        rgba = np.asarray(upright.convert("RGBA"))
    if (rgba[..., 3] < 128).mean() > 0.02:
        ys, xs = np.nonzero(rgba[..., 3] > 127)
        return rgba[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] if len(ys) else rgba
    return key_out(np.ascontiguousarray(rgba[..., :3]))


def find_packshot(folder: Path, sku: str) -> Path | None:
    """A product's first picture: ``<sku>.jpg|jpeg|png|webp`` or the first in ``<sku>/``; None without."""
    for suffix in PICTURE_SUFFIXES:
        if (folder / f"{sku}{suffix}").is_file():
            return folder / f"{sku}{suffix}"
    inside = sorted(p for p in (folder / sku).glob("*") if p.suffix.lower() in PICTURE_SUFFIXES)
    return inside[0] if inside else None
