"""The printed front of a pack: background, picture, logo, flavour band, claims and small print."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render import words
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.look import Look, look_of
from recognition.training.render.paint import (
    BLACK,
    WHITE,
    blend,
    ellipse_mask,
    gradient,
    hsv,
    polygon_mask,
    put_text,
    readable_on,
    smooth_noise,
)
from recognition.training.render.pictures import food, photo_piece
from recognition.training.render.sparse import sparse_panel
from recognition.types import FloatArray, ImageArray


def panel(spec: PackSpec, height: int, width: int) -> ImageArray:
    """The product's printed front, (height, width, 3) RGB uint8; the design does not depend on the size."""
    look = look_of(spec)
    if look.style % 100 < _SPARSE.get(spec.category, 0):
        return sparse_panel(spec, look, height, width)
    image = _background(look, height, width)
    flat = width > 1.6 * height
    rows = _FLAT_ROWS if flat else _ROWS[look.template]
    _picture(image, spec, look, rows["picture"])
    _band(image, spec, look, rows["band"])
    _logo(image, look, rows["logo"])
    _small_print(image, spec, look, flat)
    return image


_SPARSE = {
    "chilled": 100,
    "household": 25,
    "care": 50,
    "sacks": 30,
    "bakery": 40,
    "cellar": 60,
    "preserves": 50,
    "fresh": 60,
}
"""Percent of an aisle's designs that have sparse print."""
_ROWS: tuple[dict[str, tuple[float, float, float, float]], ...] = (
    {"logo": (0.08, 0.08, 0.84, 0.22), "band": (0.0, 0.36, 1.0, 0.13), "picture": (0.05, 0.5, 0.9, 0.42)},
    {"logo": (0.06, 0.38, 0.88, 0.22), "band": (0.08, 0.62, 0.84, 0.1), "picture": (0.1, 0.06, 0.8, 0.32)},
    {"logo": (0.08, 0.56, 0.84, 0.18), "band": (0.0, 0.77, 1.0, 0.12), "picture": (0.0, 0.0, 1.0, 0.55)},
    {"logo": (0.08, 0.14, 0.84, 0.26), "band": (0.1, 0.46, 0.8, 0.12), "picture": (0.25, 0.64, 0.5, 0.22)},
    {"logo": (0.1, 0.1, 0.8, 0.2), "band": (0.0, 0.8, 1.0, 0.11), "picture": (0.0, 0.0, 1.0, 1.0)},
)
_FLAT_ROWS = {
    "logo": (0.04, 0.15, 0.5, 0.5),
    "band": (0.04, 0.7, 0.5, 0.22),
    "picture": (0.56, 0.0, 0.44, 1.0),
}


def _background(look: Look, height: int, width: int) -> ImageArray:
    rng = np.random.default_rng([look.style, 2])
    kind, angle = look.background, float(rng.uniform(-0.6, 0.6))
    if kind == 0:
        return gradient(height, width, look.ground, look.ground)
    if kind in (1, 2):
        return gradient(height, width, look.ground, look.ground2)
    if kind >= 9:
        return _panels(look, rng, height, width)
    image = gradient(height, width, look.ground, look.ground)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = xs / width - 0.5, (ys / height - 0.5) * height / width
    if kind == 3:
        mask = np.exp(-(u**2 + (v - angle * 0.3) ** 2) * float(rng.uniform(4, 12)))
    elif kind == 4:
        edge = angle * u + 0.12 * np.sin(u * float(rng.uniform(3, 9))) + float(rng.uniform(-0.3, 0.4))
        mask = np.clip((v - edge) * width / 1.5, 0, 1)
    elif kind == 5:
        mask = (
            (u * np.cos(angle * 3) + v * np.sin(angle * 3)) * float(rng.integers(5, 22)) % 1 < 0.5
        ).astype(np.float32)
    elif kind == 6:
        mask = (np.arctan2(v - 0.05, u) * float(rng.integers(5, 14)) / np.pi % 1 < 0.5) * np.float32(0.6)
    elif kind == 7:
        step = float(rng.uniform(0.06, 0.2))
        mask = (
            (u % step / step - 0.5) ** 2 + (v % step / step - 0.5) ** 2 < float(rng.uniform(0.04, 0.12))
        ) * np.float32(0.8)
    else:
        mask = np.clip(smooth_noise(rng, height, width, int(rng.integers(3, 9))) * 0.8 + 0.3, 0, 1)
    blend(image, mask.astype(np.float32), look.ground2)
    return image


def _panels(look: Look, rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """Two or three panels of unlike colours above each other: one pack, not a stack of packs."""
    image = gradient(height, width, look.ground, look.ground)
    edges = sorted(float(v) for v in rng.uniform(0.2, 0.8, int(rng.integers(1, 3))))
    for colour, top in zip(
        (look.ground2 if rng.random() < 0.3 else look.band, look.accent), edges, strict=False
    ):
        image[round(top * height) :] = WHITE if rng.random() < 0.2 else colour
    return image


def _picture(image: ImageArray, spec: PackSpec, look: Look, area: tuple[float, float, float, float]) -> None:
    rng = np.random.default_rng([look.style, spec.variant, 3])
    height, width = image.shape[:2]
    style = np.random.default_rng([look.style, 4])
    if look.template == 3 and style.random() < 0.4:
        return
    shape = int(style.integers(4))
    if spec.picture:
        x, y = round(area[0] * width), round(area[1] * height)
        w, h = max(4, round(area[2] * width)), max(4, round(area[3] * height))
        mask = _area_mask(shape, h, w)
        blend(image, mask, photo_piece(spec.picture, rng, h, w), x, y)
        return
    if shape == 0:
        blend(image, ellipse_mask(height, width, area), WHITE if style.random() < 0.5 else look.accent)
    elif shape == 1:
        bowl = (area[0] + area[2] * 0.12, area[1] + area[3] * 0.45, area[2] * 0.76, area[3] * 0.6)
        blend(image, ellipse_mask(height, width, bowl), hsv(look.style % 97 / 97, 0.2, 0.9))
    for _ in range(int(style.integers(1, 3))):
        food(image, rng, area, spec.hue)


def _area_mask(shape: int, height: int, width: int) -> FloatArray:
    if shape == 0:
        return ellipse_mask(height, width, (0.02, 0.02, 0.96, 0.96))
    if shape == 1:
        t = np.linspace(0, 1, 20, dtype=np.float32)
        wave = np.stack([t, 0.12 + 0.1 * np.sin(t * 6)], 1)
        return polygon_mask(height, width, np.concatenate([wave, np.array([[1, 1], [0, 1]], np.float32)]))
    if shape == 2:
        soft = ellipse_mask(height, width, (0.08, 0.08, 0.84, 0.84), soft=0.06)
        return soft.astype(np.float32)
    return np.ones((height, width), np.float32)


def _band(image: ImageArray, spec: PackSpec, look: Look, area: tuple[float, float, float, float]) -> None:
    style = np.random.default_rng([look.style, 5])
    height, width = image.shape[:2]
    x, y, w, h = area
    kind = int(style.integers(5))
    if kind == 0:
        blend(
            image,
            np.ones((round(h * height), round(w * width)), np.float32),
            look.band,
            round(x * width),
            round(y * height),
        )
    elif kind == 1:
        tilt = float(style.uniform(-0.06, 0.06))
        corners = np.array(
            [[x, y + tilt], [x + w, y - tilt], [x + w, y + h - tilt], [x, y + h + tilt]], np.float32
        )
        blend(image, polygon_mask(height, width, corners), look.band)
    elif kind == 2:
        blend(image, ellipse_mask(height, width, (x + 0.1 * w, y, 0.8 * w, h)), look.band)
    elif kind == 3:
        bottom = np.array([[0, y], [1, y + float(style.uniform(-0.08, 0.08))], [1, 1], [0, 1]], np.float32)
        blend(image, polygon_mask(height, width, bottom) * 0.9, look.band)
    words_on = (spec.flavour or spec.name).upper() if style.random() < 0.5 else (spec.flavour or spec.name)
    colour = readable_on(look.band) if kind != 4 else readable_on(look.ground)
    put_text(image, words_on, look.text_font, (x + 0.1 * w, y + 0.22 * h, 0.8 * w, 0.56 * h), colour)


def _logo(image: ImageArray, look: Look, area: tuple[float, float, float, float]) -> None:
    style = np.random.default_rng([look.style, 6])
    height, width = image.shape[:2]
    x, y, w, h = area
    arc, slant = (float(v) for v in style.uniform(-0.18, 0.18, 2) * (style.random(2) < 0.4))
    fill = look.accent if style.random() < 0.6 else WHITE
    under = look.ground
    if look.badge == 0:
        blend(image, ellipse_mask(height, width, (x - 0.02, y - 0.03, w + 0.04, h + 0.06)), fill)
        if style.random() < 0.5:
            blend(image, ellipse_mask(height, width, (x + 0.02, y - 0.005, w - 0.04, h + 0.01)), look.ground2)
            fill = look.ground2
        under = fill
    elif look.badge == 1:
        rect = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
        rect[:, 1] += float(style.uniform(-0.04, 0.04)) * np.array([1, -1, -1, 1], np.float32)
        blend(image, polygon_mask(height, width, rect), fill)
        under = fill
    elif look.badge == 2:
        points = np.array(
            [
                [x, y],
                [x + w, y],
                [x + w * 0.94, y + h * 0.7],
                [x + w / 2, y + h],
                [x + w * 0.06, y + h * 0.7],
            ],
            np.float32,
        )
        blend(image, polygon_mask(height, width, points), fill)
        under, h = fill, h * 0.8
    ink = readable_on(under) if look.badge <= 2 or style.random() < 0.6 else look.accent
    outline = None
    if look.badge > 2 and style.random() < 0.55:
        outline = readable_on(ink)
    pad_x, pad_y = (0.1 * w, 0.16 * h) if look.badge <= 2 else (0.0, 0.04 * h)
    inside = (x + pad_x, y + pad_y, w - 2 * pad_x, h - 2 * pad_y)
    put_text(
        image,
        look.logo_text,
        look.logo_font,
        inside,
        ink,
        outline=outline,
        shadow=look.badge == 4,
        arc=arc,
        slant=slant,
    )


def _small_print(image: ImageArray, spec: PackSpec, look: Look, flat: bool) -> None:
    """Size, claims, a flash and icons round the edges."""
    rng = np.random.default_rng([look.style, 7])
    height, width = image.shape[:2]
    foot = readable_on(tuple(int(v) for v in np.median(image[int(0.94 * height) :].reshape(-1, 3), axis=0)))
    put_text(image, spec.size, look.text_font, (0.62, 0.925, 0.32, 0.05), foot, align=1.0)
    put_text(image, words.claim(rng), look.text_font, (0.06, 0.93, 0.4, 0.035), foot, align=0.0)
    if not flat and rng.random() < 0.5:
        put_text(image, words.claim(rng), look.text_font, (0.15, 0.02, 0.7, 0.04), readable_on(look.ground))
    if rng.random() < 0.35:
        side = float(rng.uniform(0.18, 0.3))
        x, y = float(rng.choice([0.04, 0.94 - side])), float(rng.uniform(0.45, 0.7))
        tall = side * width / height
        blend(image, ellipse_mask(height, width, (x, y, side, tall)), look.accent)
        put_text(
            image,
            words.claim(rng),
            look.logo_font if spec.script == "latin" else look.text_font,
            (x + 0.15 * side, y + 0.3 * tall, 0.7 * side, 0.4 * tall),
            readable_on(look.accent),
            slant=0.1,
        )
    if rng.random() < 0.3:
        for i in range(int(rng.integers(2, 5))):
            r = max(2, round(0.035 * width))
            centre = (round((0.1 + 0.1 * i) * width), round(0.88 * height))
            cv2.circle(image, centre, r, WHITE if i % 2 else look.accent, -1, cv2.LINE_AA)
            cv2.circle(image, centre, r, BLACK, 1, cv2.LINE_AA)
