"""Small painting helpers on RGB uint8 arrays: colours, blending, text, gradients, smooth noise."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from recognition.training.render.fonts import text_mask
from recognition.types import FloatArray, ImageArray

Colour = tuple[int, int, int]
"""RGB, 0..255."""
UnitBox = tuple[float, float, float, float]
"""x, y, width, height as parts of the picture, 0..1."""
WHITE: Colour = (250, 250, 248)
BLACK: Colour = (22, 20, 22)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """RGB of a colour given in 0..1; the hue wraps round."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return round(r * 255), round(g * 255), round(b * 255)


def luma(colour: Colour) -> float:
    """Perceived lightness, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def readable_on(colour: Colour) -> Colour:
    """White or near-black, whichever reads on ``colour``."""
    return WHITE if luma(colour) < 140 else BLACK


def blend(image: ImageArray, mask: FloatArray, colour: Colour | ImageArray, x: int = 0, y: int = 0) -> None:
    """Paint ``colour`` (one colour, or a picture of the mask's size) through ``mask`` at (x, y), in place.

    mask: (h, w) float32, 0..1; what falls outside the image is cut.
    """
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + mask.shape[1], image.shape[1]), min(y + mask.shape[0], image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = mask[y0 - y : y1 - y, x0 - x : x1 - x, None]
    ink = (
        colour[y0 - y : y1 - y, x0 - x : x1 - x]
        if isinstance(colour, np.ndarray)
        else np.array(colour, np.float32)
    )
    here = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = (here + (ink - here.astype(np.float32)) * part).astype(np.uint8)


def gradient(height: int, width: int, top: Colour, bottom: Colour) -> ImageArray:
    """A vertical gradient."""
    t = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    column = np.array(top, np.float32) * (1 - t) + np.array(bottom, np.float32) * t
    return np.repeat(column[:, None].astype(np.uint8), width, axis=1)


def smooth_noise(rng: np.random.Generator, height: int, width: int, cells: int) -> FloatArray:
    """Smooth random field, (height, width) float32 in about -1..1, ``cells`` bumps across the longer side."""
    longer = max(height, width)
    grid = rng.standard_normal(
        (max(2, round(cells * height / longer) + 1), max(2, round(cells * width / longer) + 1))
    )
    return cv2.resize(grid.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) * 0.6


def put_text(
    image: ImageArray,
    text: str,
    font: str,
    box: UnitBox,
    colour: Colour,
    *,
    align: float = 0.5,
    outline: Colour | None = None,
    shadow: bool = False,
    arc: float = 0.0,
    slant: float = 0.0,
) -> None:
    """Write ``text`` as large as fits ``box``.

    align: 0 left, 0.5 centre, 1 right. arc: how far the middle rises above the ends, part of the width.
    slant: horizontal shear.
    """
    height, width = image.shape[:2]
    room_w, room_h = max(2.0, box[2] * width), max(2.0, box[3] * height)
    if not text:
        return
    px = int(np.clip(min(room_h * 1.3, 2.6 * room_w / len(text) + 2), 4, 400))
    px += -px % max(1, px // 8)  # a few sizes only, so that a font is opened once for each
    mask = text_mask(text, font, px)
    scale = min(room_w / mask.shape[1], room_h / mask.shape[0])
    if scale < 0.999:
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    if arc or slant:
        mask = _bend(mask, arc, slant)
    x = round(box[0] * width + (room_w - mask.shape[1]) * align)
    y = round(box[1] * height + (room_h - mask.shape[0]) / 2)
    if shadow:
        blend(image, mask * 0.6, BLACK, x + max(1, px // 16), y + max(1, px // 16))
    if outline is not None:
        edge = max(1, round(mask.shape[0] * 0.07))
        padded = cv2.copyMakeBorder(mask, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1))
        blend(image, cv2.dilate(padded, kernel), outline, x - edge, y - edge)
    blend(image, mask, colour, x, y)


def _bend(mask: FloatArray, arc: float, slant: float) -> FloatArray:
    """Shear the mask and lift its middle; the result is as much larger as needed."""
    height, width = mask.shape
    rise, push = abs(arc) * width, abs(slant) * height
    out_h, out_w = int(height + rise) + 1, int(width + push) + 1
    ys, xs = np.mgrid[0:out_h, 0:out_w].astype(np.float32)
    across = (xs / max(out_w - 1, 1)) * 2 - 1
    lift = rise * (across**2 if arc > 0 else 1 - across**2)
    source_y = ys - lift
    source_x = xs - push * (1 - source_y / height if slant > 0 else source_y / height)
    return cv2.remap(mask, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)


def ellipse_mask(height: int, width: int, box: UnitBox, angle: float = 0.0, soft: float = 0.0) -> FloatArray:
    """A filled ellipse inside ``box``, turned by ``angle`` degrees, its edge blurred by ``soft`` of the
    width."""
    mask = np.zeros((height, width), np.uint8)
    centre = (round((box[0] + box[2] / 2) * width), round((box[1] + box[3] / 2) * height))
    axes = (max(1, round(box[2] * width / 2)), max(1, round(box[3] * height / 2)))
    cv2.ellipse(mask, centre, axes, angle, 0, 360, 255, -1, cv2.LINE_AA)
    out = mask.astype(np.float32) / 255.0
    return cv2.GaussianBlur(out, (0, 0), soft * width) if soft else out


def polygon_mask(height: int, width: int, points: FloatArray) -> FloatArray:
    """A filled polygon; points (n, 2) as parts of width and height."""
    mask = np.zeros((height, width), np.uint8)
    pixels = np.round(points * np.array([width, height]) * 16).astype(np.int32)
    cv2.fillPoly(mask, [pixels], 255, cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / 255.0
