"""Unlabelled crops of products from folders of shelf photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recognition.stages.detect import Detector
from recognition.stages.embed import fit
from recognition.training.evaluate.photos import read_photos, read_picture
from recognition.training.evaluate.recognition import SUFFIXES, pictures
from recognition.training.pictures.views import MAX_STRETCH, PAD
from recognition.types import ImageArray

SMALLEST = 40
"""Pixels of a crop's longer side; less shows nothing worth learning."""


def write_crops(
    file: Path, folders: Sequence[Path], size: int, detector: Detector | None, most: int, seed: int
) -> NDArray[np.uint8]:
    """Crops of all photos, (n, size, size, 3), kept in ``file`` and read from there the next time.

    Each photo's products are its labelled boxes where the folder has ``annotations.json``, else what
    ``detector`` finds; without one the picture itself is a crop. Of more than ``most`` crops some are drawn.
    Raises ValueError when a folder has no pictures or fewer than two crops are found.
    """
    if file.is_file():
        return np.load(file, mmap_mode="r")
    for folder in folders:
        if not pictures(folder):
            what = "has no pictures" if folder.is_dir() else "is no folder"
            raise ValueError(f"{folder} {what}; expected photos, {', '.join(SUFFIXES)}")
    found = [fit(crop, size, MAX_STRETCH, PAD) for folder in folders for crop in _crops(folder, detector)]
    if len(found) < 2:
        raise ValueError(
            f"found {len(found)} products in {', '.join(map(str, folders))}; at least 2 are needed"
        )
    chosen = np.random.default_rng(seed).permutation(len(found))[:most]
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, np.stack([found[row] for row in chosen]))
    return np.load(file, mmap_mode="r")


def _crops(folder: Path, detector: Detector | None) -> Iterator[ImageArray]:
    if (folder / "annotations.json").is_file():
        for photo in tqdm(read_photos(str(folder)), desc=folder.name, unit="photo", disable=None):
            yield from _cut(read_picture(photo.path), photo.truth.boxes)
        return
    for file in tqdm(pictures(folder), desc=folder.name, unit="photo", disable=None):
        picture = read_picture(file)
        if detector is None:
            yield picture
        else:
            yield from _cut(
                picture, np.array([found.box for found in detector.detect(picture)]).reshape(-1, 4)
            )


def _cut(picture: ImageArray, boxes: NDArray[np.floating]) -> Iterator[ImageArray]:
    """boxes: (n, 4) corners, photo pixels."""
    for left, top, right, bottom in boxes.astype(int).clip(0):
        crop = picture[top:bottom, left:right]
        if min(crop.shape[:2], default=0) >= 8 and max(crop.shape[:2]) >= SMALLEST:
            yield crop
