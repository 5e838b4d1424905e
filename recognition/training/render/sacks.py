"""Soft packs that stand: pouches with spouts, zips and windows, block bags, paper sacks, bakery bags.

Functions as in ``shapes``.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.contents import contents
from recognition.training.render.foil import film
from recognition.training.render.household import plastic
from recognition.training.render.paint import (
    WHITE,
    Colour,
    blend,
    ellipse_mask,
    hsv,
    polygon_mask,
    smooth_noise,
)
from recognition.training.render.surface import between, grid, lit, profile, with_alpha
from recognition.types import FloatArray, ImageArray


def doypack(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A stand-up pouch: round foot, zip or spout on top, often a window onto what is inside."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    front = front.copy()
    if design.random() < 0.35:
        _window(front, design, wear)
    pack = film(front, design, wear, bottom_seal=False)
    top = float(design.uniform(0.72, 1.0))
    half = profile(
        y,
        (
            (0, top),
            (0.02, top),
            (float(design.uniform(0.2, 0.6)), 0.97),
            (0.9, 0.98),
            (1, float(design.uniform(0.7, 0.95))),
        ),
        0.015,
    )
    colour, mask = pack[..., :3].astype(np.float32), pack[..., 3].astype(np.float32) / 255
    zip_at = float(design.uniform(0.08, 0.16))
    if design.random() < 0.5:
        colour *= np.where(np.abs(y - zip_at) < 0.006, 0.75, 1.0)[..., None]
    foot = 0.86 + 0.1 * (1 - x**2)
    colour *= np.where(np.abs(y - foot) < 0.008, 0.8, np.where(y > foot, 0.9, 1.0))[..., None]
    mask = np.maximum(mask, (np.abs(x) < 0.9) * (y > 0.05) * (y < 0.95)) * between(x, half, half, width)
    if design.random() < 0.35:
        colour, mask = _spout(colour, mask, design, x, y)
    return with_alpha(np.clip(colour, 0, 255).astype(np.uint8), mask)


def _spout(
    colour: FloatArray, mask: FloatArray, design: np.random.Generator, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A screw cap above the pouch, whose shoulders slope towards it."""
    height = float(design.uniform(0.1, 0.18))
    half, at = float(design.uniform(0.14, 0.3)), float(design.choice([0.0, 0.0, 0.6, -0.6]))
    shoulder = height + float(design.uniform(0.0, 0.12)) * np.abs(x - at)
    mask = mask * (y > shoulder * 0.95)
    cap = (np.abs(x - at) < half) & (y < height * 0.78)
    neck = (np.abs(x - at) < half * 0.6) & (y >= height * 0.78) & (y < height + 0.02)
    shade = 1.05 - 0.5 * np.abs(x - at) / half + 0 * y
    for part, ink in ((cap, plastic(design)), (neck, WHITE)):
        colour = np.where(
            part[..., None], np.array(ink, np.float32) * np.clip(shade, 0.4, 1.1)[..., None], colour
        )
        mask = np.maximum(mask, part)
    return colour.astype(np.float32), mask.astype(np.float32)


def _window(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> None:
    """A see-through part of the film, in place."""
    height, width = front.shape[:2]
    kind = int(design.integers(4))
    y, tall = float(design.uniform(0.35, 0.62)), float(design.uniform(0.2, 0.42))
    if kind == 0:
        shape = ellipse_mask(height, width, (0.12, y, 0.76, tall))
    elif kind == 1:
        shape = np.zeros((height, width), np.float32)
        shape[round(y * height) :] = 1
    elif kind == 2:
        shape = polygon_mask(
            height, width, np.array([[0.5, y], [0.9, y + tall], [0.1, y + tall]], np.float32)
        )
    else:
        shape = polygon_mask(
            height, width, np.array([[0.2, y], [0.8, y], [0.8, y + tall], [0.2, y + tall]], np.float32)
        )
    blend(front, shape, contents(design, wear, height, width))


def block_bag(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A flat-bottomed bag as of coffee: square body, top folded over or pinched, pleats at the sides."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    shut = float(design.uniform(0.08, 0.2))
    pinched = design.random() < 0.45
    half = profile(y, ((0, 0.9 if not pinched else 0.97), (shut, 0.97), (0.98, 0.98), (1, 0.95)), 0.006)
    light = 1 + 0.09 * smooth_noise(wear, height, width, 6) + 0.05 * smooth_noise(wear, height, width, 16)
    edge = np.abs(x)
    light = light * np.where(edge > 0.86, 0.84, 1.0)
    slope = (1.16 if design.random() < 0.5 else 0.82) if not pinched else 1.0
    light = light * np.where(y < shut, slope, 1.0) * np.where(np.abs(y - shut) < 0.008, 0.72, 1.0)
    shine = float(design.choice([0.0, 0.15, 0.45])) * np.exp(-((edge - 0.84) ** 2) / 0.002)
    fold = np.clip(smooth_noise(wear, height, width, 9) - 0.5, 0, 1) * float(design.choice([0.0, 0.5]))
    out = lit(front, light.astype(np.float32), (shine + fold).astype(np.float32))
    if design.random() < 0.4:
        tie = (np.abs(y - shut * 0.5) < 0.018) & (edge < 0.95)
        out[tie] = plastic(design)
    return with_alpha(out, between(x, half, half, width) * np.clip((y - 0.004) * height, 0, 1))


def sack(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A paper sack of flour, sugar or feed: dull, softly dented, folded, sewn or glued on top."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    paper = (None, (186, 148, 104), (240, 236, 226))[int(design.choice(3, p=[0.6, 0.2, 0.2]))]
    if paper is not None:
        ink = front.astype(np.float32).mean(axis=2, keepdims=True) / 255
        part = 0.35 if design.random() < 0.5 else 0.8
        plain = np.array(paper, np.float32) * (1 - part * (1 - ink))
        front = np.clip(plain, 0, 255).astype(np.uint8)
    roof = float(design.uniform(0.03, 0.16))
    bulge = 0.02 * smooth_noise(wear, height, 2, 3)[:, :1]
    half = profile(y, ((0, 0.92), (roof, 0.95), (0.4, 0.98), (0.95, 0.99), (1, 0.93)), 0.01) - np.abs(bulge)
    light = 1 + 0.12 * smooth_noise(wear, height, width, 5) + 0.05 * smooth_noise(wear, height, width, 14)
    light = light * (1.02 - 0.16 * np.abs(x) ** 4)
    sewn = design.random() < 0.4
    light = light * np.where(y < roof, 0.92 if sewn else float(design.uniform(0.8, 1.2)), 1.0)
    out = lit(front, light.astype(np.float32), np.zeros_like(light, np.float32))
    if sewn:
        dash = (np.abs(y - roof * 0.6) < 0.005) & (np.sin(x * width / 2) > 0)
        out[dash] = (245, 245, 240)
    elif design.random() < 0.5:
        out[: max(1, round(roof * height))] = (np.array(paper or WHITE) * 0.93).astype(np.uint8)
    return with_alpha(out, between(x, half, half, width) * np.clip((1 - y) * height, 0, 1))


def _loaf(design: np.random.Generator, wear: np.random.Generator, height: int, width: int) -> ImageArray:
    """Bread: a crust with cuts or slices, or several rolls."""
    crust: Colour = hsv(
        float(design.uniform(0.05, 0.1)), float(design.uniform(0.4, 0.8)), float(design.uniform(0.4, 0.85))
    )
    image = np.empty((height, width, 3), np.float32)
    image[:] = crust
    x, y = grid(height, width)
    kind = int(design.integers(3))
    if kind == 0:
        many = float(design.integers(8, 20))
        along = x if width > height else y
        image *= (0.9 + 0.14 * np.sin(np.pi * many * along) + 0 * x + 0 * y)[..., None]
    elif kind == 1:
        image *= (1.1 - 0.5 * np.abs(x * 0.9) ** 3 - 0.3 * np.abs(2 * y - 1) ** 3)[..., None]
        image *= np.where(np.sin(9 * (x + 2 * y)) > 0.92, 1.25, 1.0)[..., None]
    else:
        columns, rows = int(design.integers(2, 4)), int(design.integers(2, 4))
        s, t = ((x + 1) / 2 * columns) % 1 * 2 - 1, (y * rows) % 1 * 2 - 1
        image *= (1.18 - 0.65 * np.clip(s**2 + t**2, 0, 1.2))[..., None]
    image *= (1 + 0.12 * smooth_noise(wear, height, width, 8))[..., None]
    return np.clip(image, 0, 255).astype(np.uint8)


def bakery_bag(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """Clear film over bread or sweets: an uneven outline, a neck with a clip or ribbon, a label in part.

    Wide ones lie with the neck at one side.
    """
    height, width = front.shape[:2]
    lying = width > 1.15 * height
    if lying:
        turned = np.ascontiguousarray(np.rot90(front))
        return np.ascontiguousarray(np.rot90(_necked(turned, design, wear), -1))
    return _necked(front, design, wear)


def _necked(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """The bag upright, its neck above."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    bread = design.random() < 0.6
    inside = (_loaf if bread else contents)(design, wear, height, width)
    neck = float(design.uniform(0.08, 0.18)) if design.random() < 0.8 else 0.0
    pinch = float(design.uniform(0.14, 0.4))
    points: list[tuple[float, float]] = [(0.0, 0.9), (0.05, 0.93)]
    if neck:
        points = [(0.0, float(design.uniform(0.3, 0.8))), (neck, pinch), (neck + 0.02, pinch)]
    full = neck + float(design.uniform(0.08, 0.2))
    half = profile(
        y, (*points, (full, 0.9), (0.6, 0.97), (0.93, 0.95), (1, float(design.uniform(0.75, 0.95)))), 0.012
    )
    rough = 0.06 * smooth_noise(wear, height, 2, 9)
    left, right = half - np.abs(rough[:, :1]) * 0.8, half - np.abs(rough[:, 1:]) * 0.8
    shown = inside.astype(np.float32)
    filled = np.clip((y - full * 0.9) / 0.06, 0, 1)
    haze = np.array((205, 208, 212), np.float32)
    shown = shown * filled[..., None] + haze * (1 - filled)[..., None]
    kind = int(design.integers(4))
    top = full + float(design.uniform(0.0, 0.2))
    rows = ((top, 0.97), (top, min(0.95, top + float(design.uniform(0.25, 0.45)))), (0.62, 1.0), (top, top))[
        kind
    ]
    first, last = round(rows[0] * height), round(rows[1] * height)
    if last - first > 3:
        label = cv2.resize(front, (width, last - first), interpolation=cv2.INTER_AREA)
        mask = np.full(label.shape[:2], 0.94, np.float32)
        if kind == 0:
            mask = ellipse_mask(last - first, width, (0.12, 0.05, 0.76, float(design.uniform(0.5, 0.9))))
        body = np.clip(shown, 0, 255).astype(np.uint8)
        blend(body, mask, label, 0, first)
        shown = body.astype(np.float32)
    if kind == 3:
        plate = ellipse_mask(height, width, (0.22, 0.45, 0.56, 0.22))
        shrunk = cv2.resize(front, (round(0.56 * width), round(0.22 * height)), interpolation=cv2.INTER_AREA)
        body = np.clip(shown, 0, 255).astype(np.uint8)
        y0, x0 = round(0.45 * height), round(0.22 * width)
        blend(body, plate[y0 : y0 + shrunk.shape[0], x0 : x0 + shrunk.shape[1]], shrunk, x0, y0)
        shown = body.astype(np.float32)
    crinkle = smooth_noise(wear, height, width, 12) + 0.7 * smooth_noise(wear, height, width, 26)
    glints = 0.8 * np.clip(crinkle - 0.75, 0, 1) + 0.22 * np.exp(-((crinkle - 0.2) ** 2) / 0.004)
    pleats = np.where(y < full, 0.25 * np.abs(np.sin(x * (10 + 14 * y) + 3 * crinkle)), 0.0)
    light = (1.02 - 0.35 * np.abs(x / np.maximum(half, 0.1)).clip(0, 1) ** 3) * (1 + 0.08 * crinkle)
    out = lit(
        np.clip(shown, 0, 255).astype(np.uint8),
        light.astype(np.float32),
        (glints + pleats).astype(np.float32),
    )
    if neck:
        tie = (np.abs(y - neck - 0.01) < float(design.choice([0.012, 0.03]))) & (np.abs(x) < pinch * 1.3)
        out[tie] = plastic(design)
    seen = np.where(y < full * 0.85, 0.78, 1.0) * between(x, left, right, width)
    return with_alpha(out, seen.astype(np.float32))
