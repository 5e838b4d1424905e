"""Contact sheets: pictures of one height in rows, to compare rendered and real ones by eye."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.fonts import FontSource
from recognition.training.render.packs import packshot
from recognition.training.render.packshots import PICTURE_SUFFIXES
from recognition.types import ImageArray


def contact_sheet(pictures: Sequence[ImageArray], height: int, width: int) -> ImageArray:
    """Rows of the pictures, each ``height`` pixels high, on a sheet ``width`` pixels wide; RGB uint8.

    Raises ValueError when there are no pictures.
    """
    if not pictures:
        raise ValueError("a contact sheet needs at least one picture")
    rows: list[list[ImageArray]] = [[]]
    for picture in pictures:
        wide = min(width, max(1, round(picture.shape[1] * height / picture.shape[0])))
        small = cv2.resize(picture, (wide, height), interpolation=cv2.INTER_AREA)
        if rows[-1] and sum(p.shape[1] + 4 for p in rows[-1]) + wide > width:
            rows.append([])
        rows[-1].append(small)
    sheet = np.full((len(rows) * (height + 4), width, 3), 40, np.uint8)
    for index, row in enumerate(rows):
        x = 0
        for small in row:
            sheet[index * (height + 4) : index * (height + 4) + height, x : x + small.shape[1]] = small
            x += small.shape[1] + 4
    return sheet


def drawn_packs(seed: int, count: int, height: int, fonts: FontSource) -> list[ImageArray]:
    """Packshots of an invented catalogue."""
    return [
        packshot(spec, height) for spec in make_catalogue(seed, max(1, count // 3), skus=count, fonts=fonts)
    ]


def boxed_photos(folder: Path, count: int, boxes: bool) -> list[ImageArray]:
    """``count`` pictures spread evenly over a folder, upright; with facings green and ignore regions red.

    Raises ValueError when the folder has no pictures, or boxes are wanted and ``annotations.json`` is
    missing.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES)
    if not files:
        raise ValueError(f"{folder}: no picture found ({', '.join(PICTURE_SUFFIXES)})")
    notes = _annotations(folder) if boxes else {}
    chosen = [files[i] for i in np.linspace(0, len(files) - 1, min(count, len(files))).astype(int)]
    return [_opened(path, notes.get(path.name, [])) for path in chosen]


def _annotations(folder: Path) -> dict[str, list[tuple[list[float], bool]]]:
    path = folder / "annotations.json"
    if not path.is_file():
        raise ValueError(f"{path}: not found; --boxes needs the COCO file that render writes")
    data = json.loads(path.read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in data["images"]}
    out: dict[str, list[tuple[list[float], bool]]] = {}
    for note in data["annotations"]:
        out.setdefault(names[note["image_id"]], []).append((note["bbox"], bool(note["iscrowd"])))
    return out


def _opened(path: Path, boxes: list[tuple[list[float], bool]]) -> ImageArray:
    with Image.open(path) as image:
        picture = np.array(ImageOps.exif_transpose(image).convert("RGB"))
    for (x, y, w, h), ignored in boxes:
        colour = (255, 0, 0) if ignored else (0, 255, 0)
        cv2.rectangle(
            picture, (round(x), round(y)), (round(x + w), round(y + h)), colour, 1 if ignored else 2
        )
    return picture
