"""Small packs: blister cards that hang on hooks, flow-wrapped bars.

Functions as in ``shapes``.
"""

from __future__ import annotations

import numpy as np

from recognition.training.render.household import plastic
from recognition.training.render.paint import WHITE, blend, ellipse_mask, polygon_mask, smooth_noise
from recognition.training.render.surface import grid, lit, with_alpha
from recognition.types import ImageArray


def blister(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A printed card with a hang hole and goods under a clear dome: brushes, batteries, blades, toys."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    out = front.copy()
    if design.random() < 0.3:
        out[round(0.4 * height) :] = WHITE if design.random() < 0.5 else plastic(design)
    top = float(design.choice([0.12, 0.26, 0.4]))
    wide, tall = float(design.uniform(0.5, 0.92)), float(design.uniform(0.45, 0.94 - top))
    left = 0.5 - wide / 2 + float(design.uniform(-0.03, 0.03))
    area = (left, top, wide, tall)
    dome = polygon_mask(
        height,
        width,
        np.array(
            [[left, top], [left + wide, top], [left + wide, top + tall], [left, top + tall]], np.float32
        ),
    )
    if design.random() < 0.4:
        dome = ellipse_mask(height, width, area)
    ground = plastic(design) if design.random() < 0.5 else (210, 214, 216)
    blend(out, dome * float(design.choice([0.25, 0.6, 1.0])), ground)
    _goods(out, design, area)
    u, v = (x + 1 - 2 * left) / wide - 1, (y - top) / tall * 2 - 1
    bounds = np.maximum(np.abs(u), np.abs(v))
    rim = np.exp(-((bounds - 0.96) ** 2) / 0.002) * dome
    bent = smooth_noise(wear, height, width, 3)
    glare = np.exp(-((u * 0.7 + v * 0.3 - float(wear.uniform(-0.8, 0.8))) ** 2) / 0.01) * dome
    light = 1 + 0.06 * bent - 0.25 * rim
    gloss = 0.3 * rim + float(design.uniform(0.15, 0.6)) * glare + 0.08 * np.clip(bent, 0, 1)
    out = lit(out, light.astype(np.float32), gloss.astype(np.float32))
    corner = np.clip((1 - (np.abs(x) ** 24 + np.abs(2 * y - 1) ** 40)) * width, 0, 1)
    hole = (np.abs(y - 0.045) < 0.012) & (np.abs(x) < float(design.choice([0.08, 0.3])))
    return with_alpha(out, corner * ~hole)


def _goods(image: ImageArray, design: np.random.Generator, area: tuple[float, float, float, float]) -> None:
    """What lies under the dome, in place: upright sticks, discs, or one lump of a few parts."""
    height, width = image.shape[:2]
    left, top, wide, tall = area
    kind, count = int(design.choice(3, p=[0.45, 0.2, 0.35])), int(design.integers(1, 6))
    if kind == 0:
        for number in range(count):
            colour, second = plastic(design), plastic(design)
            slim = float(design.uniform(0.3, 0.8)) * wide / count
            x = left + wide * (number + 0.5) / count - slim / 2
            y0, y1 = top + 0.06 * tall, top + tall * 0.94
            split = float(design.uniform(0.2, 0.8))
            for a, b, ink in ((y0, y0 + split * (y1 - y0), colour), (y0 + split * (y1 - y0), y1, second)):
                box = np.array([[x, a], [x + slim, a], [x + slim, b], [x, b]], np.float32)
                blend(image, polygon_mask(height, width, box), ink)
            edge = np.array([[x, y0], [x + 0.25 * slim, y0], [x + 0.25 * slim, y1], [x, y1]], np.float32)
            blend(image, polygon_mask(height, width, edge) * 0.35, (20, 20, 20))
    elif kind == 1:
        rows = max(1, round(count * tall * height / (wide * width)))
        for number in range(count * rows):
            column, row = number % count, number // count
            side = 0.8 * wide / count
            x = left + wide * (column + 0.5) / count - side / 2
            y = top + tall * (row + 0.5) / rows
            box = (x, y - side * width / height / 2, side, side * width / height)
            blend(
                image, ellipse_mask(height, width, box), plastic(design) if number == 0 else (150, 152, 158)
            )
    else:
        for _ in range(count + 1):
            w, h = wide * float(design.uniform(0.3, 0.9)), tall * float(design.uniform(0.2, 0.8))
            x, y = (
                left + float(design.uniform(0, 1)) * (wide - w),
                top + float(design.uniform(0, 1)) * (tall - h),
            )
            blend(image, ellipse_mask(height, width, (x, y, w, h)), plastic(design))


def bar(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A flow-wrapped bar, lying or standing: toothed crimps at its ends, film drawn over a rounded body."""
    height, width = front.shape[:2]
    lying = width > height
    x, y = grid(height, width)
    along, over, long = (
        (x + 0 * y, 2 * y - 1 + 0 * x, width) if lying else (2 * y - 1 + 0 * x, x + 0 * y, height)
    )
    crimp = float(design.uniform(0.03, 0.1))
    ends = np.abs(along) > 1 - 2 * crimp
    fold = smooth_noise(wear, height, width, 12)
    light = 1.04 - 0.3 * np.abs(over) ** 3 + 0.12 * fold * np.clip(np.abs(along) * 1.6 - 0.6, 0, 1)
    light = np.where(ends, 0.92 + 0.14 * np.sin(along * long * 1.2), light)
    gloss = float(design.choice([0.1, 0.45, 0.8])) * (
        np.exp(-((over + float(wear.uniform(0.2, 0.6))) ** 2) / 0.02) + np.clip(fold - 0.7, 0, 1)
    )
    out = lit(front, light.astype(np.float32), (gloss * ~ends).astype(np.float32))
    teeth = 0.02 * np.abs((over * 9) % 2 - 1)
    full = np.where(ends, 0.98, 0.92 + 0.03 * smooth_noise(wear, height, width, 4))
    mask = np.clip((1 - teeth - np.abs(along)) * long / 2, 0, 1) * np.clip(
        (full - np.abs(over)) * min(height, width) / 2, 0, 1
    )
    return with_alpha(out, mask.astype(np.float32))
