"""What light, lens, sensor and JPEG do to a clean picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import simplejpeg

from recognition.types import FloatArray, ImageArray


@dataclass(frozen=True, slots=True)
class Quality:
    """How good photos are: each value is the most that is drawn. exposure: stops; blur: pixels at 1 MP."""

    exposure: float
    cast: float
    defocus: float
    motion: float
    noise: float
    glare: float
    jpeg: tuple[int, int]


QUALITIES = {
    "clean": Quality(0.1, 0.02, 0.0, 0.0, 1.0, 0.0, (93, 96)),
    "phone": Quality(0.35, 0.06, 0.5, 0.0, 3.5, 0.35, (80, 95)),
    "varied": Quality(0.9, 0.14, 1.5, 7.0, 8.0, 0.7, (42, 95)),
    "poor": Quality(1.3, 0.2, 2.6, 14.0, 14.0, 0.9, (35, 70)),
}


@lru_cache(maxsize=2)
def _noise_field(side: int = 1400) -> ImageArray:
    """Grain of unit strength round 128, a little correlated as after demosaicing; cut at random places."""
    rng = np.random.default_rng(20)
    grain = rng.standard_normal((side, side, 3)).astype(np.float32)
    grain = 0.6 * grain + 1.1 * cv2.GaussianBlur(grain, (0, 0), 0.8)
    return np.clip(128 + 32 * grain, 0, 255).astype(np.uint8)


def light_map(rng: np.random.Generator, width: int, height: int, glare: float) -> FloatArray:
    """Light over the frame, (height // 8, width // 8) float32 round 1: falloff, a sideways gradient, glare
    spots."""
    h, w = max(2, height // 8), max(2, width // 8)
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = xs / w - 0.5, ys / h - 0.5
    light = (
        1
        - float(rng.uniform(0, 0.5)) * (u**2 + v**2)
        + float(rng.normal(0, 0.15)) * u
        + float(rng.normal(0, 0.2)) * v
    )
    for _ in range(int(rng.poisson(1.2 * glare))):
        cx, cy, r = (float(t) for t in rng.uniform([-0.5, -0.5, 0.03], [0.5, 0.5, 0.2]))
        light += glare * np.exp(-((u - cx) ** 2 + (v - cy) ** 2 * float(rng.uniform(0.3, 3))) / r**2)
    return light.astype(np.float32)


def develop(image: ImageArray, light: FloatArray, rng: np.random.Generator, quality: Quality) -> ImageArray:
    """The picture as the phone would save it; same size, RGB uint8."""
    height, width = image.shape[:2]
    scale = (height * width / 1e6) ** 0.5
    gain = cv2.resize(
        np.clip(light * 96, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR
    )
    out = cv2.multiply(image, cv2.merge([gain, gain, gain]), scale=1 / 96)
    out = _blur(out, rng, quality, scale)
    out = cv2.LUT(out, _tone_curves(rng, quality, float(out[::16, ::16].mean())))
    out = cv2.transform(out, _saturation(float(rng.normal(1.15, 0.15))))
    strength = float(rng.beta(1.3, 2)) * quality.noise
    if strength > 0.5:
        field = _noise_field()
        y, x = int(rng.integers(0, 200)), int(rng.integers(0, 200))
        rows, columns = -(-height // 1200), -(-width // 1200)
        grain = np.tile(field[y : y + 1200, x : x + 1200], (rows, columns, 1))[:height, :width]
        out = cv2.addWeighted(out, 1.0, grain, strength / 32, -128 * strength / 32)
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(out, (0, 0), 1.2)
        out = cv2.addWeighted(out, 1.5, soft, -0.5, 0)
    return jpeg_round_trip(out, int(rng.integers(quality.jpeg[0], quality.jpeg[1] + 1)))


def _blur(image: ImageArray, rng: np.random.Generator, quality: Quality, scale: float) -> ImageArray:
    defocus = quality.defocus * float(rng.beta(1, 2.5)) * scale
    if defocus > 0.35:
        image = cv2.GaussianBlur(image, (0, 0), defocus)
    length = quality.motion * float(rng.beta(1, 3)) * scale
    if length > 1.5 and rng.random() < 0.4:
        image = cv2.filter2D(image, -1, motion_kernel(length, float(rng.uniform(0, 180))))
    return image


def motion_kernel(length: float, angle: float) -> FloatArray:
    """A straight smear of ``length`` pixels at ``angle`` degrees, summing to 1."""
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((side, side), np.float32)
    half = length / 2 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    centre = np.array([side // 2, side // 2])
    start, end = (tuple(round(v) for v in centre + sign * half) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    return kernel / kernel.sum()


def _tone_curves(rng: np.random.Generator, quality: Quality, mean: float) -> ImageArray:
    """Exposure, contrast and colour cast as a lookup table, (1, 256, 3) uint8.

    The phone's automatic exposure brings the picture's ``mean`` most of the way to a middle grey.
    """
    metered = float(np.clip(112 / max(mean, 1.0), 0.5, 2.2)) ** 0.75
    gain = metered * 2.0 ** float(np.clip(rng.normal(0, 0.45), -1, 0.8) * quality.exposure)
    cast = 1 + rng.normal(0, 0.5, 3) * quality.cast
    contrast = float(rng.uniform(-0.3, 0.3))
    t = np.linspace(0, 1, 256)[:, None] * gain * cast[None]
    t = t + 0.04 * quality.exposure * float(rng.uniform(0, 1)) * (1 - t)
    t = np.clip(t, 0, 1)
    curve = t + contrast * t * (1 - t) * (2 * t - 1)
    return np.clip(curve * 255, 0, 255).astype(np.uint8)[None]


def _saturation(amount: float) -> FloatArray:
    """Matrix, (3, 3), that moves colours away from the grey of their lightness, as phones do."""
    grey = np.tile([0.299, 0.587, 0.114], (3, 1))
    return np.asarray(amount * np.eye(3) + (1 - amount) * grey, np.float32)


def jpeg_round_trip(image: ImageArray, quality: int) -> ImageArray:
    """Encode and decode once."""
    coded = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality, "RGB", "420")
    return np.asarray(simplejpeg.decode_jpeg(coded))
