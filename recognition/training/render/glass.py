"""Glass and shrink film: slim bottles with small labels, jars that show their content, packs of cans.

Functions as in ``shapes``.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.contents import contents
from recognition.training.render.household import plastic
from recognition.training.render.paint import BLACK, WHITE, Colour, blend, ellipse_mask, hsv, smooth_noise
from recognition.training.render.surface import (
    across,
    between,
    grid,
    lit,
    profile,
    round_ends,
    round_light,
    stick,
    with_alpha,
)
from recognition.types import FloatArray, ImageArray

_GLASS: tuple[Colour, ...] = (
    (22, 28, 20),
    (30, 52, 26),
    (60, 78, 40),
    (58, 30, 14),
    (24, 12, 16),
    (92, 16, 26),
    (214, 168, 96),
    (226, 214, 160),
    (222, 226, 224),
    (236, 176, 160),
    (150, 80, 24),
    (40, 70, 140),
)
"""Dark, green and brown glass, then what clear glass shows: red and white wine, rosé, spirits, gin."""


def glass_bottle(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A wine, spirits, beer or oil bottle: long neck, capsule or cap, dark or clear glass, small labels."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    pick = int(design.integers(len(_GLASS)))
    clear = pick >= 6 and design.random() < 0.7
    neck_half, neck = float(design.uniform(0.26, 0.4)), float(design.uniform(0.16, 0.36))
    shoulder = neck + float(design.choice([0.05, 0.12, 0.22]))
    foot = float(design.choice([1.0, 0.97, 0.82, 0.9]))
    lip = neck_half + float(design.choice([0.0, 0.04]))
    half = profile(
        y,
        (
            (0, lip),
            (0.03, lip),
            (0.035, neck_half),
            (neck, neck_half + 0.03),
            (shoulder, 0.95),
            (0.97, foot * 0.96),
            (1, foot * 0.9),
        ),
        float(design.choice([0.008, 0.025])),
    )
    u = across(x, half, half)
    body = np.empty((height, width, 3), np.float32)
    body[:] = _GLASS[pick]
    body *= (1.05 - 0.35 * np.clip(np.abs(u), 0, 1) ** 3)[..., None]
    level = float(design.uniform(0.06, neck + 0.06))
    if clear:
        body[(y < level).repeat(width, 1)] = (196, 202, 200)
    capsule = float(design.choice([0.03, 0.09, neck * 0.9]))
    foil = plastic(design) if design.random() < 0.7 else BLACK
    body[(y < capsule).repeat(width, 1)] = foil
    top = shoulder + float(design.uniform(0.02, 0.2))
    low = min(0.97, top + float(design.uniform(0.14, 0.4)))
    wide, corners = float(design.uniform(0.6, 1.0)), float(design.choice([2.5, 6.0, 40.0, 40.0]))
    stick(body, front, u, (top, low), half=wide, corners=corners, curve=0.02)
    if design.random() < 0.3:
        stick(body, front, u, (max(capsule, neck * 0.5), shoulder - 0.02), half=0.9, corners=4.0)
    if design.random() < 0.3 and low < 0.88:
        stick(body, front[: max(8, height // 4)], u, (low + 0.02, min(0.97, low + 0.09)), half=wide)
    where = float(wear.uniform(-0.6, 0.6))
    shine = 0.75 * np.exp(-((u - where) ** 2) / 0.006) + 0.35 * np.exp(-((u + 0.78) ** 2) / 0.003)
    light = 1.06 - 0.42 * np.clip(np.abs(u), 0, 1) ** 4
    out = lit(body.clip(0, 255).astype(np.uint8), light, (shine * (np.abs(u) < 0.93)).astype(np.float32))
    seen = np.ones_like(light)
    if clear:
        bare = (y > capsule) & ((y < top) | (y > low)) & (np.abs(u) < 0.8)
        seen = np.where(bare, np.where(y < level, 0.6, 0.84), 1.0)
    mask = between(x, half, half, width) * round_ends(x, y, height, 0.02 * width / height)
    return with_alpha(out, mask * seen)


def glass_jar(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A jar full of what it holds, with a small label, or none but the lid's."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    lid = float(design.uniform(0.09, 0.2))
    outline = (
        ((lid + 0.09, 0.97), (0.94, 0.97), (1, 0.88)),
        ((lid + 0.05, 0.84), (0.55, 1.0), (0.9, 0.88), (1, 0.74)),
        ((lid + 0.03, 0.95), (1, float(design.uniform(0.7, 0.9)))),
        ((lid + 0.2, 0.97), (0.97, 0.97), (1, 0.92)),
    )[int(design.integers(4))]
    lid_half = float(design.uniform(0.68, 0.95))
    half = profile(y, ((0, lid_half), (lid, lid_half), (lid + 0.01, lid_half - 0.06), *outline), 0.01)
    u = across(x, half, half)
    body = contents(design, wear, height, width).astype(np.float32)
    kind = int(design.integers(5))
    top = lid + float(design.uniform(0.14, 0.34))
    low = min(0.94, top + float(design.uniform(0.18, 0.45)))
    if kind:
        stick(
            body,
            front,
            u,
            (top, low),
            half=float(design.uniform(0.5, 1.0)),
            corners=(40.0, 40.0, 2.0, 5.0)[kind - 1],
            curve=0.04,
        )
    cover = np.array(plastic(design) if design.random() < 0.6 else (206, 170, 90), np.float32)
    checked = design.random() < 0.2
    weave = np.where((np.sin(u * 16) * np.sin(y * height / width * 32) > 0) & checked, 0.62, 1.0)
    body = np.where((y < lid)[..., None], cover * weave[..., None], body)
    light, shine = round_light(np.clip(u, -1, 1), wear, 0.6)
    light = light * np.where(np.abs(y - lid) < 0.012, 0.6, 1.0)
    mask = between(x, half, half, width) * round_ends(x, y, height, 0.04 * width / height)
    return with_alpha(lit(body.clip(0, 255).astype(np.uint8), light, shine), mask)


def shrink_pack(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """Cans or bottles under clear film, sometimes on a card tray or with a printed band: one product."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    bottles = design.random() < 0.35
    columns = int(design.integers(2, 7))
    rows = 1 if bottles else max(1, min(3, round(columns * height / width / float(design.uniform(1.4, 2.2)))))
    unit_w, unit_h = max(6, width // columns), max(8, height // rows)
    small = cv2.resize(front, (unit_w, unit_h), interpolation=cv2.INTER_AREA)
    s = (x + 1) / 2 * columns % 1 * 2 - 1 + 0 * y
    t = y * rows % 1 + 0 * x
    if bottles:
        body, mask = _bottle_row(small, design)
    else:
        body, mask = _can(small, design)
    one = cv2.resize(np.tile(body, (rows, columns, 1)), (width, height)).astype(np.float32)
    part = cv2.resize(np.tile(mask, (rows, columns)), (width, height))
    deep = np.array(design.uniform(30, 110, 3), np.float32)
    out = deep + (one - deep) * part[..., None]
    out *= (1.06 - 0.4 * np.abs(s) ** 3)[..., None] * np.where(t > 0.97, 0.7, 1.0)[..., None]
    tray, band = design.random() < 0.4, design.random() < 0.5
    if tray:
        edge = round((1 - float(design.uniform(0.08, 0.3))) * height)
        out[edge:] = plastic(design)
    if band:
        top = float(design.uniform(0.05, 0.5))
        low = min(1.0, top + float(design.uniform(0.2, 0.5)))
        stick(out, front, x + 0 * y, (top, low), roundness=0.0)
    folds = smooth_noise(wear, height, width, 9) + 0.6 * smooth_noise(wear, height, width, 22)
    glints = (
        0.7 * np.clip(folds - 0.7, 0, 0.8)
        + 0.2 * np.exp(-((folds - 0.2) ** 2) / 0.004)
        + (0.07 if band or tray else 0.2)
    )
    lit_out = lit(out.clip(0, 255).astype(np.uint8), 1 + 0.08 * folds, glints.astype(np.float32))
    if design.random() < 0.3:
        blend(
            lit_out,
            ellipse_mask(height, width, (0.36, 0.02, 0.28, 0.09)),
            WHITE if design.random() < 0.5 else BLACK,
        )
    corner = 1 - 0.03 * np.clip(1 - np.minimum(y, 1 - y) / 0.05, 0, 1) ** 2
    return with_alpha(lit_out, np.clip((corner - np.abs(x)) * width / 2, 0, 1).astype(np.float32))


def _can(front: ImageArray, design: np.random.Generator) -> tuple[ImageArray, FloatArray]:
    """A can with its metal ends, and its mask."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    body = np.full((height, width, 3), 188, np.float32)
    stick(body, front, x + 0 * y, (0.0, 1.0))
    rim = float(design.uniform(0.04, 0.1))
    body[((y < rim) | (y > 1 - 0.6 * rim)).repeat(width, 1)] = (188, 190, 194)
    half = profile(y, ((0, 0.8), (rim * 1.6, 0.97), (0.95, 0.97), (1, 0.85)))
    return body.clip(0, 255).astype(np.uint8), between(x, half, half, width)


def _bottle_row(front: ImageArray, design: np.random.Generator) -> tuple[ImageArray, FloatArray]:
    """A plastic bottle of water or soda with a small label, and its mask."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    body = np.empty((height, width, 3), np.float32)
    body[:] = hsv(float(design.random()), float(design.choice([0.06, 0.8])), float(design.uniform(0.3, 0.9)))
    stick(body, front, x + 0 * y, (0.42, float(design.uniform(0.6, 0.9))))
    body[(y < 0.08).repeat(width, 1)] = plastic(design)
    half = profile(y, ((0, 0.36), (0.12, 0.36), (0.34, 0.95), (0.96, 0.95), (1, 0.85)))
    return body.clip(0, 255).astype(np.uint8), between(x, half, half, width)


def punnet(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A tray of fresh food under film: rim, content, glints, a label stuck on or a printed sleeve."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    ink = (WHITE, BLACK, (214, 216, 214), (60, 110, 60), (170, 120, 76), (40, 70, 130))[
        int(design.integers(6))
    ]
    out = np.empty((height, width, 3), np.float32)
    out[:] = ink
    rim = float(design.uniform(0.03, 0.1))
    flat = (np.abs(x) ** 8 + np.abs((2 * y - 1) * 1.0) ** 8) < (1 - rim * 1.6) ** 8
    food = contents(design, wear, height, width).astype(np.float32)
    out[flat] = food[flat]
    kind = int(design.integers(4))
    if kind == 0:
        top = float(design.uniform(0.0, 0.5))
        stick(out, front, x + 0 * y, (top, min(1.0, top + float(design.uniform(0.3, 0.5)))), roundness=0.0)
    elif kind == 1:
        first, wide = float(design.uniform(0.05, 0.5)), float(design.uniform(0.25, 0.45))
        label = cv2.resize(
            front, (max(4, round(wide * width)), max(4, round(0.45 * height))), interpolation=cv2.INTER_AREA
        )
        place = out.clip(0, 255).astype(np.uint8)
        blend(place, np.ones(label.shape[:2], np.float32), label, round(first * width), round(0.3 * height))
        out = place.astype(np.float32)
    elif kind == 2:
        stick(out, front, (x + 0 * y) * 2 / float(design.uniform(0.7, 1.4)), (0.0, 1.0), roundness=0.0)
    gloss = np.clip(
        smooth_noise(wear, height, width, 5) + 0.5 * smooth_noise(wear, height, width, 14) - 0.45, 0, 0.7
    )
    light = 1.03 - 0.25 * np.abs(x) ** 6 - 0.15 * (y > 0.93)
    mask = np.clip((1 - (np.abs(x) ** 14 + np.abs(2 * y - 1) ** 14)) * min(height, width), 0, 1)
    return with_alpha(
        lit(out.clip(0, 255).astype(np.uint8), light, gloss.astype(np.float32)), mask.astype(np.float32)
    )
