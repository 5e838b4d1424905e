"""Rendered photos as files: JPEGs and one COCO JSON of products, price tags, gaps and shelf edges."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import simplejpeg

from recognition.stages.detect import KINDS
from recognition.training.render.truth import RenderedPhoto
from recognition.types import FloatArray

CATEGORIES = {kind: number for number, kind in enumerate(KINDS, start=1)}


def photo_name(seed: int) -> str:
    """File name of the photo rendered from a seed."""
    return f"{seed:08d}.jpg"


def save_photo(folder: Path, seed: int, photo: RenderedPhoto) -> dict[str, Any]:
    """Write the JPEG and return the photo's record for ``dataset``."""
    (folder / photo_name(seed)).write_bytes(simplejpeg.encode_jpeg(photo.image, 92, "RGB", "444"))
    height, width = photo.image.shape[:2]
    facings = [
        {
            "bbox": _xywh(photo.boxes[i]),
            "sku": photo.skus[i],
            "shape": photo.shapes[i],
            "shelf": int(photo.shelf[i]),
            "position": int(photo.position[i]),
            "stack": int(photo.stack[i]),
            "visible": round(float(photo.visible[i]), 3),
            "category_id": CATEGORIES["product"],
            "iscrowd": 0,
        }
        for i in range(len(photo.boxes))
    ]
    tags = [
        {"bbox": _xywh(tag.box), "price": tag.price, "sku": tag.sku, "category_id": CATEGORIES["price_tag"]}
        for tag in photo.tags
    ]
    gaps = [
        {"bbox": _xywh(box), "shelf": shelf, "category_id": CATEGORIES["gap"]} for box, shelf in photo.gaps
    ]
    ignored = [
        {"bbox": _xywh(box), "category_id": CATEGORIES["product"], "iscrowd": 1} for box in photo.ignore
    ]
    return {
        "file_name": photo_name(seed),
        "width": width,
        "height": height,
        "shelf_edges": [
            [[round(float(v), 1) for v in point] for point in line[::8]] for line in photo.shelf_edges
        ],
        "corners": [[round(float(v), 1) for v in point] for point in photo.corners],
        "homography": photo.homography.tolist(),
        "annotations": facings + tags + gaps + ignored,
    }


def dataset(records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One COCO object from the records, photos in the order of their names."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, record in enumerate(sorted(records, key=lambda r: str(r["file_name"])), start=1):
        images.append({"id": number} | {k: v for k, v in record.items() if k != "annotations"})
        for note in record["annotations"]:
            area = round(note["bbox"][2] * note["bbox"][3], 1)
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "area": area, "iscrowd": 0} | note
            )
    categories = [{"id": number, "name": kind} for kind, number in CATEGORIES.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def part_path(folder: Path, seeds: Sequence[int]) -> Path:
    """Where the records of these photos wait until the whole run is finished."""
    return folder / f"part-{seeds[0]:08d}-{seeds[-1]:08d}.json"


def write_part(folder: Path, seeds: Sequence[int], records: list[dict[str, Any]]) -> None:
    """Store the records at once or not at all, so that an interrupted run can go on."""
    path = part_path(folder, seeds)
    path.with_suffix(".tmp").write_text(json.dumps(records), encoding="utf-8")
    path.with_suffix(".tmp").replace(path)


def merge_parts(folder: Path) -> None:
    """Write ``annotations.json`` from all parts, then remove them."""
    parts = sorted(folder.glob("part-*.json"))
    records = [record for part in parts for record in json.loads(part.read_text(encoding="utf-8"))]
    (folder / "annotations.json").write_text(json.dumps(dataset(records)), encoding="utf-8")
    for part in parts:
        part.unlink()


def _xywh(box: FloatArray | tuple[float, float, float, float]) -> list[float]:
    x1, y1, x2, y2 = (float(v) for v in box)
    return [round(x1, 1), round(y1, 1), round(x2 - x1, 1), round(y2 - y1, 1)]
