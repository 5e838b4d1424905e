"""Labelled photos on disk. Free of torch and Django.

A source is one word: ``FOLDER`` has COCO labels in ``annotations.json`` and the photos beside it;
``LABELS.json@FOLDER`` has COCO labels or shelf frames in the file, and the photos in the folder. A COCO image
may carry ``shelf_edges``, one list of points (x, y) for each board in view.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from recognition.stages.detect import KINDS
from recognition.training.evaluate.detection import Labelled, as_boxes, category_kinds, read_coco
from recognition.types import FloatArray, ImageArray


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled photo: where its picture lies, and its truth in photo pixels.

    truth: of products. others: of the other kinds that are labelled, by name. shelf_edges: (k, 2) points of
    each board's front edge; None if they are not labelled.
    """

    path: Path
    truth: Labelled
    others: Mapping[str, Labelled] = field(default_factory=dict)
    shelf_edges: Sequence[FloatArray] | None = None


def read_photos(source: str) -> list[Photo]:
    """Return the labelled photos of a source; raise ValueError if its labels are in no known form."""
    labels, _, folder = source.rpartition("@")
    path = Path(labels) if labels else Path(folder) / "annotations.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict) and "frames" in content:
        truths = [_frame(frame) for frame in content["frames"]]
        return [Photo(Path(folder) / truth.file, truth) for truth in truths]
    labelled = set(category_kinds(content).values()) & set(KINDS[1:])
    others = {kind: read_coco(path, kind) for kind in labelled}
    return [
        Photo(
            Path(folder) / truth.file,
            truth,
            {kind: of_kind[row] for kind, of_kind in others.items()},
            _edges(content["images"][row]),
        )
        for row, truth in enumerate(read_coco(path))
    ]


def read_picture(path: Path) -> ImageArray:
    """Return a picture file upright as (h, w, 3) RGB uint8; raise ValueError if it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path} is missing or no picture")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _edges(image: dict[str, Any]) -> list[FloatArray] | None:
    lines = image.get("shelf_edges")
    return None if lines is None else [np.asarray(line, np.float32).reshape(-1, 2) for line in lines]


def _frame(frame: dict[str, Any]) -> Labelled:
    """The boxes of a shelf frame, whatever their SKU; ``ignore`` is given by corners."""
    sides = [item["bbox"] for item in frame["boxes"]]
    boxes = [[x, y, x + width, y + height] for x, y, width, height in sides]
    return Labelled(frame["file"], as_boxes(boxes), as_boxes(frame.get("ignore", [])))
