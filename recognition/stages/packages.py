"""Which boxes are packages: the detector proposes, and what is in the boxes decides.

A detector knows packages in general, the gallery knows these ones. So a box of which it is unsure is a
package if it looks like a product of the catalogue, and of a package and its part the one that looks more
like a product stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np

from recognition.stages.accept import KEPT_CANDIDATES
from recognition.stages.crop import cut
from recognition.stages.nested import inside, keep, with_rests
from recognition.stages.rectify import rectify_boxes
from recognition.stages.retrieve import Gallery
from recognition.types import Candidate, Detection, FloatArray, ImageArray, RectifiedShelf

SURELY = 0.8
"""Chance from which on a doubtful detection is taken for the product it looks like."""
COVERED = 0.35
"""Part of a doubtful detection that others may cover."""


class Look(NamedTuple):
    """A box and what is in it. rect_box: rectified pixels. candidates: best first."""

    detection: Detection
    rect_box: Sequence[float]
    crop: ImageArray
    candidates: list[Candidate]


Looker = Callable[[Sequence[Detection]], list[Look]]
Chance = Callable[[Sequence[Candidate]], float]
Embed = Callable[[Sequence[ImageArray]], FloatArray]
"""From n RGB crops to (n, 256) unit vectors, comparable with the gallery's."""
Clock = Callable[[str], AbstractContextManager[None]]
"""Takes the time of a stage by its name."""


def find(
    detections: Sequence[Detection], doubtful: Sequence[Detection], look: Looker, chance: Chance
) -> list[Look]:
    """The packages among detections and doubtful ones; photo pixels.

    look: what is in boxes. chance: that the first of at least one candidate is right.
    """
    boxed, nests = with_rests(detections)
    looks = look([*boxed, *doubtful])
    sure, unsure = looks[: len(boxed)], looks[len(boxed) :]
    alive = keep(boxed, nests, [one.candidates for one in sure])
    kept = [one for one, lives in zip(sure, alive.tolist(), strict=True) if lives]
    return [*kept, *_recovered(unsure, kept, chance)]


def looker(image: ImageArray, plane: RectifiedShelf, embed: Embed, gallery: Gallery, clock: Clock) -> Looker:
    """What looks into boxes of a photo: cuts them out, embeds them and finds the most similar products."""

    def look(detections: Sequence[Detection]) -> list[Look]:
        boxes = np.array([d.box for d in detections], np.float64).reshape(-1, 4)
        with clock("rectify"):
            rect_boxes = rectify_boxes(plane.homography, boxes)
        with clock("crop"):
            crops = cut(image, boxes, rect_boxes, plane)
        with clock("embed"):
            vectors = embed(crops)
        with clock("retrieve"):
            candidates = gallery.search(vectors, KEPT_CANDIDATES)
        seen = zip(detections, rect_boxes.tolist(), crops, candidates, strict=True)
        return [Look(*one) for one in seen]

    return look


def _recovered(unsure: Sequence[Look], kept: Sequence[Look], chance: Chance) -> list[Look]:
    """The doubtful ones where nothing else stands that look like a product, the surest first."""
    taken = np.array([one.detection.box for one in kept], np.float64).reshape(-1, 4)
    found = []
    for one in sorted(unsure, key=lambda u: -u.detection.score):
        box = np.array([one.detection.box], np.float64)
        likely = bool(one.candidates) and chance(one.candidates) >= SURELY
        if likely and inside(box, taken).sum() < COVERED:
            found.append(one)
            taken = np.concatenate([taken, box])
    return found
