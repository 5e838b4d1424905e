"""From a printed front to the body of a pack: bags with crimps and creases, cylinders, bottles, boxes.

Each function takes the printed front (h, w, 3) RGB uint8, the pack's own random generator (its design) and the
wear generator (this one unit on the shelf), and returns RGBA uint8 of the same size, transparent outside.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.paint import Colour, hsv, smooth_noise
from recognition.types import FloatArray, ImageArray

_WHITE = np.array([255, 255, 255], np.float32)


def _grid(height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """x in -1..1 as (1, w) and y in 0..1 as (h, 1)."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return x, y


def _lit(image: ImageArray, light: FloatArray, gloss: FloatArray | float = 0.0) -> ImageArray:
    """Multiply by ``light`` and pull towards white by ``gloss`` (both (h, w))."""
    out = image.astype(np.float32) * light[..., None]
    if isinstance(gloss, np.ndarray):
        out += (_WHITE - out) * np.clip(gloss, 0, 0.95)[..., None]
    return np.clip(out, 0, 255).astype(np.uint8)


def _with_alpha(image: ImageArray, mask: FloatArray) -> ImageArray:
    return np.dstack([image, (np.clip(mask, 0, 1) * 255).astype(np.uint8)])


def box(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A carton: flat, a little bowed, with worn edges and sometimes a sheen."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    light = 1 + 0.06 * float(wear.normal()) * x + 0.08 * float(wear.normal()) * (y - 0.5)
    edge = np.minimum(1 - np.abs(x), np.minimum(y, 1 - y) * 2 * height / width) * width / 2
    light = light * (1 - 0.18 * np.exp(-edge / 1.2))
    shine = float(wear.uniform(0, 0.25)) * np.exp(-((y - wear.uniform(0, 1) + 0.3 * x) ** 2) / 0.05)
    return _with_alpha(_lit(front, light, shine), np.ones((height, width), np.float32))


def bag(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A pillow bag: crimped seals above and below, bulging sides, creases from the seals, specular folds."""
    return _film(front, design, wear, bottom_seal=True)


def pouch(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A stand-up pouch: seal and often a hang hole on top, wide rounded foot."""
    return _film(front, design, wear, bottom_seal=False)


def _film(front: ImageArray, design: np.random.Generator, wear: np.random.Generator, *, bottom_seal: bool) -> ImageArray:
    height, width = front.shape[:2]
    seal = float(design.uniform(0.035, 0.075))
    gloss = float(design.choice([0.12, 0.4, 0.8]))
    x, y = _grid(height, width)
    relief = _relief(wear, height, width, seal if bottom_seal else 0.0, seal)
    slope_y, slope_x = np.gradient(relief * height)
    light, shine = _foil_light(slope_x, slope_y, wear, gloss)
    shift = 0.012 * width
    map_x = (x + 1) / 2 * (width - 1) + shift * smooth_noise(wear, height, width, 5) + slope_x * height * 0.02
    map_y = y * (height - 1) + shift * smooth_noise(wear, height, width, 5) + slope_y * height * 0.02
    maps = map_x.astype(np.float32), map_y.astype(np.float32)
    warped = cv2.remap(front, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    ends = (y < seal) | ((y > 1 - seal) if bottom_seal else np.zeros_like(y, bool))
    ribs = 1 + 0.16 * np.sin(y * height * 2 * np.pi / max(3.0, seal * height / 4))
    light = np.where(ends, light * 0.4 + 0.55 * ribs, light)
    out = _lit(warped, light.astype(np.float32), (shine * ~ends).astype(np.float32))
    mask = _film_mask(wear, x, y, width, height, bottom_seal)
    if not bottom_seal and design.random() < 0.5:
        hole = np.hypot(x * width / 2, (y - seal * 0.6) * height) < max(1.5, 0.03 * width)
        mask = mask * ~hole
    return _with_alpha(out, mask)


def _foil_light(
    slope_x: FloatArray, slope_y: FloatArray, wear: np.random.Generator, gloss: float
) -> tuple[FloatArray, FloatArray]:
    """Light on a surface of these slopes from the ceiling's lamps, and its mirror-like glints."""
    norm = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    lamp = np.array([float(wear.uniform(-0.45, 0.45)), -0.65, 0.75])
    lamp /= np.linalg.norm(lamp)
    diffuse = np.clip((-slope_x * lamp[0] - slope_y * lamp[1] + lamp[2]) * norm, 0, 1)
    shine = np.zeros_like(norm)
    for side in (-0.35, 0.3):
        half = np.array([lamp[0] * 0.5 + side, lamp[1] * float(wear.uniform(0.2, 0.7)), 0.9])
        half /= np.linalg.norm(half)
        facing = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) * norm, 0, 1)
        shine += gloss * facing ** float(wear.uniform(50, 160))
    return (0.42 + 0.82 * diffuse).astype(np.float32), shine.astype(np.float32)


def _relief(wear: np.random.Generator, height: int, width: int, low_seal: float, top_seal: float) -> FloatArray:
    """Height of the film's surface, part of the pack's height: filling, dents, and creases off the seals."""
    small_h, small_w = max(24, height // 3), max(18, width // 3)
    x, y = _grid(small_h, small_w)
    fill = np.clip((y - top_seal) / 0.35, 0, 1) * np.clip((1 - low_seal - y) / (0.28 if low_seal else 0.06), 0, 1)
    bulge = float(wear.uniform(0.06, 0.14)) * width / height * np.sqrt(np.clip(fill, 0, 1)) * (1 - np.abs(x) ** 2.5)
    bulge = bulge + float(wear.uniform(0.004, 0.014)) * smooth_noise(wear, small_h, small_w, 6)
    for _ in range(int(wear.integers(6, 16))):
        from_top = wear.random() < 0.55 or not low_seal
        start, lean = float(wear.uniform(-1, 1)), float(wear.normal(0, 0.7))
        along = y if from_top else 1 - y
        line = x - start - lean * along
        reach = np.clip(1 - along / float(wear.uniform(0.12, 0.45)), 0, 1)
        depth = float(wear.uniform(0.002, 0.012)) * reach
        bulge = bulge - depth * np.exp(-((line / float(wear.uniform(0.03, 0.1))) ** 2))
    for _ in range(int(wear.integers(0, 5))):
        cx, cy, turn = (float(v) for v in wear.uniform([-1, 0.1, -0.8], [1, 0.9, 0.8]))
        line = (y - cy) + turn * (x - cx) * 0.3
        near = np.exp(-(((x - cx) / float(wear.uniform(0.15, 0.4))) ** 2))
        bulge = bulge - float(wear.uniform(0.002, 0.007)) * near * np.exp(-((line / 0.02) ** 2))
    large = cv2.resize(bulge.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(large, (0, 0), 1.5 * height / small_h / 3)


def _film_mask(
    wear: np.random.Generator, x: FloatArray, y: FloatArray, width: int, height: int, bottom_seal: bool
) -> FloatArray:
    """Sides drawn in where the bag is filled and wavy, seals at full width with teeth."""
    t = y[:, 0]
    belly = np.clip(np.sin(np.pi * t), 0, 1) ** 0.8 if bottom_seal else np.clip(t * 3, 0, 1) * np.clip((1 - t) * 2 + 0.3, 0, 1)
    pull = float(wear.uniform(0.02, 0.1 if bottom_seal else 0.04)) * belly
    rough = 0.014 * smooth_noise(wear, len(t), 2, 12)
    left, right = 0.985 - pull + rough[:, 0], 0.985 - pull * float(wear.uniform(0.6, 1.2)) + rough[:, 1]
    if not bottom_seal:
        foot = np.clip((t - 0.93) / 0.07, 0, 1) ** 2 * 0.12
        left, right = left - foot, right - foot
    inside = np.clip((x + left[:, None]) * width / 2, 0, 1) * np.clip((right[:, None] - x) * width / 2, 0, 1)
    teeth = 0.006 * np.abs(((x[0] * width / 7) % 2) - 1)
    sag = 0.015 * smooth_noise(wear, 2, width, 3)
    corners = float(wear.uniform(0, 0.02)) * np.abs(x[0]) ** 6
    top = np.clip((y - (teeth + np.abs(sag[0]) + corners)[None]) * height, 0, 1)
    low = np.clip((1 - y - ((teeth if bottom_seal else 0) + np.abs(sag[1]) + corners)[None]) * height, 0, 1)
    return (inside * top * low).astype(np.float32)


def _round_light(x: FloatArray, wear: np.random.Generator, gloss: float) -> tuple[FloatArray, FloatArray]:
    """Shade and highlights across a cylinder, (1, w) each."""
    where = float(wear.uniform(-0.55, 0.55))
    light = 1.08 - 0.5 * np.abs(x - 0.25 * where) ** 2.6
    shine = gloss * (np.exp(-((x - where) ** 2) / 0.012) + 0.5 * np.exp(-((x + 0.72) ** 2) / 0.006))
    return light.astype(np.float32), shine.astype(np.float32)


def _wrap(front: ImageArray, curve: float) -> ImageArray:
    """Print wrapped round a cylinder: squeezed towards the sides, rows bent by ``curve`` of the height."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    map_x = (0.5 + np.arcsin(x * 0.995) / np.pi * 0.92) * (width - 1) + 0 * y
    map_y = (y + curve * (1 - np.sqrt(1 - (x * 0.995) ** 2))) * (height - 1)
    return cv2.remap(front, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _round_ends(x: FloatArray, y: FloatArray, height: int, curve: float) -> FloatArray:
    """Mask of a cylinder seen a little from above (curve > 0) or below: both ends bend the same way."""
    bend = np.abs(curve) * (1 - np.sqrt(np.clip(1 - x**2, 0, 1)))
    top = y - (bend if curve < 0 else np.abs(curve) - bend)
    low = 1 - y - (bend if curve > 0 else np.abs(curve) - bend)
    near_top = y - bend * (curve < 0)
    top = near_top if curve > 0 else top
    return np.clip(top * height, 0, 1) * np.clip(low * height, 0, 1)


def can(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A drink or food can: wrapped print between metal rims."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    curve = float(wear.uniform(-0.02, 0.05)) * width / height * 2
    out = _wrap(front, curve)
    rim = float(design.uniform(0.02, 0.06))
    neck = float(design.choice([0.0, 0.05, 0.1]))
    metal = ((y < rim) | (y > 1 - rim * 0.8)) & (x == x)
    grey = (150 + 70 * np.cos(x * 5) + 0 * y)[..., None].repeat(3, 2)
    out = np.where(metal[..., None], grey, out).astype(np.uint8)
    light, shine = _round_light(x, wear, float(design.choice([0.15, 0.4, 0.6])))
    taper = 1 - neck * np.clip(1 - y / 0.1, 0, 1) - 0.6 * neck * np.clip((y - 0.95) / 0.05, 0, 1)
    sides = np.clip((taper - np.abs(x)) * width / 2, 0, 1)
    return _with_alpha(_lit(out, light + 0 * y, shine + 0 * y), sides * _round_ends(x, y, height, curve))


def tube(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A cardboard tube of snacks: plastic lid, wrapped print, metal foot."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    curve = float(wear.uniform(-0.02, 0.04)) * width / height * 2
    out = _wrap(front, curve)
    lid = float(design.uniform(0.05, 0.09))
    lid_colour = hsv(float(design.random()), float(design.choice([0.0, 0.8])), float(design.choice([0.15, 0.95])))
    out = np.where((y < lid)[..., None], np.array(lid_colour), out)
    out = np.where((y > 0.975)[..., None], np.array([170, 170, 172]), out).astype(np.uint8)
    light, shine = _round_light(x, wear, 0.35)
    seam = np.where(np.abs(y - lid) < 0.008, 0.7, 1.0)
    sides = np.clip((1 - np.where(y < lid, 0.0, 0.03) - np.abs(x)) * width / 2, 0, 1)
    return _with_alpha(_lit(out, light * seam, shine + 0 * y), sides * _round_ends(x, y, height, curve))


def jar(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A glass or plastic jar: lid, shoulder, content seen through the glass, label round the belly."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    lid = float(design.uniform(0.1, 0.24))
    low = float(design.uniform(0.86, 0.97))
    content = hsv(float(design.choice([0.02, 0.06, 0.1, 0.13, 0.3, 0.75])), float(design.uniform(0.1, 0.9)), float(design.uniform(0.25, 0.95)))
    out = _labelled(front, wear, content, (lid + 0.08, low), (height, width))
    lid_colour = hsv(float(design.random()), float(design.choice([0.0, 0.85])), float(design.choice([0.1, 0.75, 0.95])))
    ribs = 1 + (0.12 * np.cos(np.arcsin(x * 0.99) * 40) if design.random() < 0.6 else 0 * x)
    out = np.where((y < lid)[..., None], np.array(lid_colour) * (ribs + 0 * y)[..., None], out).clip(0, 255).astype(np.uint8)
    light, shine = _round_light(x, wear, 0.55)
    shoulder = np.clip((y - lid) / 0.08, 0, 1) * np.clip((1 - y) / 0.05, 0, 1) ** 0.4
    half = np.where(y < lid, float(design.uniform(0.82, 0.98)), 0.86 + 0.13 * np.sqrt(shoulder))
    sides = np.clip((half - np.abs(x)) * width / 2, 0, 1)
    return _with_alpha(_lit(out, light + 0 * y, shine + 0 * y), sides * _round_ends(x, y, height, 0.04 * width / height))


def _labelled(
    front: ImageArray, wear: np.random.Generator, content: Colour, rows: tuple[float, float], size: tuple[int, int]
) -> FloatArray:
    """A see-through body of one content with the printed label between two heights; (h, w, 3) float32."""
    height, width = size
    _, y = _grid(height, width)
    body = np.empty((height, width, 3), np.float32)
    body[:] = np.array(content, np.float32)
    body *= (1 + 0.1 * smooth_noise(wear, height, width, 10))[..., None]
    top, bottom = int(rows[0] * height), int(rows[1] * height)
    label = cv2.resize(front, (width, max(2, bottom - top)), interpolation=cv2.INTER_AREA)
    body[top : top + label.shape[0]] = _wrap(label, 0.03)
    return body


def bottle(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A bottle: cap, neck, shoulder, see-through or coloured body with a label, or a full sleeve."""
    height, width = front.shape[:2]
    x, y = _grid(height, width)
    neck_end, shoulder_end = float(design.uniform(0.12, 0.26)), float(design.uniform(0.3, 0.42))
    content = hsv(float(design.random()), float(design.choice([0.05, 0.6, 0.9])), float(design.choice([0.2, 0.6, 0.92])))
    label = (shoulder_end + float(design.uniform(-0.02, 0.06)), float(design.uniform(0.8, 0.97)))
    out = _labelled(front, wear, content, label if design.random() < 0.75 else (neck_end, 0.99), (height, width))
    cap = float(design.uniform(0.05, min(0.1, neck_end)))
    cap_colour = hsv(float(design.random()), float(design.choice([0.0, 0.9])), float(design.choice([0.12, 0.7, 0.96])))
    out = np.where((y < cap)[..., None], np.array(cap_colour), out).clip(0, 255).astype(np.uint8)
    neck = float(design.uniform(0.26, 0.45))
    rise = np.clip((y - neck_end) / (shoulder_end - neck_end), 0, 1)
    half = neck + (0.98 - neck) * (rise * rise * (3 - 2 * rise)) ** float(design.uniform(0.5, 1.3))
    half = np.where(y < cap, neck + 0.03, half)
    half = half - float(design.choice([0.0, 0.0, 0.1])) * np.exp(-((y - 0.7) ** 2) / 0.01) - 0.06 * np.clip((y - 0.97) / 0.03, 0, 1)
    inner = np.clip(np.abs(x) / half, 0, 1)
    light, shine = _round_light(x, wear, float(design.choice([0.3, 0.7])))
    light = (light + 0 * y) * (1.05 - 0.45 * inner**5)
    sides = np.clip((half - np.abs(x)) * width / 2, 0, 1)
    return _with_alpha(_lit(out, light, shine * (inner < 0.93)), sides * _round_ends(x, y, height, 0.03 * width / height))


def multipack(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """Several cans or rolls in film or a card sleeve: columns seen through, a printed panel across."""
    height, width = front.shape[:2]
    columns, rows = int(design.integers(2, 5)), int(design.integers(1, 3))
    unit_w, unit_h = max(8, width // columns), max(8, height // rows)
    small = cv2.resize(front, (unit_w, unit_h), interpolation=cv2.INTER_AREA)
    one = (can if design.random() < 0.7 else tube)(small, design, wear)
    dark = np.full((unit_h, unit_w, 3), 40, np.float32)
    part = one[..., 3:].astype(np.float32) / 255
    tile = (one[..., :3] * part + dark * (1 - part)).astype(np.uint8)
    out = cv2.resize(np.tile(tile, (rows, columns, 1)), (width, height))
    if design.random() < 0.6:
        top, bottom = int(0.25 * height), int(0.78 * height)
        out[top:bottom] = cv2.resize(front, (width, bottom - top), interpolation=cv2.INTER_AREA)
    wrinkled = _film(out, design, wear, bottom_seal=False)
    return np.dstack([wrinkled[..., :3], box(out, design, wear)[..., 3]])


SHAPES = {
    "box": box, "bag": bag, "pouch": pouch, "bottle": bottle, "can": can, "tube": tube, "jar": jar, "multipack": multipack
}  # fmt: skip
