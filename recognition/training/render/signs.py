"""Print that is no product: promotion cards, header boards, posters with food on them, stickers, cartons."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from recognition.training.render import words
from recognition.training.render.camera import Camera
from recognition.training.render.canvas import Canvas
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.fonts import fonts
from recognition.training.render.layout import Bay
from recognition.training.render.look import look_of
from recognition.training.render.paint import (
    BLACK,
    WHITE,
    blend,
    ellipse_mask,
    gradient,
    hsv,
    put_text,
    readable_on,
)
from recognition.training.render.pictures import food
from recognition.training.render.surface import grid
from recognition.types import ImageArray


def card(rng: np.random.Generator, height: int, width: int, round_: bool = False) -> ImageArray:
    """A promotion card or sign, (height, width, 4) RGBA uint8 with colours multiplied by alpha."""
    hue = float(rng.choice([0.0, 0.02, 0.14, 0.15, 0.35, 0.6]))
    ground = hsv(hue, float(rng.uniform(0.2, 1)), float(rng.uniform(0.6, 1)))
    image = gradient(height, width, ground, hsv(hue, float(rng.uniform(0.3, 1)), float(rng.uniform(0.6, 1))))
    faces = fonts("packages")
    face, ink = str(rng.choice(faces)) if faces else "", readable_on(ground)
    pictured = rng.random() < 0.5
    room = 0.5 if pictured else 0.76
    if pictured:
        area = (0.55, 0.1, 0.42, 0.8) if width > height else (0.1, 0.5, 0.8, 0.46)
        for _ in range(int(rng.integers(1, 4))):
            food(image, rng, area, float(rng.random()))
    put_text(image, words.claim(rng), face, (0.06, 0.12, room, 0.28), ink)
    if rng.random() < 0.6:
        price = f"{int(rng.integers(0, 30))}.{int(rng.integers(0, 100)):02d}"
        put_text(image, price, face, (0.06, 0.5, room, 0.34), ink)
    mask = np.ones((height, width), np.float32)
    if round_:
        mask = ellipse_mask(height, width, (0.0, 0.0, 1.0, 1.0))
    return np.dstack([image * mask[..., None], mask * 255]).astype(np.uint8)


def sticker(image: ImageArray, rng: np.random.Generator, x: int, y: int, height: int, width: int) -> None:
    """A white label with a barcode and small print, painted into ``image`` in place."""
    label = np.full((height, width, 3), 245, np.uint8)
    bars = rng.random(width) < 0.5
    label[height // 5 : height * 3 // 5, width // 8 : width * 7 // 8][
        :, bars[width // 8 : width * 7 // 8]
    ] = 25
    faces = fonts("packages")
    put_text(label, words.word(rng), str(rng.choice(faces)) if faces else "", (0.1, 0.68, 0.8, 0.2), BLACK)
    blend(image, np.ones((height, width), np.float32), label, x, y)


@lru_cache(maxsize=64)
def printed_strip(spec: PackSpec, aspect: float) -> ImageArray:
    """A strip of print for a rail below a product, (24, w, 4) RGBA uint8 opaque; aspect: width / height."""
    rng = np.random.default_rng([spec.design_seed, 34])
    width = int(np.clip(24 * aspect, 24, 400))
    look = look_of(spec)
    ground = (look.ground, look.ground2, look.accent, look.band)[int(rng.integers(4))]
    image = gradient(24, width, ground, ground)
    ink = readable_on(ground)
    repeat = max(1, int(aspect // float(rng.choice([5, 9, 40]))))
    for number in range(repeat):
        name = look.logo_text if number % 2 == 0 else words.claim(rng)
        put_text(image, name, look.logo_font, ((number + 0.1) / repeat, 0.15, 0.8 / repeat, 0.7), ink)
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


@lru_cache(maxsize=64)
def cut_tray(spec: PackSpec, cut: float, aspect: float) -> ImageArray:
    """The printed front of a shelf-ready tray, (64, w, 4) RGBA uint8; ``cut`` of it is cut out on top."""
    rng = np.random.default_rng([spec.design_seed, 35])
    width = int(np.clip(64 * aspect, 32, 400))
    look = look_of(spec)
    colour = (look.ground, look.band, look.accent, hsv(0.08, 0.4, float(rng.uniform(0.45, 0.75))))[
        int(rng.integers(4))
    ]
    image = gradient(64, width, colour, colour)
    if rng.random() < 0.4:
        blend(image, ellipse_mask(64, width, (-0.1, float(rng.uniform(0.3, 0.7)), 1.2, 1.0)), look.ground2)
    for _ in range(int(rng.integers(0, 3))):
        food(image, rng, (float(rng.uniform(0, 0.7)), 0.4, 0.3, 0.55), spec.hue)
    ink = readable_on(colour)
    put_text(image, look.logo_text, look.logo_font, (0.08, min(0.6, cut) + 0.04, 0.84, 0.32), ink)
    if rng.random() < 0.6:
        put_text(image, spec.flavour, look.text_font, (0.25, 0.82, 0.5, 0.14), ink)
    x, y = grid(64, width)
    side = float(rng.uniform(0.55, 0.92))
    steep = float(rng.choice([0.02, 0.15, 0.35]))
    drop = cut * np.clip((side - np.abs(x)) / steep, 0, 1)
    alpha = np.clip((y - drop) * 64, 0, 1)
    edge = (y - drop < 0.05) & (alpha > 0)
    image[edge] = hsv(0.09, 0.25, 0.8)
    return np.dstack([image * alpha[..., None], alpha * 255]).astype(np.uint8)


def draw_signs(canvas: Canvas, camera: Camera, bay: Bay, rng: np.random.Generator) -> None:
    """A header above the bay, posters beside it and cartons on the floor before it, each only sometimes."""
    top = bay.rows[0].y - bay.rows[0].height - 6
    if rng.random() < 0.35:
        tall = float(rng.uniform(12, 30))
        _hang(canvas, camera, card(rng, 96, 480), (0.0, top - tall), (bay.width, tall), -1.0)
    for side in (-1, 1):
        if rng.random() < 0.4:
            wide, tall = float(rng.uniform(25, 80)), float(rng.uniform(30, 120))
            x = -wide - float(rng.uniform(4, 40)) if side < 0 else bay.width + float(rng.uniform(4, 40))
            y = float(rng.uniform(top, max(top + 1, bay.bottom - tall)))
            _hang(canvas, camera, card(rng, 240, round(240 * wide / tall)), (x, y), (wide, tall), 8.0)
    if rng.random() < 0.15:
        _carton(canvas, camera, bay, rng)


def _hang(
    canvas: Canvas,
    camera: Camera,
    texture: ImageArray,
    corner: tuple[float, float],
    size: tuple[float, float],
    z: float,
) -> None:
    """Put a picture upright in the shop: its top left corner, width and height, and depth, in cm."""
    (x, y), (w, h) = corner, size
    outline = np.array([[x, y, z], [x + w, y, z], [x + w, y + h, z], [x, y + h, z]])
    if outline[:, 2].min() > camera.position[2] + 20:
        canvas.put(texture, camera.project(outline))


def _carton(canvas: Canvas, camera: Camera, bay: Bay, rng: np.random.Generator) -> None:
    """A plain brown carton with tape and a sticker on the floor in front of the shelf."""
    brown = hsv(0.08, float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.5, 0.8)))
    image = gradient(120, 180, brown, brown)
    image[:, 84:96] = hsv(0.09, 0.25, 0.85)
    sticker(image, rng, int(rng.integers(10, 110)), int(rng.integers(10, 70)), 36, 54)
    put_text(
        image, words.word(rng).upper(), "", (0.1, 0.72, 0.5, 0.16), BLACK if rng.random() < 0.7 else WHITE
    )
    wide, tall = float(rng.uniform(25, 60)), float(rng.uniform(18, 45))
    x, foot = float(rng.uniform(0, max(1.0, bay.width - wide))), bay.bottom + 16
    texture = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    _hang(canvas, camera, texture, (x, foot - tall), (wide, tall), -float(rng.uniform(5, 40)))
