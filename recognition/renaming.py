"""Naming what was found on a photo before anew, with another gallery: no detector, no shelves, no tags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recognition.pipeline import Pipeline
from recognition.stages.accept import KEPT_CANDIDATES
from recognition.stages.crop import cut
from recognition.stages.decode import decode, inspect
from recognition.types import ShelfLayout


def name_again(pipeline: Pipeline, data: bytes, layout: ShelfLayout) -> ShelfLayout:
    """``layout``, read from the photo file ``data``, with its facings named by ``pipeline``.

    Boxes, rows, gaps and price tags stay, and so does the detector in the versions. Raises UnreadablePhoto
    for a file that is no photo we can read.
    """
    boxes = np.array([f.box for f in layout.facings], np.float64).reshape(-1, 4)
    rect_boxes = np.array([f.rect_box for f in layout.facings], np.float64).reshape(-1, 4)
    # However sure the plane is: it holds the turn of a photo taken sideways, too.
    crops = cut(decode(data, inspect(data)), boxes, rect_boxes, replace(layout.rectified, confidence=1.0))
    found = pipeline.gallery.search(pipeline.embed(crops), KEPT_CANDIDATES)
    if pipeline.reranker is not None:
        found = pipeline.reranker.rerank(crops, found)
    facings = []
    for facing, candidates in zip(layout.facings, found, strict=True):
        verdict = pipeline.acceptance.judge(candidates)
        facings.append(
            replace(
                facing,
                status=verdict.status,
                sku=verdict.sku,
                confidence=verdict.confidence,
                candidates=tuple(candidates),
                verified_by_expectation=False,
            )
        )
    detector = layout.versions.get("detector", "")
    return replace(layout, facings=tuple(facings), versions={**pipeline.versions, "detector": detector})
