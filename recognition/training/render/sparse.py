"""The printed front of chilled packs: few large pieces of print, far apart on a plain ground.

What looks like several things above each other is one pack; detectors that only know full prints cut it up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recognition.training.render import words
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.look import Look
from recognition.training.render.paint import (
    BLACK,
    WHITE,
    Colour,
    blend,
    ellipse_mask,
    gradient,
    hsv,
    put_text,
    readable_on,
)
from recognition.training.render.pictures import food, photo_piece
from recognition.types import ImageArray

_Piece = Callable[[ImageArray, PackSpec, "_Ink", np.random.Generator, float, float], None]


class _Ink:
    """The few colours of a design. own: of the variant."""

    def __init__(self, spec: PackSpec, look: Look, rng: np.random.Generator) -> None:
        self.look = look
        self.own = hsv(spec.hue, float(rng.uniform(0.6, 1)), float(rng.uniform(0.45, 0.95)))
        white = rng.random() < 0.65
        self.ground: Colour = (
            WHITE if white else hsv(*(float(v) for v in rng.uniform([0, 0.05, 0.7], [1, 0.9, 1])))
        )
        strong = BLACK if rng.random() < 0.5 else look.band
        self.text = strong if white else readable_on(self.ground)


def sparse_panel(spec: PackSpec, look: Look, height: int, width: int) -> ImageArray:
    """The front, (height, width, 3) RGB uint8; the design does not depend on the size."""
    rng = np.random.default_rng([look.style, 8])
    ink = _Ink(spec, look, rng)
    image = gradient(height, width, ink.ground, ink.ground)
    y = 0.04
    if rng.random() < 0.5:
        y = float(rng.uniform(0.08, 0.24))
        image[: round(y * height)] = ink.own if rng.random() < 0.6 else look.accent
    if rng.random() < 0.25:
        image[round(float(rng.uniform(0.86, 0.95)) * height) :] = ink.own
    pieces = [_PIECES[int(i)] for i in rng.permutation(len(_PIECES))][: int(rng.integers(3, 6))]
    shares = rng.uniform(0.6, 1.6, len(pieces))
    gap = float(rng.uniform(0.02, 0.09))
    room = max(0.3, 0.95 - y - gap * len(pieces))
    for piece, share in zip(pieces, shares / shares.sum() * room, strict=True):
        piece(image, spec, ink, rng, y + gap, float(share))
        y += gap + float(share)
    return image


def _headline(
    image: ImageArray, spec: PackSpec, ink: _Ink, rng: np.random.Generator, y: float, share: float
) -> None:
    """The brand in one to three lines of heavy letters."""
    lines = int(rng.integers(1, 4))
    name = ink.look.logo_text
    step = -(-len(name) // lines)
    colour = ink.text if rng.random() < 0.6 else ink.look.accent
    for at in range(0, len(name), step):
        line = y + share * (at // step) / lines
        put_text(
            image, name[at : at + step], ink.look.logo_font, (0.07, line, 0.86, 0.92 * share / lines), colour
        )


def _flavour(
    image: ImageArray, spec: PackSpec, ink: _Ink, rng: np.random.Generator, y: float, share: float
) -> None:
    """The flavour, on a field of the variant's colour or in it."""
    x, width = (0.0, 1.0) if rng.random() < 0.5 else (0.1, 0.8)
    field = rng.random() < 0.6
    if field:
        mask = np.ones((max(1, round(share * image.shape[0])), round(width * image.shape[1])), np.float32)
        blend(image, mask, ink.own, round(x * image.shape[1]), round(y * image.shape[0]))
    colour = readable_on(ink.own) if field else ink.own
    put_text(
        image,
        spec.flavour,
        ink.look.text_font,
        (x + 0.08, y + 0.2 * share, width - 0.16, 0.6 * share),
        colour,
    )


def _sight(
    image: ImageArray, spec: PackSpec, ink: _Ink, rng: np.random.Generator, y: float, share: float
) -> None:
    """A picture, alone."""
    width = float(rng.uniform(0.4, 1.0))
    area = (float(rng.uniform(0, 1 - width)), y, width, share)
    if not spec.picture:
        food(image, rng, area, spec.hue)
        return
    high, wide = max(4, round(share * image.shape[0])), max(4, round(width * image.shape[1]))
    mask = (
        ellipse_mask(high, wide, (0.02, 0.02, 0.96, 0.96))
        if rng.random() < 0.6
        else np.ones((high, wide), np.float32)
    )
    blend(
        image,
        mask,
        photo_piece(spec.picture, rng, high, wide),
        round(area[0] * image.shape[1]),
        round(y * image.shape[0]),
    )


def _lines(
    image: ImageArray, spec: PackSpec, ink: _Ink, rng: np.random.Generator, y: float, share: float
) -> None:
    """Several lines of smaller words."""
    count = int(rng.integers(2, 7))
    align = float(rng.choice([0.0, 0.5]))
    for number in range(count):
        box = (0.08, y + share * number / count, 0.84, 0.75 * share / count)
        put_text(image, words.word(rng, spec.script, (2, 5)), ink.look.text_font, box, ink.text, align=align)


def _seals(
    image: ImageArray, spec: PackSpec, ink: _Ink, rng: np.random.Generator, y: float, share: float
) -> None:
    """A row of round marks."""
    count = int(rng.integers(1, 4))
    height, width = image.shape[:2]
    side = min(0.8 / count, share * height / width)
    tall = side * width / height
    for number in range(count):
        x = 0.5 + (number - count / 2) * side * 1.1
        colour = (ink.own, ink.look.accent, ink.look.band)[int(rng.integers(3))]
        blend(image, ellipse_mask(height, width, (x, y, side, tall)), colour)
        box = (x + 0.15 * side, y + 0.3 * tall, 0.7 * side, 0.4 * tall)
        put_text(image, words.claim(rng), ink.look.text_font, box, readable_on(colour))


_PIECES: tuple[_Piece, ...] = (_headline, _flavour, _sight, _lines, _seals)
