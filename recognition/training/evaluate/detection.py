"""How well products are found: precision, recall, F1 and average precision. Free of torch and Django.

A detection is right if it overlaps a box nobody took before it, best score first, by at least the IoU asked
for. A wrong one whose centre lies in an ignore region is left out of the count.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.stages.detect import KINDS
from recognition.types import Detection, FloatArray, ImageArray

IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True, slots=True)
class Labelled:
    """The truth of one photo, in its pixels: boxes (n, 4) of products and ignore (m, 4) regions."""

    file: str
    boxes: FloatArray
    ignore: FloatArray


@dataclass(frozen=True, slots=True)
class Judged:
    """One photo's detections against its truth at one IoU, best score first, ignored ones left out.

    scores: (n,) float32. right: (n,) bool. boxes: number of true boxes.
    """

    scores: FloatArray
    right: NDArray[np.bool_]
    boxes: int


def read_coco(path: Path, kind: str = "product") -> list[Labelled]:
    """Read a COCO file's boxes of a kind by photo, in its order; ``iscrowd`` boxes are ignore regions of all.

    A category named as one of ``KINDS`` holds that kind, any other holds products. Raises ValueError that
    names the field if it is no such file.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    for field in ("images", "annotations"):
        if not isinstance(content, dict) or not isinstance(content.get(field), list):
            raise ValueError(f'{path}: a COCO file is an object with a list "{field}"')
    rows: dict[int, tuple[list[list[float]], list[list[float]]]] = {
        i["id"]: ([], []) for i in content["images"]
    }
    kinds = category_kinds(content)
    for number, item in enumerate(content["annotations"]):
        if item.get("image_id") not in rows:
            raise ValueError(f"{path}: annotation {number} names the unknown image {item.get('image_id')!r}")
        if not item.get("iscrowd") and kinds.get(item.get("category_id"), KINDS[0]) != kind:
            continue
        x, y, width, height = item["bbox"]
        rows[item["image_id"]][1 if item.get("iscrowd") else 0].append([x, y, x + width, y + height])
    return [
        Labelled(i["file_name"], as_boxes(rows[i["id"]][0]), as_boxes(rows[i["id"]][1]))
        for i in content["images"]
    ]


def category_kinds(content: dict[str, Any]) -> dict[Any, str]:
    """The kind of each category of a COCO object, by its id."""
    named = {category["id"]: category["name"] for category in content.get("categories", [])}
    return {number: name if name in KINDS else KINDS[0] for number, name in named.items()}


def as_boxes(rows: Sequence[Sequence[float]]) -> FloatArray:
    """Return boxes as (n, 4) float32, also for none."""
    return np.asarray(rows, np.float32).reshape(-1, 4)


def iou_matrix(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the IoU of every pair, (n, 4) and (m, 4) to (n, m) float32."""
    upper = np.maximum(first[:, None, :2], second[None, :, :2])
    lower = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(lower - upper, 0, None).prod(axis=2)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def judge(boxes: FloatArray, scores: FloatArray, truth: FloatArray, ignore: FloatArray, iou: float) -> Judged:
    """Match detections (n, 4) with scores (n,) to a photo's true boxes (m, 4), then drop ignored ones."""
    order = np.argsort(-scores, kind="stable")
    overlap = iou_matrix(boxes[order], truth)
    right = np.zeros(len(order), bool)
    for row, overlaps in enumerate(overlap):
        if len(truth) and overlaps.max() >= iou:
            right[row] = True
            overlap[:, overlaps.argmax()] = -1
    kept = right | ~centres_within(boxes[order], ignore)
    return Judged(scores[order][kept], right[kept], len(truth))


def centres_within(boxes: FloatArray, regions: FloatArray) -> NDArray[np.bool_]:
    """Say for each box (n, 4) whether its centre lies in any of the regions (m, 4): (n,)."""
    centres = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    within = (centres >= regions[None, :, :2]) & (centres <= regions[None, :, 2:])
    return np.asarray(np.any(np.all(within, axis=2), axis=1))


def precision_recall(photos: Iterable[Judged], threshold: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all photos of what scores at least ``threshold``."""
    found = right = boxes = 0
    for photo in photos:
        taken = photo.scores >= threshold
        found += int(taken.sum())
        right += int(photo.right[taken].sum())
        boxes += photo.boxes
    return right / max(found, 1), right / max(boxes, 1), 2 * right / max(found + boxes, 1)


def average_precision(photos: Sequence[Judged]) -> float:
    """Return the mean of the interpolated precision at the recalls 0, 0.01 ... 1, as COCO does."""
    scores = np.concatenate([photo.scores for photo in photos])
    right = np.concatenate([photo.right for photo in photos])[np.argsort(-scores, kind="stable")]
    boxes = sum(photo.boxes for photo in photos)
    if not boxes or not len(right):
        return 0.0
    hits = np.cumsum(right)
    precision = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
    at = np.searchsorted(hits / boxes, np.linspace(0, 1, 101))
    return float(np.append(precision, 0.0)[np.minimum(at, len(precision))].mean())


def judge_photos(photos: Sequence[tuple[Sequence[Detection], Labelled]], iou: float) -> list[Judged]:
    """Judge each photo's detections beside its truth."""
    judged = []
    for detections, truth in photos:
        boxes = as_boxes([found.box for found in detections])
        scores = np.array([found.score for found in detections], np.float32)
        judged.append(judge(boxes, scores, truth.boxes, truth.ignore, iou))
    return judged


def best_threshold(
    *sets: Sequence[tuple[Sequence[Detection], Labelled]], ious: Sequence[float] = (0.7,)
) -> float:
    """Return the score threshold, in hundredths, of the best mean F1 over sets and ``ious``; the middle one
    of equals."""
    judged = [judge_photos(photos, iou) for photos in sets for iou in ious]
    steps = [round(step / 100, 2) for step in range(2, 99)]
    scores = [float(np.mean([precision_recall(photos, step)[2] for photos in judged])) for step in steps]
    best = [step for step, score in zip(steps, scores, strict=True) if score == max(scores)]
    return best[len(best) // 2]


def figures(
    photos: Sequence[tuple[Sequence[Detection], Labelled]], threshold: float
) -> dict[str, float | int]:
    """Return precision_70, recall_70, f1_70, f1_50, ap, ap75, images and boxes, by name.

    The average precisions use all detections given, so these should reach down to low scores; the others
    those that score at least ``threshold``.
    """
    judged = {iou: judge_photos(photos, iou) for iou in IOUS}
    precision, recall, f1 = precision_recall(judged[0.7], threshold)
    averages = {iou: average_precision(judged[iou]) for iou in IOUS}
    return {
        "precision_70": precision,
        "recall_70": recall,
        "f1_70": f1,
        "f1_50": precision_recall(judged[0.5], threshold)[2],
        "ap": float(np.mean(list(averages.values()))),
        "ap75": averages[0.75],
        "images": len(photos),
        "boxes": sum(len(truth.boxes) for _, truth in photos),
    }


def evaluate_detection(
    detect: Callable[[ImageArray], Sequence[Detection]],
    load: Callable[[str], ImageArray],
    truths: Sequence[Labelled],
    threshold: float,
) -> dict[str, float | int]:
    """Run ``detect`` on every labelled photo and return ``figures`` with ms_per_image beside them.

    load: gives a photo's picture by its file name, RGB, upright; its time is not counted.
    """
    photos = []
    seconds = 0.0
    for truth in truths:
        picture = load(truth.file)
        start = time.perf_counter()
        found = detect(picture)
        seconds += time.perf_counter() - start
        photos.append((found, truth))
    return figures(photos, threshold) | {"ms_per_image": 1000 * seconds / max(len(truths), 1)}
