"""Photos without any product: tiled walls and floors, bricks, print, chequers, panes, the shop out of focus.

What people photograph by mistake, and what a detector of packages in rows takes for some.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from recognition.training.render import words
from recognition.training.render.fixture import scenery
from recognition.training.render.fonts import fonts
from recognition.training.render.paint import BLACK, Colour, hsv, put_text, readable_on, smooth_noise
from recognition.training.render.truth import RenderedPhoto
from recognition.types import FloatArray, ImageArray


def render_nothing(seed: int, size: tuple[int, int]) -> RenderedPhoto:
    """One such photo of ``size`` (width, height) pixels; equal arguments give equal photos."""
    rng = np.random.default_rng([seed, 0x0])
    width, height = size
    surface = _SURFACES[int(rng.integers(len(_SURFACES)))](rng, round(1.3 * height), round(1.3 * width))
    image = _seen_from(surface, rng, width, height)
    light = 1 + 0.2 * smooth_noise(rng, height, width, 3)
    image = np.clip(image * light[..., None], 0, 255).astype(np.uint8)
    none = np.zeros((0, 4), np.float32)
    return RenderedPhoto(
        image=image,
        boxes=none,
        skus=[],
        shapes=[],
        shelf=np.zeros(0, np.int64),
        position=np.zeros(0, np.int64),
        stack=np.zeros(0, np.int64),
        visible=np.zeros(0, np.float32),
        ignore=none,
        shelf_edges=[],
        corners=np.zeros((4, 2), np.float32),
        homography=np.eye(3, dtype=np.float32),
    )


def _seen_from(surface: ImageArray, rng: np.random.Generator, width: int, height: int) -> ImageArray:
    """The surface from somewhere in front of it, half of the time straight on."""
    rows, columns = surface.shape[:2]
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    lean = 0.12 if rng.random() < 0.5 else 0.01
    moved = corners + rng.uniform(-lean, lean, (4, 2)).astype(np.float32) * [columns, rows]
    shift = (np.array([columns, rows]) - [width, height]) / 2
    matrix = cv2.getPerspectiveTransform(corners, (moved - shift).astype(np.float32))
    return np.asarray(cv2.warpPerspective(surface, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))


def _tones(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """A surface's colour, mostly pale, and that of its joints."""
    hue, saturation = float(rng.random()), float(rng.beta(1, 4))
    value = float(rng.uniform(0.35, 1.0))
    joint = float(np.clip(value + rng.choice([-0.45, -0.2, 0.2]), 0.05, 1.0))
    return hsv(hue, saturation, value), hsv(hue, 0.3 * saturation, joint)


def _wall(rng: np.random.Generator, height: int, width: int, *, bond: float, aspect: float) -> ImageArray:
    """Pieces in courses with joints; each course is moved by ``bond`` of a piece."""
    colour, joint = _tones(rng)
    tall = float(rng.uniform(0.03, 0.35)) * height
    wide, line = tall * aspect, max(1.0, tall * float(rng.uniform(0.015, 0.06)))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = joint
    spread = float(rng.choice([0.0, 0.03, 0.12]))
    for course in range(int(height / tall) + 2):
        for piece in range(-1, int(width / wide) + 2):
            x, y = (piece + bond * (course % 2)) * wide, course * tall
            tone = tuple(int(np.clip(v * (1 + rng.normal(0, spread)), 0, 255)) for v in colour)
            first, last = (round(x + line), round(y + line)), (round(x + wide - line), round(y + tall - line))
            cv2.rectangle(image, first, last, tone, -1)
    return image


def _tiles(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    return _wall(rng, height, width, bond=0.0, aspect=float(rng.choice([0.7, 1.0, 1.0, 1.5, 2.0])))


def _bricks(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    return _wall(rng, height, width, bond=0.5, aspect=float(rng.uniform(1.8, 3.2)))


def _chequers(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    first, second = _tones(rng)
    side = float(rng.uniform(0.03, 0.2)) * height
    y, x = np.mgrid[0:height, 0:width]
    odd = ((x // (side * float(rng.uniform(0.8, 1.4))) + y // side) % 2).astype(bool)
    return np.where(odd[..., None], np.array(first, np.uint8), np.array(second, np.uint8))


def _print(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """A notice or a page: lines of words, some large."""
    paper = hsv(float(rng.random()), float(rng.beta(1, 5)), float(rng.uniform(0.6, 1)))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = paper
    faces = fonts("packages")
    font = str(rng.choice(faces)) if faces else ""
    y = 0.02
    while y < 0.95:
        tall = float(rng.choice([0.02, 0.03, 0.05, 0.12]))
        text = " ".join(words.word(rng) for _ in range(max(1, round(0.4 / tall))))
        put_text(image, text, font, (0.05, y, 0.9, tall), readable_on(paper), align=0.0)
        y += tall * float(rng.uniform(1.1, 1.8))
    return image


def _panes(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """Windows, doors or lockers: frames round panes in which the surroundings are seen."""
    image = scenery(rng, width, height, hsv(float(rng.random()), 0.15, float(rng.uniform(0.2, 0.9))))
    frame = _tones(rng)[1] if rng.random() < 0.6 else BLACK
    line = max(2, round(float(rng.uniform(0.004, 0.02)) * width))
    for x in np.linspace(0, width, int(rng.integers(2, 8))):
        cv2.line(image, (round(x), 0), (round(x), height), frame, line)
    for y in np.linspace(0, height, int(rng.integers(2, 6))):
        cv2.line(image, (0, round(y)), (width, round(y)), frame, line)
    return image


def _grain(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    """Plaster, wood, cloth or carpet: noise, perhaps drawn out in one direction."""
    colour = np.array(_tones(rng)[0], np.float32)
    cells = int(rng.choice([6, 30, 120]))
    stretch = int(rng.choice([1, 1, 8]))
    small: FloatArray = smooth_noise(rng, height, max(8, width // stretch), cells)
    noise = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(colour * (1 + float(rng.uniform(0.05, 0.4)) * noise[..., None]), 0, 255).astype(np.uint8)


def _shop(rng: np.random.Generator, height: int, width: int) -> ImageArray:
    return scenery(rng, width, height, hsv(float(rng.random()), 0.2, float(rng.uniform(0.1, 0.8))))


_Surface = Callable[[np.random.Generator, int, int], ImageArray]
_SURFACES: tuple[_Surface, ...] = (_tiles, _tiles, _bricks, _chequers, _print, _panes, _grain, _shop)
