"""What a student embedder learns from: crops at its size, and what the teacher says of the same crops.

Half of the crops are rendered packs, distorted as for ``train-embedder``; the others are pieces of licensed
photos at any scale. They need no labels: the teacher's vectors are the lesson (Hinton et al., 2015).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.stages.embed import BATCH, Embedder, fit, trim_packshot
from recognition.training.embedder import MAX_STRETCH, PAD
from recognition.training.embedder.data import (
    Design,
    detail,
    rendered_designs,
    shelf_photos,
    unpackaged_photos,
)
from recognition.training.evaluate.recognition import pictures, read_rgb
from recognition.training.render.crops import HARD, distort, prepare, relight, shoot
from recognition.types import ImageArray

DRAWN_AT = 192
"""Pixels of a crop's longer side: more than the teacher sees, as in near shelf photos."""
DESIGNS, VIEWS, PIECES = 96, 10, 1184
"""Packs and distorted crops of each, and pieces of photos, in a part of the lessons."""
SHARES = (0.6, 0.08, 0.32)
"""Of the pieces, those of shelf photos, of price tags, of fruit and vegetables."""
TRIES = 2
FLIPPED, TURNED, RELIT, SHOT = 0.5, 0.4, 0.5, 0.6
"""Chances that a piece is mirrored, turned, lit anew, and blurred as a small or shaken photo would be."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """crops: (n, size, size, 3) uint8; said: (n, width) float16, the teacher's features of each."""

    crops: NDArray[np.uint8]
    said: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.said)


@dataclass(frozen=True, slots=True)
class Photos:
    """Files that pieces are cut from."""

    fruit: tuple[Path, ...]
    shelves: tuple[Path, ...]
    tags: tuple[Path, ...]

    @classmethod
    def below(cls, data: Path) -> Photos:
        """The photos of ``data``'s grocerystore/ (no packaged products) and price-tags/, or all below it.

        Raises ValueError if there are none.
        """
        if not (data / "grocerystore").is_dir():
            found = tuple(pictures(data))
            if not found:
                raise ValueError(f"{data}: expected photos, found none")
            return cls(found, found, found)
        tags = pictures(data / "price-tags" / "tags")
        shelves = shelf_photos(data / "price-tags")
        return cls(tuple(unpackaged_photos(data / "grocerystore")), tuple(shelves), tuple(tags))


def make_lessons(
    folder: Path, teacher: Embedder, photos: Photos, size: int, parts: int, seed: int
) -> Lessons:
    """Write the ``parts`` parts of the lessons that ``folder`` lacks, and open all that it has."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(parts):
        file = folder / f"{number:04d}.npz"
        if not file.is_file():
            crops, said = _part(teacher, photos, size, (seed, number))
            unfinished = file.with_suffix(".part")
            with unfinished.open("wb") as stream:
                np.savez(stream, crops=crops, said=said)
            unfinished.rename(file)
    return read_lessons(folder)


def read_lessons(folder: Path) -> Lessons:
    """Everything ``make_lessons`` wrote to ``folder``, in memory."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise ValueError(f"{folder}: expected parts of lessons (.npz), found none")
    with np.load(files[0]) as part:
        crops = np.empty((len(files), *part["crops"].shape), np.uint8)
        said = np.empty((len(files), *part["said"].shape), np.float16)
    for number, file in enumerate(files):
        with np.load(file) as part:
            crops[number], said[number] = part["crops"], part["said"]
    return Lessons(crops.reshape(-1, *crops.shape[2:]), said.reshape(-1, said.shape[-1]))


def _part(
    teacher: Embedder, photos: Photos, size: int, seed: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    crops, said = [], []
    drawn = _crops(photos, seed)
    while batch := list(islice(drawn, 4 * BATCH)):
        crops += [fit(crop, size, MAX_STRETCH, PAD) for crop in batch]
        said.append(teacher.run(batch).features)
    return np.stack(crops), np.concatenate(said).astype(np.float16)


def _crops(photos: Photos, seed: tuple[int, int]) -> Iterator[ImageArray]:
    """Crops of DESIGNS rendered packs, then PIECES pieces of photos."""
    rng = np.random.default_rng(seed)
    before: deque[ImageArray] = deque(maxlen=40)
    for design in rendered_designs(1000 * seed[0] + seed[1], DESIGNS, photos.fruit):
        yield from _pack_crops(design, before, rng)
    kinds = photos.shelves, photos.tags, photos.fruit
    for _ in range(PIECES):
        kind = kinds[int(rng.choice(len(kinds), p=SHARES))]
        yield piece(_read(kind[int(rng.integers(len(kind)))]), rng)


def _pack_crops(design: Design, before: deque[ImageArray], rng: np.random.Generator) -> Iterator[ImageArray]:
    """The packshot as a gallery has it, and VIEWS crops of the pack on a shelf."""
    yield trim_packshot(design.packshot)
    units = [prepare(unit, DRAWN_AT) for unit in design.units]
    for view in range(VIEWS):
        others = [before[int(i)] for i in rng.integers(0, len(before), 2)] if before else ()
        yield distort(units[view % len(units)], rng, size=DRAWN_AT, others=others, strength=HARD)
    before.append(units[0])


@lru_cache(maxsize=64)
def _read(photo: Path) -> ImageArray:
    return read_rgb(photo)


def piece(photo: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A part of an RGB photo with a pack's usual proportions, some turned, mirrored, relit or shot badly.

    Of TRIES parts it is the one with the most detail. Its longer side has at most DRAWN_AT pixels.
    """
    part = max((_turned(photo, rng) for _ in range(TRIES)), key=detail)
    if rng.random() < FLIPPED:
        part = part[:, ::-1]
    if rng.random() < RELIT:
        part = relight(part, rng, HARD)
    return shoot(part, rng, HARD) if rng.random() < SHOT else np.ascontiguousarray(part)


def _turned(photo: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A part anywhere in the photo, from 60 pixels of height to the most there is, upright or askew."""
    height, width = photo.shape[:2]
    aspect = float(np.exp(rng.uniform(np.log(0.35), np.log(1.8))))
    most = min(height, width / aspect)
    tall = float(np.exp(rng.uniform(np.log(min(most, 60.0)), np.log(most))))
    wide = tall * aspect
    x, y = wide / 2 + rng.random() * (width - wide), tall / 2 + rng.random() * (height - tall)
    scale = min(1.0, DRAWN_AT / max(tall, wide))
    out = max(8, round(wide * scale)), max(8, round(tall * scale))
    reach = 0.5 if rng.random() > TURNED else 0.75
    top, left = max(0, int(y - reach * tall)), max(0, int(x - reach * wide))
    near = photo[top : round(y + reach * tall), left : round(x + reach * wide)]
    if reach == 0.5:
        return np.asarray(cv2.resize(near, out, interpolation=cv2.INTER_AREA), np.uint8)
    small = cv2.resize(near, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else near
    centre = (x - left) * scale, (y - top) * scale
    matrix = cv2.getRotationMatrix2D(centre, float(rng.normal(0, 12)), 1.0)
    matrix[:, 2] += np.array(out) / 2 - np.array(centre)
    return np.asarray(
        cv2.warpAffine(small, matrix, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )
