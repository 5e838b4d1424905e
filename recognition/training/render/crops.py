"""Quick shelf-like crops of one product, to train the embedder on what a detector would cut out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.training.render.packshots import key_out
from recognition.training.render.paint import hsv, smooth_noise
from recognition.training.render.photo import jpeg_round_trip, motion_kernel
from recognition.types import FloatArray, ImageArray


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard crops are distorted; each value is the most that is drawn, or a probability."""

    perspective: float = 0.1
    """movement of a corner, part of the side"""
    turn: float = 7.0
    """degrees, standard deviation is half of it"""
    jitter: float = 0.15
    """movement of each edge of the crop, part of the side"""
    occlusion: float = 0.45
    neighbours: float = 0.8
    light: float = 0.5
    """stops"""
    glare: float = 0.35
    blur: float = 0.5
    smallest: int = 32
    """pixels that the longer side may be shot at"""
    bend: float = 0.0
    """movement of a bulge or crease, part of the longer side"""
    cut: float = 0.0
    """probability that the box misses up to half of the pack on one side"""


SHELF = Strength()
HARD = Strength(
    perspective=0.14, turn=11.0, jitter=0.18, occlusion=0.5, light=0.6, blur=0.6, bend=0.07, cut=0.12
)
"""Bags hang askew, bulge and hide each other, and boxes miss parts."""
GENTLE = Strength(0.03, 2.0, 0.04, 0.05, 0.5, 0.2, 0.1, 0.15, 96)


def prepare(picture: ImageArray, size: int = 160) -> ImageArray:
    """A pack for ``distort``: RGBA with colours multiplied by alpha, its longer side at most 1.4 ``size``.

    picture: packshot RGB (white joined to the border is keyed out) or RGBA, uint8. Do this once a picture.
    """
    rgba = key_out(picture) if picture.shape[2] == 3 else picture
    factor = min(1.0, 1.4 * size / max(rgba.shape[:2]))
    small = cv2.resize(rgba, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else rgba
    alpha = small[..., 3:].astype(np.uint16)
    return np.dstack([(small[..., :3] * alpha // 255).astype(np.uint8), small[..., 3]])


def distort(
    pack: ImageArray,
    rng: np.random.Generator,
    *,
    size: int = 160,
    others: Sequence[ImageArray] = (),
    strength: Strength = SHELF,
) -> ImageArray:
    """One crop of ``pack`` as a detector would cut it from a shelf photo: RGB uint8, longer side ``size``.

    pack, others: from ``prepare``; others may stand beside it (else the product itself does).
    """
    quad, width, height = _frame(pack, rng, size, strength)
    if strength.cut and rng.random() < strength.cut:
        quad, width, height = _cut_off(quad, width, height, rng, size)
    canvas = _shelf(rng, height, width)
    _beside(canvas, pack, quad, rng, others, strength)
    _paste(canvas, pack, quad)
    if rng.random() < strength.occlusion:
        _occlude(canvas, pack, quad, rng, others)
    if strength.bend:
        canvas = _bend(canvas, rng, strength.bend)
    return shoot(relight(canvas, rng, strength), rng, strength)


def _frame(
    pack: ImageArray, rng: np.random.Generator, size: int, strength: Strength
) -> tuple[NDArray[np.float32], int, int]:
    """Where the pack's corners fall in the crop (4, 2), and the crop's width and height."""
    h, w = pack.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners + rng.uniform(-1, 1, (4, 2)) * strength.perspective * rng.random() * np.array([w, h])
    squeeze = 1 - float(rng.beta(1, 4)) * min(0.6, strength.perspective * 4)
    angle = np.radians(rng.normal(0, strength.turn / 2) * (2.5 if rng.random() < 0.1 else 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (moved * [squeeze, 1]) @ turn.T
    low, high = moved.min(axis=0), moved.max(axis=0)
    span = high - low
    low = low + rng.uniform(-1, 1, 2) * span * strength.jitter * rng.random(2)
    high = high + rng.uniform(-1, 1, 2) * span * strength.jitter * rng.random(2)
    scale = size / float((high - low).max())
    width, height = (max(16, round(float(v))) for v in (high - low) * scale)
    return ((moved - low) * scale).astype(np.float32), width, height


def _cut_off(
    quad: NDArray[np.float32], width: int, height: int, rng: np.random.Generator, size: int
) -> tuple[NDArray[np.float32], int, int]:
    """The frame of ``_frame`` with up to half of it missed on one side, scaled up to ``size`` again."""
    span = np.array([width, height], np.float64)
    axis, missed = int(rng.integers(2)), float(rng.uniform(0.15, 0.5))
    origin = np.zeros(2)
    if rng.random() < 0.5:
        origin[axis] = missed * span[axis]
    span[axis] *= 1 - missed
    scale = size / float(span.max())
    width, height = (max(16, round(float(v))) for v in span * scale)
    return ((quad - origin) * scale).astype(np.float32), width, height


def _bend(canvas: ImageArray, rng: np.random.Generator, most: float) -> ImageArray:
    """Move the picture's points by a smooth random field, as a soft bag's bulges and creases do."""
    height, width = canvas.shape[:2]
    reach = most * max(height, width) * float(rng.beta(1, 2))
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    columns += reach * smooth_noise(rng, height, width, int(rng.integers(1, 5)))
    rows += reach * smooth_noise(rng, height, width, int(rng.integers(1, 5)))
    return np.asarray(
        cv2.remap(canvas, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _paste(canvas: ImageArray, pack: ImageArray, quad: NDArray[np.floating], shade: float = 1.0) -> None:
    height, width = pack.shape[:2]
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), quad.astype(np.float32)
    )
    drawn = cv2.warpPerspective(pack, matrix, (canvas.shape[1], canvas.shape[0]), flags=cv2.INTER_LINEAR)
    rest = (255 - drawn[..., 3:]).astype(np.uint16)
    ink = cv2.convertScaleAbs(drawn[..., :3], alpha=shade) if shade != 1.0 else drawn[..., :3]
    canvas[:] = cv2.add((canvas * rest // 255).astype(np.uint8), ink)


def _shelf(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """What is behind the pack: a wall in shade, sometimes with the board below and the one above."""
    top, bottom = float(rng.beta(1.2, 2.5)), float(rng.beta(1.2, 2.0))
    shades = np.linspace(top, bottom, height, dtype=np.float32)[:, None, None]
    tint = np.array(hsv(float(rng.random()), float(rng.uniform(0, 0.35)), 1.0), np.float32)
    canvas = np.repeat((shades * tint).astype(np.uint8), width, axis=1)
    if rng.random() < 0.6:
        board = round(height * float(rng.uniform(0.86, 1.05)))
        canvas[board:] = hsv(float(rng.random()), float(rng.beta(1, 3)), float(rng.uniform(0.1, 1)))
    if rng.random() < 0.2:
        canvas[: round(height * float(rng.uniform(0, 0.12)))] = hsv(0.6, 0.05, float(rng.uniform(0.1, 1)))
    return canvas


def _beside(
    canvas: ImageArray,
    pack: ImageArray,
    quad: NDArray[np.float32],
    rng: np.random.Generator,
    others: Sequence[ImageArray],
    strength: Strength,
) -> None:
    """Neighbours left and right, and a unit of the same product behind."""
    across = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    if rng.random() < 0.3 * strength.neighbours:
        _paste(
            canvas,
            pack,
            quad + np.array([rng.normal(0, 0.05), -rng.uniform(0.02, 0.12)]) * np.abs(quad[2] - quad[0]),
            0.6,
        )
    for side in (-1, 1):
        if rng.random() < strength.neighbours:
            same = not len(others) or rng.random() < 0.4
            other = pack if same else others[int(rng.integers(len(others)))]
            reach = float(rng.uniform(0.9, 1.08)) * side
            moved = quad + across * reach
            if not same:
                moved[:2] += (quad[3] - quad[0]) * float(rng.uniform(-0.2, 0.4))
            _paste(canvas, other, moved, float(rng.uniform(0.75, 1.1)))


def _occlude(
    canvas: ImageArray,
    pack: ImageArray,
    quad: NDArray[np.float32],
    rng: np.random.Generator,
    others: Sequence[ImageArray],
) -> None:
    """Something in front: a rail or tray below, a neighbour pushed over a side, or a card or hand."""
    height, width = canvas.shape[:2]
    kind = int(rng.integers(4))
    colour = hsv(float(rng.random()), float(rng.beta(1, 2)), float(rng.uniform(0.1, 1)))
    if kind == 0:
        canvas[round(height * float(rng.uniform(0.7, 0.97))) :] = colour
    elif kind == 1:
        other = others[int(rng.integers(len(others)))] if len(others) and rng.random() < 0.6 else pack
        side = float(rng.choice([-1, 1]))
        _paste(canvas, other, quad + (quad[1] - quad[0]) * side * float(rng.uniform(0.62, 0.92)))
    elif kind == 2:
        w, h = float(rng.uniform(0.15, 0.5)) * width, float(rng.uniform(0.08, 0.3)) * height
        x, y = float(rng.uniform(-0.2, 0.9)) * width, float(rng.uniform(-0.1, 0.95)) * height
        canvas[max(0, round(y)) : max(0, round(y + h)), max(0, round(x)) : max(0, round(x + w))] = colour
    else:
        gap = max(3, round(width / float(rng.uniform(6, 16))))
        top, thick = round(height * float(rng.uniform(0.6, 0.9))), max(1, gap // 4)
        canvas[top : top + thick * 2] = colour
        for x in range(int(rng.integers(gap)), width, gap):
            canvas[top:, x : x + thick] = colour


def relight(canvas: ImageArray, rng: np.random.Generator, strength: Strength) -> ImageArray:
    """Uneven light, exposure, colour cast, contrast and glare spots."""
    height, width = canvas.shape[:2]
    light = 1 + 0.16 * smooth_noise(rng, height, width, int(rng.integers(1, 5)))
    light = light * 2.0 ** float(np.clip(rng.normal(0, strength.light / 1.5), -1.6, 1.3))
    cast = 1 + rng.normal(0, 0.07, 3) * min(1.0, strength.light * 2)
    gain = cv2.merge([(light * c).astype(np.float32) for c in cast])
    out = cv2.multiply(canvas, gain, dtype=cv2.CV_8U)
    if rng.random() < strength.glare:
        spot = np.zeros((height, width), np.uint8)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (
            max(1, round(width * rng.uniform(0.02, 0.25))),
            max(1, round(height * rng.uniform(0.02, 0.25))),
        )
        cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(60, 255)), -1)
        soft = cv2.GaussianBlur(spot, (0, 0), 0.04 * max(height, width))
        out = cv2.add(out, cv2.merge([soft, soft, soft]))
    contrast, lift = float(rng.uniform(0.65, 1.25)), float(rng.uniform(-12, 25))
    return cv2.convertScaleAbs(cv2.addWeighted(out, contrast, out, 0, lift))


def shoot(canvas: ImageArray, rng: np.random.Generator, strength: Strength) -> ImageArray:
    """Resolution, blur, noise and JPEG of the photo the crop was cut from."""
    height, width = canvas.shape[:2]
    longer = max(height, width)
    shot = float(np.exp(rng.uniform(np.log(min(strength.smallest, longer)), np.log(longer * 1.6))))
    out = canvas
    if shot < longer:
        out = cv2.resize(
            out,
            (max(6, round(width * shot / longer)), max(6, round(height * shot / longer))),
            interpolation=cv2.INTER_AREA,
        )
    if rng.random() < strength.blur:
        reach = max(out.shape[:2]) / 100
        if rng.random() < 0.5:
            out = cv2.GaussianBlur(out, (0, 0), 0.3 + float(rng.beta(1, 2.5)) * 2.0 * reach)
        else:
            out = cv2.filter2D(
                out, -1, motion_kernel(1 + float(rng.beta(1, 2.2)) * 8 * reach, float(rng.uniform(0, 180)))
            )
    if rng.random() < 0.6:
        grain: FloatArray = rng.standard_normal(out.shape, np.float32) * np.float32(rng.uniform(1, 12))
        out = cv2.add(out, grain, dtype=cv2.CV_8U)
    if rng.random() < 0.7:
        out = jpeg_round_trip(out, int(rng.integers(30, 96)))
    if out.shape[:2] != (height, width):
        out = cv2.resize(out, (width, height), interpolation=cv2.INTER_LINEAR)
    return out
