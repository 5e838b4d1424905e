"""Drawn packs and shelves, so that a screen made from test rows can be looked at."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from retail_exec.catalog.models import Sku

CELL = (110, 150)
"""Width and height of one drawn facing, photo pixels."""
MARGIN = 30
SHELF_BOARD = 24
PALETTE = ("#b3541e", "#1d5c8a", "#3d7a3a", "#8a2f4f", "#c28a16", "#5a4a8c", "#2b7d7a", "#7a6a58")


def draw_pack(text: str, colour: str, size: tuple[int, int] = CELL) -> Image.Image:
    """A pack front: a coloured face with a band and its name."""
    pack = Image.new("RGB", size, colour)
    pen = ImageDraw.Draw(pack)
    width, height = size
    pen.rectangle((0, height * 0.35, width, height * 0.6), fill="#f6f1e7")
    pen.text((width * 0.08, height * 0.42), text, fill="#222222")
    pen.ellipse((width * 0.3, height * 0.68, width * 0.7, height * 0.94), fill="#e9c46a")
    return pack


def shelf_picture(rows: Sequence[Sequence[Sku | None]], seed: int = 0) -> NDArray[np.uint8]:
    """A drawn shelf, RGB (height, width, 3): one row of packs a shelf, None an empty place."""
    width = 2 * MARGIN + CELL[0] * max(len(row) for row in rows)
    height = 2 * MARGIN + (CELL[1] + SHELF_BOARD) * len(rows)
    picture = Image.new("RGB", (width, height), "#cfc8bd")
    for shelf, row in enumerate(rows):
        for position, sku in enumerate(row):
            if sku is not None:
                x1, y1, _, _ = cell_box(shelf, position)
                picture.paste(
                    draw_pack(sku.code, PALETTE[sku.pk % len(PALETTE)], (CELL[0] - 8, CELL[1])), (x1, y1)
                )
        edge = MARGIN + (CELL[1] + SHELF_BOARD) * shelf + CELL[1]
        ImageDraw.Draw(picture).rectangle((0, edge, width, edge + SHELF_BOARD - 8), fill="#8d8478")
    noise = np.random.default_rng(seed).integers(-6, 7, (height, width, 1))
    return np.clip(np.asarray(picture, dtype=np.int16) + noise, 0, 255).astype(np.uint8)


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """The picture as a JPEG file. picture: RGB (height, width, 3)."""
    return encode(Image.fromarray(picture), "JPEG")


def cell_box(shelf: int, position: int) -> tuple[int, int, int, int]:
    """The box of a drawn facing, photo pixels: x1, y1, x2, y2."""
    x1 = MARGIN + CELL[0] * position
    y1 = MARGIN + (CELL[1] + SHELF_BOARD) * shelf
    return x1, y1, x1 + CELL[0] - 8, y1 + CELL[1]


def encode(picture: Image.Image, kind: str) -> bytes:
    """The picture as a file of that kind."""
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()
