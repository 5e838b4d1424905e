"""``evaluate --report``: the HTML page of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recognition.stages.crop import cut
from recognition.stages.decode import decode
from recognition.stages.embed import trim_packshot
from recognition.training.evaluate.detection import (
    Judged,
    Labelled,
    as_boxes,
    centres_within,
    iou_matrix,
    judge_photos,
)
from recognition.training.evaluate.shelves import SAME_IOU, Frame, Reading, pair
from recognition.training.report.cases import UNKNOWN, Case, looks
from recognition.training.report.page import page
from recognition.types import Detection, Facing, FacingStatus, ImageArray, ShelfLayout
from retail_exec.catalog.services.pictures import open_folder, pictures

Line = Sequence[tuple[float, float]]
PRODUCT, NOTHING = "a product", "nothing"


def write_page(
    target: Path,
    kind: str,
    result: Mapping[str, Any],
    cases: Sequence[Case],
    lines: Mapping[str, Line] | None = None,
) -> None:
    """Write the page of an evaluation with its figures and cases."""
    versions = ", ".join(f"{name} {value}" for name, value in result.get("versions", {}).items() if value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(f"Evaluation: {kind}", versions, result, cases, lines), encoding="utf-8")


def shelf_cases(
    photos: Path, packshots: Path, frames: Sequence[Frame], readings: Sequence[Reading]
) -> list[Case]:
    """What the pipeline said of every labelled box it found; boxes left out of the figures are skipped."""
    references = _references(packshots)
    cases = []
    for frame, reading in zip(frames, readings, strict=True):
        kept = [
            (facing, truth)
            for facing, index in pair(frame, reading.layout)
            if index is not None and (truth := frame.boxes[index].truth("left_out")) is not None
        ]
        image = decode((photos / frame.file).read_bytes())
        crops = _crops(image, reading.layout, [facing for facing, _ in kept])
        angle = tilt(reading.layout)
        for (facing, truth), crop in zip(kept, crops, strict=True):
            guess = facing.sku or UNKNOWN
            named = facing.status is not FacingStatus.UNKNOWN
            cases.append(
                Case(
                    crop,
                    truth,
                    guess,
                    facing.confidence if named else 1 - facing.confidence,
                    facing.confidence if named else None,
                    references.get(guess or (facing.candidates[0].sku if facing.candidates else "")),
                    references.get(truth),
                    looks(crop) | {"Change of scale across the photo": angle},
                )
            )
    return cases


def _crops(image: ImageArray, layout: ShelfLayout, facings: Sequence[Facing]) -> list[ImageArray]:
    boxes, rect_boxes = (
        np.array([getattr(facing, name) for facing in facings], np.float64).reshape(-1, 4)
        for name in ("box", "rect_box")
    )
    return cut(image, boxes, rect_boxes, layout.rectified)


def tilt(layout: ShelfLayout) -> float:
    """How much larger the photo's near side is than its far side; 1 for a photo taken straight on."""
    wide, high = layout.width, layout.height
    corners = np.array([[0, 0, 1], [wide, 0, 1], [0, high, 1], [wide, high, 1]])
    depths = np.abs(corners @ layout.rectified.homography[2])
    return float(depths.max() / max(depths.min(), 1e-9))


def _references(packshots: Path) -> dict[str, ImageArray]:
    """One packshot by SKU."""
    found: dict[str, ImageArray] = {}
    for picture in pictures(open_folder(packshots)):
        if picture.key not in found:
            found[picture.key] = trim_packshot(decode(picture.read()))
    return found


def detection_cases(
    image: ImageArray, found: Sequence[Detection], truth: Labelled, threshold: float
) -> list[Case]:
    """Every labelled box, found or missed, and every false alarm, of one photo at IoU 0.5."""
    kept = sorted((d for d in found if d.score >= threshold), key=lambda d: -d.score)
    boxes = as_boxes([d.box for d in kept])
    ignored = centres_within(boxes, truth.ignore)
    overlap = iou_matrix(boxes, truth.boxes)
    cases, taken = [], set()
    for row, detection in enumerate(kept):
        best = int(overlap[row].argmax()) if len(truth.boxes) else -1
        if best >= 0 and overlap[row, best] >= SAME_IOU:
            overlap[:, best] = -1
            taken.add(best)
        elif not ignored[row]:
            cases.append(_boxed(image, detection.box, NOTHING, PRODUCT, detection.score))
    for index, box in enumerate(truth.boxes.tolist()):
        cases.append(_boxed(image, box, PRODUCT, PRODUCT if index in taken else NOTHING, threshold))
    return cases


def _boxed(image: ImageArray, box: Sequence[float], truth: str, guess: str, score: float) -> Case:
    height, width = image.shape[:2]
    x1, y1 = (int(np.clip(v, 0, most - 1)) for v, most in zip(box[:2], (width, height), strict=True))
    x2, y2 = (
        int(np.clip(v, low + 1, most))
        for v, low, most in zip(box[2:], (x1, y1), (width, height), strict=True)
    )
    crop = image[y1:y2, x1:x2]
    return Case(crop, truth, guess, score, facts=looks(crop))


def detection_lines(photos: Sequence[tuple[Sequence[Detection], Labelled]]) -> dict[str, Line]:
    """(recall, precision) of a detector at two overlaps."""
    return {f"detector, IoU {iou}": detection_line(judge_photos(photos, iou)) for iou in (0.5, 0.7)}


def detection_line(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """(recall, precision) of a detector as its threshold falls."""
    scores = np.concatenate([photo.scores for photo in judged])
    right = np.concatenate([photo.right for photo in judged])[np.argsort(-scores, kind="stable")]
    boxes = max(sum(photo.boxes for photo in judged), 1)
    hits = np.cumsum(right)
    return [(float(hit) / boxes, float(hit) / taken) for taken, hit in enumerate(hits, 1)]
