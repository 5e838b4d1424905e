"""Pictures made ready for the screen: upright, small, stripped of everything a camera writes into a file.

Made once and kept on the disk under ``var/``; deleting that folder costs nothing but time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from django.conf import settings
from django.db.models.fields.files import FieldFile

from recognition.stages.decode import decode
from recognition.stages.embed import trim_packshot
from recognition.types import ImageArray

SIZES = {"small": 360, "screen": 1600}
"""Longest side of a whole photo, pixels."""
CROP_SIDE = 480
PACKSHOT_SIDE = 320
CROP_MARGIN = 0.06
"""How much of its surroundings a crop shows, in parts of its own size."""
QUALITY = 82


def photo_picture(file: FieldFile, sha256: str, size: str) -> Path:
    """A photo as a JPEG of one of ``SIZES``. Raises FileNotFoundError or UnreadablePhoto."""
    return _kept(f"{sha256}-{size}", file, lambda pixels: pixels, SIZES[size])


def crop_picture(file: FieldFile, sha256: str, box: Sequence[float]) -> Path:
    """A box of a photo (x1, y1, x2, y2, upright photo pixels) as a JPEG, with a little around it."""
    x1, y1, x2, y2 = box
    dx, dy = (x2 - x1) * CROP_MARGIN, (y2 - y1) * CROP_MARGIN
    left, top, right, bottom = max(round(x1 - dx), 0), max(round(y1 - dy), 0), round(x2 + dx), round(y2 + dy)

    def cut(pixels: ImageArray) -> ImageArray:
        return pixels[top:bottom, left:right]

    return _kept(f"{sha256}-{left}-{top}-{right}-{bottom}", file, cut, CROP_SIDE)


def packshot_picture(file: FieldFile, sha256: str) -> Path:
    """A packshot cut to its product as a small JPEG, on white where it is transparent."""
    return _kept(f"{sha256}-pack", file, trim_packshot, PACKSHOT_SIDE)


def forget_pictures(sha256: str) -> None:
    """Remove what was made of a photo that is no more."""
    for path in (Path(settings.VAR_DIR) / "pictures" / sha256[:2]).glob(f"{sha256}-*"):
        path.unlink(missing_ok=True)


def _kept(key: str, file: FieldFile, cut: Callable[[ImageArray], ImageArray], side: int) -> Path:
    path = Path(settings.VAR_DIR) / "pictures" / key[:2] / f"{key}.jpg"
    if not path.exists():
        with file.storage.open(str(file.name), "rb") as source:
            pixels = cut(decode(source.read()))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{uuid.uuid4().hex}.part")
        part.write_bytes(simplejpeg.encode_jpeg(_shrink(pixels, side), quality=QUALITY, colorspace="RGB"))
        part.replace(path)
    return path


def _shrink(pixels: ImageArray, side: int) -> ImageArray:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return np.ascontiguousarray(pixels)
