"""Packs of card that show what they hold: window boxes, egg boxes, cups in a sleeve; and flat sachets.

Functions as in ``shapes``.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.contents import contents
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
from recognition.training.render.surface import (
    across,
    between,
    grid,
    lit,
    profile,
    round_light,
    stick,
    with_alpha,
)
from recognition.types import ImageArray


def window_box(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A box with a window: food, or goods of a few coloured parts on a plain ground."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    out = front.copy()
    left, wide = float(design.uniform(0.04, 0.3)), float(design.uniform(0.5, 0.7))
    top, tall = float(design.uniform(0.1, 0.5)), float(design.uniform(0.3, 0.46))
    inside = contents(design, wear, height, width)
    if design.random() < 0.6:
        inside[:] = (WHITE, plastic(design), (36, 34, 38))[int(design.integers(3))]
        for _ in range(int(design.integers(1, 6))):
            w, h = wide * float(design.uniform(0.2, 0.9)), tall * float(design.uniform(0.2, 0.9))
            at = left + float(design.random()) * (wide - w), top + float(design.random()) * (tall - h)
            blend(inside, ellipse_mask(height, width, (*at, w, h)), plastic(design))
    square = np.array(
        [[left, top], [left + wide, top], [left + wide, top + tall], [left, top + tall]], np.float32
    )
    shape = polygon_mask(height, width, square)
    if design.random() < 0.35:
        shape = ellipse_mask(height, width, (left, top, wide, tall))
    blend(out, np.roll(shape, max(1, height // 60), axis=0) * 0.5, (20, 20, 20))
    blend(out, shape, inside)
    glare = np.exp(-((x * 0.8 + 2 * y - float(wear.uniform(0, 2))) ** 2) / 0.03) * float(
        design.uniform(0.1, 0.5)
    )
    edge = np.minimum(1 - np.abs(x), np.minimum(y, 1 - y) * 2 * height / width) * width / 2
    light = (1 + 0.06 * float(wear.normal()) * x + 0.08 * float(wear.normal()) * (y - 0.5)) * (
        1 - 0.18 * np.exp(-edge / 1.2)
    )
    return with_alpha(
        lit(out, light, (glare * shape).astype(np.float32)), np.ones((height, width), np.float32)
    )


def egg_box(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A box of pulp or clear plastic with bumps for eggs below and a label on the lid."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    pulp: Colour = (
        (150, 146, 140),
        (172, 146, 112),
        hsv(float(design.random()), float(design.uniform(0.2, 0.5)), 0.75),
    )[int(design.integers(3))]
    columns, split = int(design.integers(2, 7)), float(design.uniform(0.45, 0.65))
    s = ((x + 1) / 2 * columns) % 1 * 2 - 1 + 0 * y
    body = np.empty((height, width, 3), np.float32)
    body[:] = pulp
    low = np.where(y > split, 1.0 - 0.4 * np.abs(s) ** 2, 1.05 - 0.15 * np.abs(x) ** 6)
    body *= (low * (1 + 0.06 * smooth_noise(wear, height, width, 40)))[..., None]
    body *= np.where(np.abs(y - split) < 0.03, 0.7, 1.0)[..., None]
    wide = float(design.uniform(0.5, 1.0))
    stick(body, front, x + 0 * y, (float(design.uniform(0.0, 0.1)), split - 0.04), half=wide, roundness=0.0)
    dents = 0.06 * np.abs(s) ** 2 * (y > split)
    half = profile(y, ((0, 0.93), (split, 1.0), (1, 0.92)))
    mask = between(x, half, half, width) * np.clip((1 - y - dents) * height, 0, 1)
    return with_alpha(body.clip(0, 255).astype(np.uint8), mask)


def cups(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """Beakers side by side that are one product, as the card round them says."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    columns = int(design.integers(2, 5))
    unit_w, unit_h = max(6, width // columns), height
    small = cv2.resize(front, (unit_w, unit_h), interpolation=cv2.INTER_AREA)
    cx, cy = grid(unit_h, unit_w)
    half = profile(cy, ((0, 0.99), (0.1, 0.99), (0.11, 0.94), (1, float(design.uniform(0.7, 0.88)))), 0.006)
    body = np.empty((unit_h, unit_w, 3), np.float32)
    body[:] = plastic(design)
    u = across(cx, half, half)
    stick(body, small, u, (0.12, 0.97))
    light, shine = round_light(np.clip(u, -1, 1), wear, 0.3)
    cup = lit(body.clip(0, 255).astype(np.uint8), light, shine)
    part = between(cx, half, half, unit_w)
    out = cv2.resize(np.tile(cup, (1, columns, 1)), (width, height))
    mask = cv2.resize(np.tile(part, (1, columns)), (width, height))
    blend(out, 1 - mask, (30, 30, 34))
    first = round(float(design.choice([0.0, 0.0, 0.15])) * height)
    last = round(float(design.uniform(0.5, 0.95)) * height)
    label = cv2.resize(front, (width, last - first), interpolation=cv2.INTER_AREA)
    blend(out, np.ones(label.shape[:2], np.float32), label, 0, first)
    mask[first:last] = 1
    mask = np.maximum(mask, (y < 0.08) | (y < 0.9) & (np.abs(x) < 0.8))
    return with_alpha(out, mask.astype(np.float32))


def sachet(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A flat packet sealed on all sides: soup, spice, seeds, a face mask."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    seal = float(design.uniform(0.02, 0.06))
    edge = np.minimum((1 - np.abs(x)) / 2, np.minimum(y, 1 - y) * height / width)
    bulge = np.clip((edge - seal) / 0.25, 0, 1)
    dents = smooth_noise(wear, height, width, 7)
    light = 0.96 + 0.1 * bulge + 0.1 * dents * bulge - 0.16 * np.exp(-(((edge - seal) / 0.012) ** 2))
    ribs = np.where(
        edge < seal, 0.08 * np.sin(np.where(np.abs(x) > np.abs(2 * y - 1), y * height, x * width) * 1.5), 0
    )
    gloss = float(design.choice([0.05, 0.3, 0.7])) * np.clip(dents - 0.4, 0, 1)
    out = lit(front, (light + ribs).astype(np.float32), gloss.astype(np.float32))
    if design.random() < 0.35:
        out[(edge < seal * 0.8)] = (244, 244, 242) if design.random() < 0.5 else (196, 198, 202)
    return with_alpha(out, np.ones((height, width), np.float32))
