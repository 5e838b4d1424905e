"""Changes how a training picture looks, not where things are: light, colour, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from recognition.types import ImageArray


def restyle(image: ImageArray, rng: Generator) -> ImageArray:
    """Return ``image`` (h, w, 3) RGB uint8 as another camera in another light might have taken it."""
    image = _tone(image, rng)
    if rng.random() < 0.3:
        image = _saturation(image, rng.uniform(0.2, 1.6))
    if rng.random() < 0.15:
        image = np.ascontiguousarray(image[:, :, rng.permutation(3)])
    if rng.random() < 0.2:
        image = _shade(image, rng)
    if rng.random() < 0.35:
        image = _soften(image, rng)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 10), image.shape[:2])[:, :, None]
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        image = _compress(image, int(rng.integers(25, 90)))
    return image


def _tone(image: ImageArray, rng: Generator) -> ImageArray:
    """Exposure, white balance and gamma in one table."""
    levels = np.arange(256) / 255
    curve = levels ** np.exp(rng.uniform(-0.4, 0.4)) * rng.uniform(0.7, 1.2) + rng.uniform(-0.06, 0.06)
    table = np.clip(curve[:, None] * rng.uniform(0.88, 1.12, 3) * 255, 0, 255).astype(np.uint8)
    return cv2.LUT(image, table[None])


def _saturation(image: ImageArray, amount: float) -> ImageArray:
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, amount, grey, 1 - amount, 0)


def _shade(image: ImageArray, rng: Generator) -> ImageArray:
    """A soft light-to-dark ramp in a random direction."""
    corners = rng.uniform(0.5, 1.2, (2, 2)).astype(np.float32)
    ramp = cv2.resize(corners, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(image * ramp[:, :, None], 0, 255).astype(np.uint8)


def _soften(image: ImageArray, rng: Generator) -> ImageArray:
    """Defocus, motion, or too few pixels."""
    kind = rng.integers(3)
    if kind == 0:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    if kind == 1:
        length = int(rng.integers(3, 10))
        kernel = np.zeros((length, length), np.float32)
        middle, angle = (length - 1) / 2, rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * middle
        ends = [tuple(round(v) for v in middle + sign * reach) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0)
        return cv2.filter2D(image, -1, kernel / kernel.sum())
    factor = rng.uniform(0.4, 0.8)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)


def _compress(image: ImageArray, quality: int) -> ImageArray:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)
