"""Labelled shelf photos become folders of product crops, the form that everything here learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from recognition.training import datasets
from recognition.training.datasets import DataSet, Item
from recognition.training.evaluate.photos import read_picture
from recognition.training.provenance import sha256_of
from recognition.types import ImageArray

NO_SKU = ("other", "unsure", "")
"""Labels of boxes that name no product."""
SMALLEST = 24
"""Pixels of a crop's longer side."""


class Box(NamedTuple):
    """A labelled product: photo's file name, left, top, width, height in photo pixels, SKU."""

    photo: str
    bbox: tuple[float, float, float, float]
    sku: str


def read_boxes(labels: Path) -> list[Box]:
    """The named products of a label file; see ``docs/commands.md`` for the forms.

    ``{"frames": ...}`` as ``evaluate shelves`` reads them, or COCO, whose annotations have ``sku`` or a
    category named as the SKU. Raises ValueError when the file is in neither form or names no product.
    """
    content = json.loads(labels.read_text(encoding="utf-8"))
    if isinstance(content, dict) and "frames" in content:
        found = [
            Box(f["file"], tuple(b["bbox"]), str(b["sku"])) for f in content["frames"] for b in f["boxes"]
        ]
    elif isinstance(content, dict) and {"images", "annotations"} <= content.keys():
        found = list(_coco(content))
    else:
        raise ValueError(f'{labels}: expected an object with "frames", or with "images" and "annotations"')
    named = [box for box in found if box.sku not in NO_SKU]
    if not named:
        raise ValueError(f"{labels}: {len(found)} boxes, none of them with a SKU")
    return named


def cut_crops(photos: Path, labels: Path, out: Path) -> DataSet:
    """Write ``out/<sku>/<photo>-<n>.jpg`` for every named box, and the data set's manifest; return it.

    A crop's group is its photo, so that a split keeps what was seen together on one side.
    """
    items, last, picture = [], None, None
    for number, box in enumerate(sorted(read_boxes(labels), key=lambda box: box.photo)):
        if box.photo != last:
            last, picture = box.photo, read_picture(photos / box.photo)
        crop = _inside(picture, box)
        if crop is None:
            continue
        name = f"{_safe(box.sku)}/{_safe(Path(box.photo).stem)}-{number}.jpg"
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(out / name), cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
        items.append(Item(name, box.sku, box.photo, sha256_of(out / name)))
    data = DataSet(out, tuple(sorted(items)))
    datasets.write(data)
    return data


def _coco(content: dict[str, Any]) -> Iterator[Box]:
    files = {image["id"]: image["file_name"] for image in content["images"]}
    names = {category["id"]: category["name"] for category in content.get("categories", [])}
    for note in content["annotations"]:
        if not note.get("iscrowd"):
            sku = note.get("sku", names.get(note.get("category_id"), ""))
            yield Box(files[note["image_id"]], tuple(note["bbox"]), str(sku))


def _inside(picture: ImageArray, box: Box) -> ImageArray | None:
    """The box's part of the photo; None where too little of it is left to learn from."""
    left, top, width, height = box.bbox
    crop = picture[max(0, round(top)) : round(top + height), max(0, round(left)) : round(left + width)]
    return crop if min(crop.shape[:2]) >= 8 and max(crop.shape[:2]) >= SMALLEST else None


def _safe(name: str) -> str:
    """A folder or file name: a SKU may hold slashes."""
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in name).strip(". ") or "_"
