"""Labelled photos on disk. Free of torch and Django.

A source is one word: ``FOLDER`` has COCO labels in ``annotations.json`` and the photos beside it;
``LABELS.json@FOLDER`` has COCO labels or shelf frames in the file, and the photos in the folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from recognition.training.evaluate.detection import Labelled, as_boxes, read_coco
from recognition.types import ImageArray


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled photo: where its picture lies, and its truth in photo pixels."""

    path: Path
    truth: Labelled


def read_photos(source: str) -> list[Photo]:
    """Return the labelled photos of a source; raise ValueError if its labels are in no known form."""
    labels, _, folder = source.rpartition("@")
    path = Path(labels) if labels else Path(folder) / "annotations.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    frames = isinstance(content, dict) and "frames" in content
    truths = [_frame(frame) for frame in content["frames"]] if frames else read_coco(path)
    return [Photo(Path(folder) / truth.file, truth) for truth in truths]


def read_picture(path: Path) -> ImageArray:
    """Return a picture file upright as (h, w, 3) RGB uint8; raise ValueError if it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path} is missing or no picture")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _frame(frame: dict[str, Any]) -> Labelled:
    """The boxes of a shelf frame, whatever their SKU; ``ignore`` is given by corners."""
    sides = [item["bbox"] for item in frame["boxes"]]
    boxes = [[x, y, x + width, y + height] for x, y, width, height in sides]
    return Labelled(frame["file"], as_boxes(boxes), as_boxes(frame.get("ignore", [])))
