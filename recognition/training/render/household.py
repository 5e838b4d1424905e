"""Bottles of odd outlines and paper rolls: jugs with a handle, trigger sprays, flasks, tubes on their caps.

Functions as in ``shapes``.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.foil import film
from recognition.training.render.paint import BLACK, WHITE, Colour, blend, ellipse_mask, hsv, polygon_mask
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
from recognition.types import FloatArray, ImageArray


def plastic(design: np.random.Generator) -> Colour:
    """The colour of a plain plastic body or cap: white, strong, pale or dark."""
    kind = float(design.random())
    if kind < 0.35:
        return WHITE
    if kind < 0.7:
        return hsv(float(design.random()), float(design.uniform(0.6, 1)), float(design.uniform(0.5, 1)))
    if kind < 0.88:
        return hsv(float(design.random()), float(design.uniform(0.1, 0.4)), float(design.uniform(0.75, 1)))
    return hsv(float(design.random()), float(design.uniform(0, 0.5)), float(design.uniform(0.08, 0.25)))


def _blank(height: int, width: int, colour: Colour) -> FloatArray:
    body = np.empty((height, width, 3), np.float32)
    body[:] = colour
    return body


def _printed(
    body: FloatArray, front: ImageArray, u: FloatArray, rows: tuple[float, float], design: np.random.Generator
) -> None:
    """A label, or print all over, on a body of plain plastic."""
    top, bottom = rows
    if design.random() < 0.25:
        stick(body, front, u, rows, roundness=0.5)
        return
    room = bottom - top
    first = top + room * float(design.uniform(0.0, 0.3))
    last = bottom - room * float(design.uniform(0.02, 0.3))
    corners = float(design.choice([2.0, 4.0, 40.0]))
    stick(
        body, front, u, (first, last), half=float(design.uniform(0.62, 0.96)), roundness=0.4, corners=corners
    )


def _shine(
    body: FloatArray, u: FloatArray, mask: FloatArray, design: np.random.Generator, wear: np.random.Generator
) -> ImageArray:
    """Light on a body that is rounder towards its sides."""
    light, shine = round_light(np.clip(u, -1, 1), wear, float(design.choice([0.1, 0.3, 0.6])))
    return with_alpha(lit(body.clip(0, 255).astype(np.uint8), 0.3 + 0.72 * light, 0.7 * shine), mask)


def jug(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A detergent bottle: large cap, often off the middle, a handle with a hole through it, label below."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    side = 1.0 if design.random() < 0.5 else -1.0
    middle = side * float(design.choice([0.0, float(design.uniform(0.15, 0.45))]))
    cap, cap_half = float(design.uniform(0.08, 0.18)), float(design.uniform(0.22, 0.42))
    shoulder = cap + float(design.uniform(0.06, 0.24))
    foot = float(design.uniform(0.82, 1.0))
    sides = []
    for sign in (-1.0, 1.0):
        near = cap_half + sign * middle
        full = float(design.uniform(0.9, 1.0))
        sides.append(
            profile(
                y,
                (
                    (0, near),
                    (cap, near),
                    (cap + 0.005, near - 0.03),
                    (shoulder, full),
                    (0.93, 0.97),
                    (1, foot),
                ),
            )
        )
    left, right = sides
    body, u = _blank(height, width, plastic(design)), across(x, left, right)
    _printed(body, front, u, (shoulder + float(design.uniform(0.0, 0.16)), 0.97), design)
    body[(y < cap).repeat(width, 1)] = plastic(design)
    mask = between(x, left, right, width)
    if design.random() < 0.75:
        at = -side * float(design.uniform(0.4, 0.62))
        top = shoulder - float(design.uniform(0.0, 0.06))
        area = (0.5 + at / 2 - 0.09, top, 0.18, float(design.uniform(0.13, 0.26)))
        rim = ellipse_mask(height, width, (area[0] - 0.03, area[1] - 0.015, area[2] + 0.06, area[3] + 0.03))
        body *= (1 - 0.35 * rim)[..., None]
        hole = ellipse_mask(height, width, area, angle=float(design.uniform(-12, 12)))
        if design.random() < 0.7:
            mask = mask * (1 - hole)
        else:
            body *= (1 - 0.5 * hole)[..., None]
    return _shine(body, u, mask, design, wear)


_HEAD = np.array(
    [[18, 0], [70, 0], [80, 5], [80, 12], [62, 15], [61, 22], [41, 22], [42, 13], [22, 11], [18, 8]],
    np.float32,
)
_LEVER = np.array([[28, 10], [37, 11], [31, 24], [22, 26], [20, 23], [28, 18]], np.float32)
"""Outlines of a spray head that points left, hundredths of the pack."""


def trigger(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A spray bottle: head with a nozzle and lever on a narrow neck."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    waist = float(design.uniform(0.24, 0.5))
    half = profile(
        y,
        (
            (0.0, 0.0),
            (0.2, 0.0),
            (0.21, 0.2),
            (float(design.uniform(0.26, 0.34)), waist),
            (float(design.uniform(0.4, 0.52)), float(design.uniform(0.75, 0.96))),
            (0.72, float(design.uniform(0.72, 0.96))),
            (0.96, 0.95),
            (1.0, 0.85),
        ),
    )
    body, u = _blank(height, width, plastic(design)), across(x, half, half)
    _printed(body, front, u, (0.4, 0.98), design)
    mask = between(x, half, half, width)
    turn = np.array([-1, 1], np.float32) if design.random() < 0.5 else np.array([1, 1], np.float32)
    move = np.array([1 if turn[0] < 0 else 0, 0], np.float32)
    head_colour, lever_colour = plastic(design), plastic(design)
    shaded = 1.1 - 0.9 * y
    for part, colour in ((_LEVER, lever_colour), (_HEAD, head_colour)):
        shape = polygon_mask(height, width, part / 100 * turn + move)
        ink = np.clip(
            np.array(colour, np.float32) * shaded[..., None] * (1.0 - 0.25 * np.abs(x))[..., None], 0, 255
        )
        body += (ink - body) * shape[..., None]
        mask = np.maximum(mask, shape)
    collar = (np.abs(y - 0.235) < 0.022) & (np.abs(x) < 0.26)
    body[collar] = np.array(head_colour, np.float32) * 0.85
    mask = np.maximum(mask, collar.astype(np.float32))
    return _shine(body, np.where(y < 0.24, x, u), mask, design, wear)


def flask(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A shampoo or lotion bottle: one of many outlines, a cap on top or below, or a pump."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    kind, pump = int(design.integers(6)), bool(design.random() < 0.25)
    cap, near = float(design.uniform(0.05, 0.18)), float(design.uniform(0.3, 0.9))
    cap, near = (0.2, 0.24) if pump else (cap, near)
    full = float(design.uniform(0.9, 1.0))
    outlines = (
        ((cap + 0.1, full), (0.97, full), (1, 0.9)),
        ((0.35, 0.9), (0.6, 1.0), (0.85, 0.92), (1, 0.68)),
        ((cap + 0.1, full), (0.52, float(design.uniform(0.66, 0.85))), (0.85, full), (1, 0.88)),
        ((cap + 0.02, full), (1, float(design.uniform(0.62, 0.85)))),
        ((0.55, float(design.uniform(0.7, 0.85))), (0.96, 1.0), (1, 0.93)),
        ((cap + 0.01, full), (1, full)),
    )
    points = ((0.0, near), (cap, near), *outlines[kind])
    upside = not pump and design.random() < 0.3
    half = profile(y, points, float(design.choice([0.008, 0.02, 0.03])))
    capped = y < cap
    rows = (cap + 0.06, 0.97)
    if upside:
        half, capped, rows = half[::-1], capped[::-1], (0.03, 0.94 - cap)
    body, u = _blank(height, width, plastic(design)), across(x, half, half)
    _printed(body, front, u, rows, design)
    cap_colour = plastic(design)
    body[capped.repeat(width, 1)] = cap_colour
    seam = np.abs(y - (1 - cap if upside else cap)) < 0.006
    body *= np.where(seam, 0.6, 1.0)[..., None]
    mask = between(x, half, half, width)
    if pump:
        way = 1.0 if design.random() < 0.5 else -1.0
        long = float(design.uniform(0.3, 0.8))
        spout = (np.abs(y - 0.03) < 0.025) & (x * way > -0.2) & (x * way < long)
        stem = (y < 0.13) & (np.abs(x) < 0.08)
        mask = np.where(y < 0.12, (spout | stem).astype(np.float32), mask)
    return _shine(body, u, mask, design, wear)


def standing_tube(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A soft tube that stands on its cap: flat and wide at the crimped end above, round below."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    cap, near = float(design.uniform(0.08, 0.2)), float(design.uniform(0.5, 0.9))
    low = 1 - cap
    half = profile(
        y,
        ((0, 0.99), (0.1, 0.98), (low - 0.03, float(design.uniform(0.82, 0.95))), (low, near), (1, near)),
        0.006,
    )
    body, u = _blank(height, width, plastic(design)), across(x, half, half)
    _printed(body, front, u, (0.05, low - 0.02), design)
    body[(y > low).repeat(width, 1)] = plastic(design)
    ribs = np.where(y < 0.04, 1 + 0.12 * np.sin(y * height * 1.6), 1.0)
    round_ = np.clip(y / low, 0, 1)
    return _shine(
        body * ribs[..., None], u * (0.3 + 0.7 * round_), between(x, half, half, width), design, wear
    )


def rolls(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """Paper rolls in clear or printed film: their sides or their ends are seen, and it all is one pack."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    columns = int(design.integers(1, 6))
    rows = max(1, round(columns * height / width / float(design.choice([0.8, 1.0, 1.3]))))
    paper = (WHITE, (244, 240, 228), (236, 238, 244), (214, 196, 168))[
        int(design.choice(4, p=[0.6, 0.15, 0.15, 0.1]))
    ]
    s, t = ((x + 1) / 2 * columns) % 1 * 2 - 1 + 0 * y, (y * rows) % 1 * 2 - 1 + 0 * x
    if design.random() < 0.4:
        far = np.hypot(s, t)
        light = np.where(far < 0.26, 0.3, np.where(far < 0.31, 0.62, 1.0 + 0.03 * np.sin(far * 40)))
        light = np.where(far > 0.97, 0.6, light)
    else:
        light = (1.04 - 0.4 * np.abs(s) ** 2.6) * np.where(np.abs(t) > 0.94, 0.72, 1.0)
        light = light + 0.03 * np.sin(s * 20) * np.sin(t * 14)
    out = np.clip(np.array(paper, np.float32) * light[..., None], 0, 255).astype(np.uint8)
    kind = int(design.integers(4))
    if kind == 0:
        opened = 1 - ellipse_mask(height, width, (0.1, float(design.uniform(0.4, 0.55)), 0.8, 0.4))
        blend(out, opened.astype(np.float32), front)
    elif kind == 1:
        blend(out, np.full((height, width), 0.8, np.float32), front)
    else:
        top, bottom = ((0.0, 0.5), (0.25, 0.75), (0.3, 1.0), (0.1, 0.9))[int(design.integers(4))]
        edge = 0 if design.random() < 0.6 else round(0.12 * width)
        size = (width - 2 * edge, round(bottom * height) - round(top * height))
        label = cv2.resize(front, size, interpolation=cv2.INTER_AREA)
        blend(out, np.ones(label.shape[:2], np.float32), label, edge, round(top * height))
    if design.random() < 0.25:
        blend(out, ellipse_mask(height, width, (0.38, 0.02, 0.24, 0.05)), BLACK)
    shiny = film(out, design, wear, bottom_seal=False)[..., :3]
    bumps = 0.012 * (1 - np.abs(np.sin(np.pi * columns * (x + 1) / 2)))
    mask = np.clip((y - bumps) * height, 0, 1) * np.clip((1 - y - bumps) * height, 0, 1)
    return with_alpha(shiny, mask * np.clip((0.99 - np.abs(x)) * width / 2, 0, 1))
