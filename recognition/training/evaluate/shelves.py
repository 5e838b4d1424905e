"""The whole pipeline against labelled shelf photos: products found, named, placed and counted. No torch.

A facing belongs to the labelled box it overlaps by IoU 0.5 or more, each box to one facing, best score
first. What matches a box that is left out, or lies in an ignore region without matching, is left out too. A
box's truth is its SKU, or unknown for ``other``. ``unsure`` boxes are left out; so are boxes with
``variant_of``, except in the strict figures, where they are unknown, and the lenient ones, where they are
their catalogue SKU.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recognition.training.evaluate.detection import as_boxes, centres_within, iou_matrix
from recognition.types import Candidate, Facing, FloatArray, ShelfLayout

OTHER, UNSURE = "other", "unsure"
SAME_IOU = 0.5


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """One labelled front facing. box: x1, y1, x2, y2 photo px. sku: a catalogue SKU, ``other`` or ``unsure``.
    shelf: row from the top, None where rows are not labelled. variant_of: see the labels' format, or ""."""

    box: tuple[float, float, float, float]
    sku: str
    shelf: int | None = None
    variant_of: str = ""

    def truth(self, variants: str) -> str | None:
        """What counts as right: a SKU, "" for unknown, None when the box is left out.

        variants: what boxes with ``variant_of`` are: ``left_out``, ``strict`` or ``lenient``.
        """
        if self.sku == UNSURE or (self.variant_of and variants == "left_out"):
            return None
        if self.variant_of and variants == "lenient":
            return self.variant_of
        return "" if self.sku == OTHER or self.variant_of else self.sku


@dataclass(frozen=True, slots=True)
class Frame:
    """One labelled photo. ignore: (m, 4) photo px."""

    file: str
    boxes: tuple[LabelledBox, ...]
    ignore: FloatArray


@dataclass(frozen=True, slots=True)
class Reading:
    """What the pipeline said of a frame. true_layout: of the labelled boxes in place of the detector's.
    ms: of the whole run on the photo."""

    layout: ShelfLayout
    true_layout: ShelfLayout
    ms: float

    def candidates(self, box: LabelledBox) -> Sequence[Candidate]:
        """Retrieved for a labelled box, best first."""
        return next((f.candidates for f in self.true_layout.facings if f.box == box.box), ())


def read_labels(path: Path) -> list[Frame]:
    """Read the labels file of ``evaluate shelves``. Raises ValueError that names the frame and the field."""
    content = json.loads(path.read_text(encoding="utf-8"))
    frames = content.get("frames") if isinstance(content, dict) else None
    if not isinstance(frames, list):
        raise ValueError(f'{path}: expected an object with a list "frames"')
    return [_frame(item, f"{path}, frame {number}") for number, item in enumerate(frames)]


def _frame(item: Any, where: str) -> Frame:
    try:
        boxes = [_box(box) for box in item["boxes"]]
        return Frame(str(item["file"]), tuple(boxes), as_boxes(item.get("ignore") or []))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{where}: expected file, boxes with bbox [x, y, w, h] and sku; problem: {error!r}"
        ) from error


def _box(item: Mapping[str, Any]) -> LabelledBox:
    x, y, width, height = (float(value) for value in item["bbox"])
    shelf = item.get("shelf")
    return LabelledBox(
        (x, y, x + width, y + height),
        str(item["sku"]),
        None if shelf is None else int(shelf),
        str(item.get("variant_of") or ""),
    )


Pairs = list[tuple[Facing, int | None]]
"""Facings and the index of each one's box, None for no box."""


def pair(frame: Frame, layout: ShelfLayout) -> Pairs:
    """Match facings to boxes, best detection score first; what an ignore region explains is left out."""
    facings = sorted(layout.facings, key=lambda f: -f.detection_score)
    found, truth = as_boxes([f.box for f in facings]), as_boxes([b.box for b in frame.boxes])
    overlap = iou_matrix(found, truth)
    ignored = centres_within(found, frame.ignore)
    matches: Pairs = []
    for row, facing in enumerate(facings):
        best = int(overlap[row].argmax()) if len(truth) else -1
        if best >= 0 and overlap[row, best] >= SAME_IOU:
            overlap[:, best] = -1
            matches.append((facing, best))
        elif not ignored[row]:
            matches.append((facing, None))
    return matches


def facing_figures(frames: Sequence[Frame], pairs: Sequence[Pairs], variants: str) -> dict[str, float]:
    """facing_precision, facing_recall and facing_f1: found at IoU 0.5 and named right; 0..1."""
    right = found = true = 0
    for frame, paired in zip(frames, pairs, strict=True):
        truths = [box.truth(variants) for box in frame.boxes]
        true += sum(truth is not None for truth in truths)
        for facing, index in paired:
            truth = truths[index] if index is not None else None
            if index is not None and truth is None:
                continue
            found += 1
            right += int(truth is not None and (facing.sku or "") == truth)
    return {
        "facing_precision": right / max(found, 1),
        "facing_recall": right / max(true, 1),
        "facing_f1": 2 * right / max(found + true, 1),
    }


def true_box_figures(frames: Sequence[Frame], readings: Sequence[Reading], variants: str) -> dict[str, float]:
    """hit1_true_boxes, hit10_true_boxes: share of catalogue boxes whose SKU is first, or among ten."""
    ranks = [
        next((rank for rank, c in enumerate(reading.candidates(box)) if c.sku == truth), 99)
        for frame, reading in zip(frames, readings, strict=True)
        for box in frame.boxes
        if (truth := box.truth(variants))
    ]
    return {f"hit{k}_true_boxes": float(np.mean([rank < k for rank in ranks] or [False])) for k in (1, 10)}


def brand_shares(skus: Sequence[str | None], brands: Mapping[str, str]) -> dict[str, float]:
    """Facing share by brand in per cent, unknown products left out as the KPI does by default."""
    counts = Counter(brands[sku] for sku in skus if sku and sku in brands)
    return {brand: 100 * count / counts.total() for brand, count in counts.items()}


def share_error(frame: Frame, paired: Pairs, brands: Mapping[str, str]) -> float | None:
    """Mean absolute difference, in points, of labelled and recognised facing share over the photo's brands.

    A box with ``variant_of`` counts for its brand. None where either side has nothing to count.
    """
    kept = [box.truth("lenient") for box in frame.boxes if box.sku != UNSURE]
    seen = [facing.sku for facing, index in paired if index is None or frame.boxes[index].sku != UNSURE]
    true, got = brand_shares(kept, brands), brand_shares(seen, brands)
    if not true or not got:
        return None
    return float(np.mean([abs(true.get(b, 0.0) - got.get(b, 0.0)) for b in true.keys() | got.keys()]))


def row_hits(frame: Frame, paired: Pairs) -> list[bool]:
    """Whether each matched facing is on its labelled shelf; rows without facings that count are skipped."""
    rows = sorted({facing.shelf for facing, _ in paired})
    return [
        rows.index(facing.shelf) == frame.boxes[index].shelf
        for facing, index in paired
        if index is not None and frame.boxes[index].shelf is not None
    ]


def shelf_figures(
    frames: Sequence[Frame], readings: Sequence[Reading], brands: Mapping[str, str]
) -> dict[str, Any]:
    """All figures of ``evaluate shelves`` but those of the detector; see the module for what counts.

    brands: by SKU. ``strict`` and ``lenient`` hold the facing and true-box figures with variants judged so.
    """
    pairs = [pair(frame, reading.layout) for frame, reading in zip(frames, readings, strict=True)]
    errors = [share_error(f, p, brands) for f, p in zip(frames, pairs, strict=True)]
    rows = [hit for f, p in zip(frames, pairs, strict=True) for hit in row_hits(f, p)]

    def judged(variants: str) -> dict[str, float]:
        return facing_figures(frames, pairs, variants) | true_box_figures(frames, readings, variants)

    known = [error for error in errors if error is not None]
    return {
        **judged("left_out"),
        "strict": judged("strict"),
        "lenient": judged("lenient"),
        "share_of_shelf_error": float(np.mean(known)) if known else None,
        "shelf_row_accuracy": float(np.mean(rows)) if rows else None,
        "ms_per_photo": float(np.mean([reading.ms for reading in readings])) if readings else None,
        "counts": {
            "photos": len(frames),
            "boxes": sum(len(frame.boxes) for frame in frames),
            "catalogue_boxes": sum(bool(b.truth("left_out")) for f in frames for b in f.boxes),
            "variant_boxes": sum(bool(b.variant_of) for f in frames for b in f.boxes),
            "facings": sum(len(reading.layout.facings) for reading in readings),
            "unknown_facings": sum(f.sku is None for r in readings for f in r.layout.facings),
            "row_facings": len(rows),
        },
    }
