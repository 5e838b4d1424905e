"""Price tags and promotion cards with readable prices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from recognition.training.render.fonts import FontSource, fonts
from recognition.training.render.paint import BLACK, WHITE, Colour, put_text
from recognition.types import ImageArray

TAG_ASPECT = (1.6, 2.4)
"""Width over height of shelf tags, from narrow to wide."""
_GROUNDS: tuple[Colour, ...] = (WHITE, (250, 228, 30), (205, 30, 40), (236, 236, 226), (255, 200, 60))


def tag_aspect(style: int) -> float:
    """Width over height of the tags of this style."""
    return float(np.random.default_rng([style, 30]).uniform(*TAG_ASPECT))


@lru_cache(maxsize=256)
def price_tag(
    price: str, name: str, style: int, height: int = 48, source: FontSource = "packages"
) -> ImageArray:
    """A shelf tag, (height, w, 4) RGBA uint8 opaque: the price large, the product's name, lines, a barcode.

    style: fixes layout and colours; all tags of one shop share it, a promotion uses another. name: "" for a
    tag too far away to read it.
    """
    rng = np.random.default_rng([style, 31])
    width = round(height * tag_aspect(style))
    ground = _GROUNDS[int(rng.choice(5, p=[0.6, 0.15, 0.07, 0.12, 0.06]))]
    image = np.empty((height, width, 3), np.uint8)
    image[:] = ground
    ink = BLACK if sum(ground) > 330 else WHITE
    faces = fonts(source)
    face = str(rng.choice([f for f in faces if "Bold" in f or "Black" in f] or [""]))
    small = str(rng.choice(list(faces) or [""]))
    right = rng.random() < 0.7
    whole, _, cents = price.partition(".")
    x = 0.42 if right else 0.05
    put_text(image, whole, face, (x, 0.34, 0.32, 0.58), ink, align=1.0)
    put_text(image, cents or "-", face, (x + 0.34, 0.34, 0.16, 0.32), ink, align=0.0)
    put_text(image, name[:28], small, (0.05, 0.06, 0.88, 0.17), ink, align=0.0)
    other = 0.06 if right else 0.62
    put_text(image, name[::-1][:9].lower(), small, (other, 0.4, 0.3, 0.12), ink, align=0.0)
    bars = rng.random(max(8, width // 4)) < 0.5
    x0, y0, y1 = round(other * width), round(0.72 * height), round(0.93 * height)
    strip = bars[: max(4, round(0.28 * width))]
    image[y0:y1, x0 : x0 + len(strip)][:, strip] = ink
    image[[0, -1]] = image[:, [0, -1]] = (150, 150, 150)
    return np.dstack([image, np.full((height, width), 255, np.uint8)])
