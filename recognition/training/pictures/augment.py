"""What happens to a product between its good photo and a shelf, as transforms with names.

Each takes a picture (h, w, 3) RGB uint8 and a generator and gives one of about the same size. The light,
blur and JPEG of photos are the renderer's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from recognition.training.render.paint import smooth_noise
from recognition.training.render.photo import jpeg_round_trip, light_map, motion_kernel
from recognition.types import ImageArray

Transform = Callable[[ImageArray, np.random.Generator], ImageArray]


def angle(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Seen from the side or held askew: every corner moves by up to 12 % and the whole turns a little."""
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.12, 0.12, (4, 2)) * [width, height]
    turn = np.radians(rng.normal(0, 6))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = corners.mean(axis=0)
    target = ((moved - middle) @ matrix.T + middle).astype(np.float32)
    warp = cv2.getPerspectiveTransform(corners, target)
    return _same(cv2.warpPerspective(picture, warp, (width, height), borderMode=cv2.BORDER_REFLECT))


def distortion(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A soft bag's bulges and creases: points move along a smooth random field by up to 5 % of the side."""
    height, width = picture.shape[:2]
    reach = max(height, width) * float(rng.uniform(0.01, 0.05))
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    columns += reach * smooth_noise(rng, height, width, int(rng.integers(1, 5)))
    rows += reach * smooth_noise(rng, height, width, int(rng.integers(1, 5)))
    return _same(cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def occlusion(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Something in front: a block of one colour, or a piece of the picture itself as an equal neighbour."""
    height, width = picture.shape[:2]
    tall, wide = (max(1, round(side * float(rng.uniform(0.15, 0.45)))) for side in (height, width))
    top, left = (
        int(rng.integers(-size // 3, side - size // 2)) for side, size in ((height, tall), (width, wide))
    )
    area = np.s_[max(0, top) : top + tall, max(0, left) : left + wide]
    covered = picture.copy()
    if rng.random() < 0.5:
        covered[area] = rng.integers(0, 256, 3)
    else:
        h, w = covered[area].shape[:2]
        y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
        covered[area] = picture[y : y + h, x : x + w]
    return covered


def glare(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A lamp mirrored on film or a window: one soft white spot or streak."""
    height, width = picture.shape[:2]
    spot = np.zeros((height, width), np.uint8)
    centre = (int(rng.integers(width)), int(rng.integers(height)))
    axes = (max(1, round(width * rng.uniform(0.03, 0.3))), max(1, round(height * rng.uniform(0.03, 0.3))))
    cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(90, 256)), -1)
    soft = cv2.GaussianBlur(spot, (0, 0), 0.04 * max(height, width))
    return _same(cv2.add(picture, cv2.merge([soft, soft, soft])))


def light(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Uneven light, exposure and a colour cast."""
    height, width = picture.shape[:2]
    field = cv2.resize(light_map(rng, width, height, 0.0), (width, height))[..., None]
    gain = 2.0 ** float(rng.normal(0, 0.4)) * (1 + rng.normal(0, 0.06, 3))
    return np.clip(picture * field * gain, 0, 255).astype(np.uint8)


def blur(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Out of focus, or moved while exposed."""
    reach = max(picture.shape[:2]) / 100
    if rng.random() < 0.5:
        return _same(cv2.GaussianBlur(picture, (0, 0), 0.3 + float(rng.uniform(0, 1.5)) * reach))
    kernel = motion_kernel(1 + float(rng.uniform(0, 6)) * reach, float(rng.uniform(0, 180)))
    return _same(cv2.filter2D(picture, -1, kernel))


def compression(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Grain, few pixels and JPEG."""
    height, width = picture.shape[:2]
    part = float(rng.uniform(0.35, 1.0))
    small = cv2.resize(
        picture, (max(8, round(width * part)), max(8, round(height * part))), interpolation=cv2.INTER_AREA
    )
    grain = np.float32(rng.uniform(1, 9)) * rng.standard_normal(small.shape, np.float32)
    grainy = cv2.add(small, grain, dtype=cv2.CV_8U)
    coarse = jpeg_round_trip(np.ascontiguousarray(grainy), int(rng.integers(35, 96)))
    return _same(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))


def framing(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A box that misses: each side is cut by up to 12 %."""
    height, width = picture.shape[:2]
    top, bottom, left, right = rng.uniform(0, 0.12, 4) * [height, height, width, width]
    return picture[int(top) : height - int(bottom), int(left) : width - int(right)]


TRANSFORMS: dict[str, Transform] = {
    f.__name__: f for f in (framing, distortion, angle, occlusion, light, glare, blur, compression)
}
"""By name, in the order in which they happen to a photo."""


def augment(
    picture: ImageArray, rng: np.random.Generator, names: Sequence[str], each: float = 0.5
) -> ImageArray:
    """The picture after the named transforms, each of which happens with the probability ``each``."""
    for name, transform in TRANSFORMS.items():
        if name in names and rng.random() < each:
            picture = transform(picture, rng)
    return picture


def _same(picture: np.ndarray) -> ImageArray:
    return np.asarray(picture, np.uint8)
