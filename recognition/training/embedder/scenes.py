"""A recognition set cut from rendered shelf photos: gallery, queries and unknown products, as folders.

It is drawn by the scene renderer, not by the distortions that training and adaptation use, so it tells
whether what they teach holds elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import trange

from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.packs import packshot
from recognition.training.render.scene import render_scene
from recognition.types import ImageArray

JITTER = 0.04
"""Standard deviation of a box edge, part of the side: what a good detector is off by."""
SMALLEST = 40
"""Pixels of a crop's longer side: nobody could name less."""


def write_scene_set(out: Path, seed: int, skus: int, photos: int) -> int:
    """Write ``gallery/<sku>/``, ``queries/<sku>/`` and ``unknown/``; return the number of queries.

    Half as many photos again show only products of another catalogue; their crops are the unknown ones.
    """
    known = unlike(make_catalogue(seed, brands=12, skus=skus))
    strange = unlike(make_catalogue(seed + 1, brands=12, skus=skus))
    for spec in known:
        _write(out / "gallery" / spec.sku / "0.jpg", packshot(spec))
    queries = 0
    for sku, crop in scene_crops(seed, known, photos):
        _write(out / "queries" / sku / f"{queries}.jpg", crop)
        queries += 1
    for number, (_, crop) in enumerate(scene_crops(seed + 1, strange, photos // 2)):
        _write(out / "unknown" / f"{number}.jpg", crop)
    return queries


def unlike(specs: Sequence[PackSpec]) -> list[PackSpec]:
    """The packs without larger sizes of the same print, which only a ruler tells apart."""
    by_sku = {spec.sku: spec for spec in specs}
    return [spec for spec in specs if not spec.variant_of or by_sku[spec.variant_of].flavour != spec.flavour]


def scene_crops(seed: int, specs: Sequence[PackSpec], photos: int) -> Iterator[tuple[str, ImageArray]]:
    """SKU and crop of every facing, boxes off by as much as a detector's."""
    for number in trange(photos, desc="scenes", unit="photo", disable=None):
        rng = np.random.default_rng((seed, number))
        photo = render_scene(int(rng.integers(2**31)), catalogue=specs, products=(15, 90))
        height, width = photo.image.shape[:2]
        for box, sku in zip(photo.boxes, photo.skus, strict=True):
            span = np.array([box[2] - box[0], box[3] - box[1]] * 2)
            left, top, right, bottom = (box + rng.normal(0, JITTER, 4) * span).clip(0, [width, height] * 2)
            crop = photo.image[int(top) : int(bottom), int(left) : int(right)]
            if max(crop.shape[:2]) >= SMALLEST and min(crop.shape[:2]) >= 8:
                yield sku, crop


def _write(file: Path, picture: ImageArray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
