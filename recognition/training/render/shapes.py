"""From a printed front to the body of a pack: bags with crimps and creases, cylinders, bottles, boxes.

Each function takes the printed front (h, w, 3) RGB uint8, the pack's own random generator (its design) and
the wear generator (this one unit on the shelf), and returns RGBA uint8 of the same size, transparent outside.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.cards import bar, blister
from recognition.training.render.cartons import cups, egg_box, sachet, window_box
from recognition.training.render.foil import bag, film, pillow, pouch
from recognition.training.render.glass import glass_bottle, glass_jar, punnet, shrink_pack
from recognition.training.render.household import flask, jug, rolls, standing_tube, trigger
from recognition.training.render.paint import WHITE, Colour, blend, ellipse_mask, hsv, smooth_noise
from recognition.training.render.sacks import bakery_bag, block_bag, doypack, sack
from recognition.training.render.surface import grid, lit, round_ends, round_light, with_alpha, wrap
from recognition.types import FloatArray, ImageArray


def box(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A carton: flat, a little bowed, with worn edges and sometimes a sheen."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    light = 1 + 0.06 * float(wear.normal()) * x + 0.08 * float(wear.normal()) * (y - 0.5)
    edge = np.minimum(1 - np.abs(x), np.minimum(y, 1 - y) * 2 * height / width) * width / 2
    light = light * (1 - 0.18 * np.exp(-edge / 1.2))
    shine = float(wear.uniform(0, 0.25)) * np.exp(-((y - wear.uniform(0, 1) + 0.3 * x) ** 2) / 0.05)
    return with_alpha(lit(front, light, shine), np.ones((height, width), np.float32))


def can(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A drink or food can: wrapped print between metal rims."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    curve = float(wear.uniform(-0.02, 0.05)) * width / height * 2
    out = wrap(front, curve)
    rim = float(design.uniform(0.02, 0.06))
    neck = float(design.choice([0.0, 0.05, 0.1]))
    metal = ((y < rim) | (y > 1 - rim * 0.8)) & (x == x)
    grey = (150 + 70 * np.cos(x * 5) + 0 * y)[..., None].repeat(3, 2)
    out = np.where(metal[..., None], grey, out).astype(np.uint8)
    light, shine = round_light(x, wear, float(design.choice([0.15, 0.4, 0.6])))
    taper = 1 - neck * np.clip(1 - y / 0.1, 0, 1) - 0.6 * neck * np.clip((y - 0.95) / 0.05, 0, 1)
    sides = np.clip((taper - np.abs(x)) * width / 2, 0, 1)
    return with_alpha(lit(out, light + 0 * y, shine + 0 * y), sides * round_ends(x, y, height, curve))


def tube(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A cardboard tube of snacks: plastic lid, wrapped print, metal foot."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    curve = float(wear.uniform(-0.02, 0.04)) * width / height * 2
    out = wrap(front, curve)
    lid = float(design.uniform(0.05, 0.09))
    lid_colour = hsv(
        float(design.random()), float(design.choice([0.0, 0.8])), float(design.choice([0.15, 0.95]))
    )
    out = np.where((y < lid)[..., None], np.array(lid_colour), out)
    out = np.where((y > 0.975)[..., None], np.array([170, 170, 172]), out).astype(np.uint8)
    light, shine = round_light(x, wear, 0.35)
    seam = np.where(np.abs(y - lid) < 0.008, 0.7, 1.0)
    sides = np.clip((1 - np.where(y < lid, 0.0, 0.03) - np.abs(x)) * width / 2, 0, 1)
    return with_alpha(lit(out, light * seam, shine + 0 * y), sides * round_ends(x, y, height, curve))


def jar(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A glass or plastic jar: lid, shoulder, content seen through the glass, label round the belly."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    lid = float(design.uniform(0.1, 0.24))
    low = float(design.uniform(0.86, 0.97))
    content = hsv(
        float(design.choice([0.02, 0.06, 0.1, 0.13, 0.3, 0.75])),
        float(design.uniform(0.1, 0.9)),
        float(design.uniform(0.25, 0.95)),
    )
    out = _labelled(
        front,
        wear,
        content,
        (lid + float(design.uniform(0.08, 0.3)), low - float(design.uniform(0, 0.14))),
        (height, width),
    )
    lid_colour = hsv(
        float(design.random()), float(design.choice([0.0, 0.85])), float(design.choice([0.1, 0.75, 0.95]))
    )
    ribs = 1 + (0.12 * np.cos(np.arcsin(x * 0.99) * 40) if design.random() < 0.6 else 0 * x)
    out = (
        np.where((y < lid)[..., None], np.array(lid_colour) * (ribs + 0 * y)[..., None], out)
        .clip(0, 255)
        .astype(np.uint8)
    )
    light, shine = round_light(x, wear, 0.55)
    shoulder = np.clip((y - lid) / 0.08, 0, 1) * np.clip((1 - y) / 0.05, 0, 1) ** 0.4
    half = np.where(y < lid, float(design.uniform(0.82, 0.98)), 0.86 + 0.13 * np.sqrt(shoulder))
    sides = np.clip((half - np.abs(x)) * width / 2, 0, 1)
    return with_alpha(
        lit(out, light + 0 * y, shine + 0 * y), sides * round_ends(x, y, height, 0.04 * width / height)
    )


def _labelled(
    front: ImageArray,
    wear: np.random.Generator,
    content: Colour,
    rows: tuple[float, float],
    size: tuple[int, int],
) -> FloatArray:
    """A see-through body of one content with the printed label between two heights; (h, w, 3) float32."""
    height, width = size
    _, _y = grid(height, width)
    body = np.empty((height, width, 3), np.float32)
    body[:] = np.array(content, np.float32)
    body *= (1 + 0.1 * smooth_noise(wear, height, width, 10))[..., None]
    top, bottom = int(rows[0] * height), int(rows[1] * height)
    label = cv2.resize(front, (width, max(2, bottom - top)), interpolation=cv2.INTER_AREA)
    body[top : top + label.shape[0]] = wrap(label, 0.03)
    return body


def bottle(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A bottle: cap, neck, shoulder, see-through or coloured body with a label, or a full sleeve."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    neck_end, shoulder_end = float(design.uniform(0.12, 0.26)), float(design.uniform(0.3, 0.42))
    content = hsv(
        float(design.random()), float(design.choice([0.05, 0.6, 0.9])), float(design.choice([0.2, 0.6, 0.92]))
    )
    label = (shoulder_end + float(design.uniform(-0.02, 0.18)), float(design.uniform(0.72, 0.97)))
    out = _labelled(
        front, wear, content, label if design.random() < 0.75 else (neck_end, 0.99), (height, width)
    )
    cap = float(design.uniform(0.05, min(0.1, neck_end)))
    cap_colour = hsv(
        float(design.random()), float(design.choice([0.0, 0.9])), float(design.choice([0.12, 0.7, 0.96]))
    )
    out = np.where((y < cap)[..., None], np.array(cap_colour), out).clip(0, 255).astype(np.uint8)
    neck = float(design.uniform(0.26, 0.45))
    rise = np.clip((y - neck_end) / (shoulder_end - neck_end), 0, 1)
    half = neck + (0.98 - neck) * (rise * rise * (3 - 2 * rise)) ** float(design.uniform(0.5, 1.3))
    half = np.where(y < cap, neck + 0.03, half)
    half = (
        half
        - float(design.choice([0.0, 0.0, 0.1])) * np.exp(-((y - 0.7) ** 2) / 0.01)
        - 0.06 * np.clip((y - 0.97) / 0.03, 0, 1)
    )
    inner = np.clip(np.abs(x) / half, 0, 1)
    light, shine = round_light(x, wear, float(design.choice([0.3, 0.7])))
    light = (light + 0 * y) * (1.05 - 0.45 * inner**5)
    sides = np.clip((half - np.abs(x)) * width / 2, 0, 1)
    return with_alpha(
        lit(out, light, shine * (inner < 0.93)), sides * round_ends(x, y, height, 0.03 * width / height)
    )


_SLEEVES = ((0.0, 1.0), (0.0, 0.85), (0.15, 0.9), (0.22, 0.8), (0.0, 0.62))
"""Top and bottom of the printed card round a multipack, parts of its height: enough to read it as one."""


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
    top, bottom = (float(v) for v in _SLEEVES[int(design.integers(len(_SLEEVES)))])
    first, last = int(top * height), int(bottom * height)
    out[first:last] = cv2.resize(front, (width, last - first), interpolation=cv2.INTER_AREA)
    if design.random() < 0.5:
        handle = ellipse_mask(height, width, (0.36, top + 0.03, 0.28, 0.08))
        blend(out, handle * 0.8, (30, 28, 28))
    wrinkled = film(out, design, wear, bottom_seal=False)
    return np.dstack([wrinkled[..., :3], box(out, design, wear)[..., 3]])


def carton(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A drinks carton: sloped roof with a fin along the ridge or flat on top, often a round cap."""
    pack = box(front, design, wear)
    height, width = front.shape[:2]
    x, y = grid(height, width)
    roof = float(design.choice([0.0, 0.1, 0.16, 0.22])) * min(1.0, 1.6 * width / height)
    fin = roof * float(design.uniform(0.2, 0.4))
    light = np.where(y < roof, float(wear.uniform(0.8, 1.25)), 1.0) * np.where(y < fin, 0.9, 1.0)
    colour = lit(pack[..., :3], (light + 0 * x).astype(np.float32))
    cap = design.random() < 0.7
    cap_colour = (WHITE, hsv(float(design.random()), 0.9, float(design.uniform(0.4, 0.9))))[
        int(design.integers(2))
    ]
    if cap and roof:
        side = float(design.uniform(0.3, 0.5))
        tall = side * width / height
        place = (0.5 - side / 2, max(0.0, (roof + fin - tall) / 2 + 0.25 * tall), side, tall)
        blend(
            colour,
            ellipse_mask(height, width, (place[0] - 0.02, place[1], side + 0.04, tall + 0.01)),
            (70, 70, 72),
        )
        blend(colour, ellipse_mask(height, width, place), cap_colour)
    bevel = 1 - 0.1 * np.clip(1 - y / max(roof, 1e-6), 0, 1) * (y < roof)
    return with_alpha(
        colour, np.clip((bevel - np.abs(x)) * width / 2, 0, 1) * np.ones((height, 1), np.float32)
    )


def tub(front: ImageArray, design: np.random.Generator, wear: np.random.Generator) -> ImageArray:
    """A beaker or tub that narrows downwards: lid or foil on top, print round the wall."""
    height, width = front.shape[:2]
    x, y = grid(height, width)
    lid = float(design.uniform(0.05, 0.16))
    curve = float(wear.uniform(0.0, 0.05)) * width / height
    lid_colour = (WHITE, hsv(float(design.random()), 0.8, 0.8), (190, 192, 198))[int(design.integers(3))]
    out = wrap(front, curve)
    out = np.where((y < lid)[..., None], np.array(lid_colour), out).astype(np.uint8)
    light, shine = round_light(x, wear, 0.3)
    seam = np.where(np.abs(y - lid) < 0.012, 0.65, 1.0)
    half = np.where(y < lid, 1.0, 0.96 - float(design.uniform(0.05, 0.2)) * (y - lid))
    sides = np.clip((half - np.abs(x)) * width / 2, 0, 1)
    return with_alpha(lit(out, light * seam, shine + 0 * y), sides * round_ends(x, y, height, curve))


SHAPES = {
    "box": box,
    "bag": bag,
    "pillow": pillow,
    "pouch": pouch,
    "bottle": bottle,
    "can": can,
    "tube": tube,
    "jar": jar,
    "tub": tub,
    "multipack": multipack,
    "carton": carton,
    "jug": jug,
    "trigger": trigger,
    "flask": flask,
    "standing_tube": standing_tube,
    "rolls": rolls,
    "doypack": doypack,
    "block_bag": block_bag,
    "sack": sack,
    "bakery_bag": bakery_bag,
    "glass_bottle": glass_bottle,
    "glass_jar": glass_jar,
    "shrink_pack": shrink_pack,
    "punnet": punnet,
    "blister": blister,
    "bar": bar,
    "window_box": window_box,
    "egg_box": egg_box,
    "cups": cups,
    "sachet": sachet,
}
