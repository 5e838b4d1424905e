"""What is seen through film and glass: loose pieces, sticks, leaves, grain, buns, jam."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.paint import hsv, smooth_noise
from recognition.types import ImageArray

_SIZE = 160
"""Pixels of the longer side that contents are drawn at."""
_HUES = (0.0, 0.03, 0.06, 0.08, 0.1, 0.12, 0.15, 0.26, 0.31, 0.78, 0.95)
"""Tomatoes, coffee, nuts, biscuits, pasta, rice, cheese, gherkins, leaves, berries."""


def contents(design: np.random.Generator, wear: np.random.Generator, height: int, width: int) -> ImageArray:
    """Loose goods, (height, width, 3) RGB uint8: of one kind by ``design``, lying as ``wear`` has it."""
    kind = int(design.integers(6))
    hue = float(design.choice(_HUES)) if kind != 2 else float(design.uniform(0.2, 0.36))
    saturation, value = float(design.uniform(0.15, 0.95)), float(design.uniform(0.25, 0.98))
    scale = _SIZE / max(height, width)
    high, wide = max(8, round(height * scale)), max(8, round(width * scale))
    image = np.empty((high, wide, 3), np.uint8)
    image[:] = hsv(hue, saturation, value * 0.55)
    if kind in (3, 5):
        cells = 60 if kind == 3 else 12
        grain = 1.5 + 0.5 * smooth_noise(wear, high, wide, cells) + 0.2 * smooth_noise(wear, high, wide, 7)
        image = np.clip(image * grain[..., None], 0, 255).astype(np.uint8)
    else:
        size = float(design.uniform(*((5, 11), (4, 8), (8, 16), (0, 0), (18, 34), (0, 0))[kind]))
        slim = (float(design.uniform(0.6, 1.0)), 0.14, 0.4, 1.0, float(design.uniform(0.6, 0.95)), 1.0)[kind]
        long = size * (5 if kind == 1 else 1)
        lean = float(design.uniform(0, 180))
        spread = float(design.choice([12.0, 90.0])) if kind == 1 else 90.0
        count = min(420, int(2.2 * high * wide / (3.2 * size * long * max(slim, 0.3))) + 4)
        for _ in range(count):
            centre = (int(wear.integers(0, wide)), int(wear.integers(0, high)))
            tone = hsv(
                hue + float(wear.normal(0, 0.012)), saturation, value * float(wear.uniform(0.75, 1.15))
            )
            axes = (max(1, round(long)), max(1, round(long * slim)))
            turn = lean + float(wear.uniform(-spread, spread))
            dark = (int(tone[0] * 0.55), int(tone[1] * 0.5), int(tone[2] * 0.5))
            cv2.ellipse(image, centre, axes, turn, 0, 360, dark, -1, cv2.LINE_AA)
            lit_at = (centre[0] - max(1, axes[1] // 5), centre[1] - max(1, axes[1] // 4))
            inner = (max(1, round(axes[0] * 0.8)), max(1, round(axes[1] * 0.8)))
            cv2.ellipse(image, lit_at, inner, turn, 0, 360, tone, -1, cv2.LINE_AA)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
