"""Detections and matches in the form of Azure's planogram matching."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import numpy as np

from compliance.importers.azure_text import load
from compliance.importers.values import PlanogramFileError
from compliance.types import BayMatch, BayPhoto, FacingRef
from recognition.types import (
    Box,
    Candidate,
    Facing,
    FacingStatus,
    Gap,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)

UNKNOWN_LABELS = {"", "product", "unknown", "other"}
"""Labels that name no product."""


def detections(data: bytes) -> ShelfLayout:
    """The ``detectedProducts`` of a file as a layout, as if the photo were taken straight on.

    Labels may come as ``classifications`` or as ``tags``. Raises PlanogramFileError naming the field.
    """
    value = load(data)
    found = value.get("detectedProducts", value)
    meta = found.get("imageMetadata") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(meta, dict):
        raise PlanogramFileError(0, "detectedProducts.imageMetadata", "is missing.")
    width, height = (
        int(_number(meta, "width", "imageMetadata")),
        int(_number(meta, "height", "imageMetadata")),
    )
    products = [_read(item, f"products[{at}]") for at, item in enumerate(found.get("products") or [])]
    gaps = [_read(item, f"gaps[{at}]") for at, item in enumerate(found.get("gaps") or [])]
    shelf_of = _shelves([box for box, _ in (*products, *gaps)])
    return ShelfLayout(
        width=width,
        height=height,
        quality=Quality(True, 0.0, 0.0),
        rectified=RectifiedShelf(np.eye(3), width, height),
        shelves=max(shelf_of, default=-1) + 1,
        facings=tuple(_facings(products, shelf_of)),
        gaps=tuple(
            Gap(box, box, shelf) for (box, _), shelf in zip(gaps, shelf_of[len(products) :], strict=True)
        ),
    )


def matched(match: BayMatch, photos: tuple[BayPhoto, ...]) -> dict[str, Any]:
    """``matchedResultsPerPosition``: each facing that stands in its planned place, with the position's
    key."""
    layouts = {photo.key: photo.layout for photo in photos}
    return {
        "matchedResultsPerPosition": [
            {"positionId": result.position.key, "detectedObject": _object(ref, layouts)}
            for result in match.positions
            if result.found_shelf is None
            for ref in result.seen
        ]
    }


def _object(ref: FacingRef, layouts: dict[str, ShelfLayout]) -> dict[str, Any]:
    facing = layouts[ref.photo].facings[ref.index]
    x1, y1, x2, y2 = facing.box
    labels = [{"confidence": facing.confidence, "label": facing.sku or "unknown"}]
    return {
        "id": f"{ref.photo}/{ref.index}",
        "boundingBox": {"x": x1, "y": y1, "w": x2 - x1, "h": y2 - y1},
        "classifications": labels,
        "tags": [{"name": label["label"], "confidence": label["confidence"]} for label in labels],
    }


def _number(item: dict[str, Any], name: str, field: str) -> float:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PlanogramFileError(0, f"{field}.{name}", f"expected a number, found {value!r}.")
    return float(value)


def _read(item: Any, field: str) -> tuple[Box, list[tuple[str, float]]]:
    """Box and labels, best first."""
    box = item.get("boundingBox") if isinstance(item, dict) else None
    if not isinstance(box, dict):
        raise PlanogramFileError(0, f"{field}.boundingBox", "is missing.")
    x, y, w, h = (_number(box, name, f"{field}.boundingBox") for name in "xywh")
    if w <= 0 or h <= 0:
        raise PlanogramFileError(0, f"{field}.boundingBox", f"expected a positive size, found {w:g} x {h:g}.")
    labels = [
        (
            str(label.get("label", label.get("name", ""))),
            min(max(_number(label, "confidence", field), 0.0), 1.0),
        )
        for label in (item.get("classifications") or item.get("tags") or [])
        if isinstance(label, dict)
    ]
    return (x, y, x + w, y + h), sorted(labels, key=lambda label: -label[1])


def _shelves(boxes: list[Box]) -> list[int]:
    """Row of each box: boxes whose lower edges lie within half a usual height of each other are one row."""
    if not boxes:
        return []
    reach = 0.5 * float(np.median([b[3] - b[1] for b in boxes]))
    order = sorted(range(len(boxes)), key=lambda i: boxes[i][3])
    shelf_of, shelf, last = [0] * len(boxes), 0, boxes[order[0]][3]
    for index in order:
        shelf += boxes[index][3] - last > reach
        last = boxes[index][3]
        shelf_of[index] = shelf
    return shelf_of


def _facings(products: list[tuple[Box, list[tuple[str, float]]]], shelf_of: list[int]) -> list[Facing]:
    placed = sorted(zip(shelf_of, products, strict=False), key=lambda item: (item[0], item[1][0][0]))
    facings = []
    for shelf, row in groupby(placed, key=lambda item: item[0]):
        for position, (_, (box, labels)) in enumerate(row):
            known = [(name, score) for name, score in labels if name.lower() not in UNKNOWN_LABELS]
            facings.append(
                Facing(
                    box=box,
                    rect_box=box,
                    shelf=shelf,
                    position=position,
                    stack=0,
                    detection_score=labels[0][1] if labels else 1.0,
                    status=FacingStatus.ACCEPTED if known else FacingStatus.UNKNOWN,
                    sku=known[0][0] if known else None,
                    confidence=known[0][1] if known else 1.0,
                    candidates=tuple(Candidate(name, score) for name, score in known[:10]),
                )
            )
    return facings
