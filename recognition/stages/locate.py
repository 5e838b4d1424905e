"""Names the product that a photo is about: held in a hand, or one among others in the middle of a shelf.

Such a photo is a scene, not a crop. Photographers put what they mean into the middle, so several middle
parts of the scene are embedded and their vectors averaged, which finds the few likeliest products. Then each
candidate's packshot is looked for in the whole scene by its key points: learned ones, and SIFT's, which stand
any turn of the product. What agrees in one geometric fit puts the candidates in order, and tells where the
product is. Packages found by a detector are no help: a shop is full of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recognition.stages.keypoints import Finder, Fit, Keypoints, verify
from recognition.types import Box, Candidate, FloatArray, ImageArray

PARTS = (
    (1.0, 1.0),
    (0.85, 0.85),
    (0.7, 0.7),
    (0.55, 0.55),
    (0.4, 0.4),
    (0.5, 0.8),
    (0.35, 0.8),
)
"""Width and height of the middle parts, as shares of the scene's."""
DEPTH = 10
"""Candidates that are looked for."""
LONG_SIDE = 448
"""Pixels of the scene's longer side: its product then is as large as in a packshot looked at alone."""
TOLERANCE = 0.02
"""See ``keypoints.TOLERANCE``; of the scene's longer side."""
TURN = {"sift": 3.2}
"""Most a product is turned, radians, by finder; only SIFT's descriptors stand more than OTHER_TURN."""
OTHER_TURN = 0.8
EVIDENCE = 0.1
"""What one unit of evidence, of each finder, is worth in similarity."""
ENOUGH = 12
"""Inliers that tell where the product is; fewer may have come together by chance."""

Embed = Callable[[Sequence[ImageArray]], FloatArray]
References = Callable[[Finder, Sequence[str]], Mapping[str, Keypoints]]
"""From a finder and keys of packshots to the packshots' key points."""


class Located(NamedTuple):
    """What a scene shows.

    candidates: in their new order, with their evidence. box: where the first one is, scene pixels; None where
    too little agrees.
    """

    candidates: list[Candidate]
    box: Box | None


def middle_parts(scene: ImageArray) -> list[ImageArray]:
    """The middle parts of an RGB scene, see PARTS."""
    height, width = scene.shape[:2]
    parts = []
    for wide, high in PARTS:
        left, top = round(width * (1 - wide) / 2), round(height * (1 - high) / 2)
        parts.append(scene[top : max(top + 1, height - top), left : max(left + 1, width - left)])
    return parts


def scene_vectors(scenes: Sequence[ImageArray], embed: Embed) -> FloatArray:
    """(n, 256) unit vectors of n RGB scenes: the means of those of their middle parts."""
    seen = embed([part for scene in scenes for part in middle_parts(scene)])
    means = seen.reshape(len(scenes), len(PARTS), -1).mean(axis=1)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def locate(
    scene: ImageArray, found: Sequence[Candidate], finders: Sequence[Finder], references: References
) -> Located:
    """Look for the candidates' packshots in a scene.

    scene: RGB. found: candidates by ``scene_vectors``, best first; those beyond DEPTH keep their places.
    """
    keys = [c.packshot for c in found[:DEPTH]]
    evidence, best = np.zeros(len(keys)), [Fit(0)] * len(keys)
    outlines: list[Keypoints | None] = [None] * len(keys)
    for finder in finders:
        seen, known = finder.find([scene], LONG_SIDE)[0], references(finder, keys)
        for i, key in enumerate(keys):
            if key in known:
                fit = look_for(finder, seen, known[key])
                evidence[i] += fit.evidence
                if fit.inliers > best[i].inliers:
                    best[i], outlines[i] = fit, known[key]
    scores = np.array([c.similarity for c in found[:DEPTH]]) + EVIDENCE * evidence
    order = np.argsort(-scores, kind="stable").tolist()
    candidates = [replace(found[i], evidence=float(evidence[i])) for i in order]
    box = _box(best[order[0]], outlines[order[0]], scene.shape) if order else None
    return Located([*candidates, *found[DEPTH:]], box)


def look_for(finder: Finder, scene: Keypoints, packshot: Keypoints) -> Fit:
    """How a packshot lies in a scene, both by the key points of ``finder``."""
    return verify(scene, packshot, TOLERANCE, TURN.get(finder.label, OTHER_TURN))


def _box(fit: Fit, packshot: Keypoints | None, shape: tuple[int, ...]) -> Box | None:
    """Where the packshot's key points lie in the scene, scene pixels."""
    if fit.matrix is None or packshot is None or fit.inliers < ENOUGH:
        return None
    placed: NDArray[np.float64] = packshot.points @ fit.matrix[:, :2].T + fit.matrix[:, 2]
    corners = np.concatenate([placed.min(axis=0), placed.max(axis=0)]) * max(shape[:2])
    x1, y1, x2, y2 = np.clip(corners, 0, [shape[1], shape[0]] * 2).tolist()
    return (x1, y1, x2, y2) if x2 - x1 >= 1 and y2 - y1 >= 1 else None
