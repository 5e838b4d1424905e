"""Finds every product package, price tag and empty place on a photo: one box each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.runtime.manifest import ModelEntry
from recognition.runtime.sessions import session
from recognition.stages.boards import on_boards
from recognition.types import Detection, FloatArray, ImageArray

KINDS = ("product", "price_tag", "gap")
"""What the model tells apart, in the order of its scores."""
PAD = 114
EDGE_CELL = 8
"""Side of a cell of the map of edges, pixels of the prepared picture."""
NEVER = 1.1
"""A score no box has."""
DOUBTFUL = 0.2
"""Products of less than this score are not looked at; a model's ``doubtful_threshold`` may say otherwise."""
CANDIDATE = 0.1
"""Boxes of at least this score have a say in where a package they overlap lies."""


class Raw(NamedTuple):
    """All the model says of a photo.

    boxes: (n, 4) photo pixels. scores: (n, kinds), 0..1. edges: (h, w), 0..1, how surely a board's front edge
    runs through a cell of ``cell`` x ``cell`` photo pixels.
    """

    boxes: FloatArray
    scores: FloatArray
    edges: FloatArray
    cell: float


class Prepared(NamedTuple):
    """A photo as the model takes it.

    picture: (1, height, width, 3) RGB uint8. scale: photo pixels x scale = the picture's pixels.
    """

    picture: ImageArray
    scale: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on a photo, by kind, each best first; photo pixels. doubtful: boxes that may be products, too
    unsure to be taken for such without a look at what is in them."""

    products: list[Detection]
    price_tags: list[Detection]
    gaps: list[Detection]
    doubtful: list[Detection] = field(default_factory=list)


def prepare(image: ImageArray, long_side: int, multiple: int) -> Prepared:
    """Scale a photo to ``long_side`` pixels and pad it, right and below, to multiples of ``multiple``."""
    height, width = image.shape[:2]
    scale = long_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while image.shape[0] >= 2 * size[1] and image.shape[1] >= 2 * size[0]:  # halving is quick
        halves = (image.shape[1] // 2, image.shape[0] // 2)
        image = np.asarray(cv2.resize(image, halves, interpolation=cv2.INTER_AREA), np.uint8)
    scaled = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    padded = np.full(
        (-(-size[1] // multiple) * multiple, -(-size[0] // multiple) * multiple, 3), PAD, np.uint8
    )
    padded[: size[1], : size[0]] = scaled
    return Prepared(padded[None], scale)


def suppress(boxes: FloatArray, scores: FloatArray, iou: float) -> NDArray[np.int64]:
    """Return the rows to keep, best first: no kept box overlaps a better one by more than ``iou``.

    boxes: (n, 4) x1, y1, x2, y2. scores: (n,).
    """
    sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).astype(np.float64)
    kept = cv2.dnn.NMSBoxes(sides.tolist(), scores.astype(np.float64).tolist(), 0.0, iou)
    return np.asarray(kept, np.int64).reshape(-1)


def vote(boxes: FloatArray, scores: FloatArray, kept: NDArray[np.int64], iou: float) -> FloatArray:
    """Return the kept boxes, (k, 4), each as the mean of all boxes that overlap it by ``iou`` or more.

    The weight is score x IoU: many anchors see a package, and their errors cancel out (box voting, Gidaris &
    Komodakis, 2015). boxes: (n, 4). scores: (n,). kept: (k,) rows, as ``suppress`` gives them.
    """
    best = boxes[kept][:, None]
    shared = np.minimum(best[..., 2:], boxes[None, :, 2:]) - np.maximum(best[..., :2], boxes[None, :, :2])
    inner = np.clip(shared, 0, None).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    overlap = inner / (area[kept][:, None] + area[None] - inner)
    weight = np.where(overlap >= iou, overlap * scores[None], 0)
    return np.asarray((weight @ boxes) / weight.sum(axis=1, keepdims=True), np.float32)


class Detector:
    """The shipped detector.

    entry: a manifest entry of the role ``detector``. Its preprocessing has ``long_side`` and ``multiple``,
    and perhaps ``closer`` and ``farther``: the ``long_side`` of a second look at photos whose typical package
    has less than ``below`` or more than ``above`` pixels (root of its area) at the first. Its settings have
    ``score_threshold`` (of products), ``nms_iou`` and ``vote_iou``, and a threshold for each further kind
    that is to be found, ``price_tag_threshold`` and ``gap_threshold``. threads: of its ONNX session.
    """

    def __init__(self, entry: ModelEntry, threads: int = 1) -> None:
        self.entry = entry
        self.threads = threads
        self.threshold = float(entry.settings["score_threshold"])
        self.others = {kind: float(entry.settings.get(f"{kind}_threshold", NEVER)) for kind in KINDS[1:]}
        self.doubtful = float(entry.settings.get("doubtful_threshold", DOUBTFUL))
        self.nms_iou = float(entry.settings["nms_iou"])
        self.vote_iou = float(entry.settings["vote_iou"])
        self.long_side = int(entry.preprocessing["long_side"])
        self.multiple = int(entry.preprocessing["multiple"])
        self.closer: dict[str, int] = entry.preprocessing.get("closer", {"below": 0, "long_side": 0})
        self.farther: dict[str, float] = entry.preprocessing.get("farther", {"above": math.inf})

    def see(self, image: ImageArray, lowest: float | None = None) -> Seen:
        """Find what the model knows on ``image``, each kind from its operating point or from ``lowest``.

        Gaps that stand on no board's edge are left out. See ``detect``.
        """
        raw, at = self._run(image), {KINDS[0]: self.threshold} | self.others
        products, price_tags, gaps = (
            self._pick(raw, kind, at[kind] if lowest is None else lowest) for kind in KINDS
        )
        boxes = np.array([gap.box for gap in gaps], np.float32).reshape(-1, 4)
        standing = on_boards(boxes, raw.edges, raw.cell)
        gaps = [gap for gap, kept in zip(gaps, standing, strict=True) if kept]
        surest = self.threshold if lowest is None else lowest
        doubtful = [d for d in self._pick(raw, KINDS[0], self.doubtful) if d.score < surest]
        return Seen(products, price_tags, gaps, doubtful)

    def detect(self, image: ImageArray, threshold: float | None = None) -> list[Detection]:
        """Find the packages on ``image``, an upright photo (height, width, 3) RGB uint8; photo pixels, best
        first.

        threshold: lowest score to return, 0..1; the model's operating point by default. Boxes are cut at the
        photo's border. Raises ValueError for another kind of array, ModelError if the model cannot be used.
        """
        return self._pick(self._run(image), KINDS[0], self.threshold if threshold is None else threshold)

    def _run(self, image: ImageArray) -> Raw:
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError(
                f"expected an RGB picture (height, width, 3) uint8, got {image.shape} {image.dtype}"
            )
        raw = self._look(image, self.long_side)
        typical = self._typical(raw, image)
        closer = min(self.closer["long_side"], max(image.shape[:2]))
        if typical is None:
            return raw
        if typical < self.closer["below"] and closer > self.long_side:
            return self._look(image, closer)
        if typical > self.farther["above"]:
            return self._look(image, round(self.farther["long_side"]))
        return raw

    def _typical(self, raw: Raw, image: ImageArray) -> float | None:
        """Side of the typical package in the first look's pixels, None if there is no package."""
        sides = raw.boxes[:, 2:] - raw.boxes[:, :2]
        sure = raw.scores[:, 0] >= self.threshold
        scale = self.long_side / max(image.shape[:2])
        return float(np.median(np.sqrt(sides[sure].prod(axis=1)))) * scale if sure.any() else None

    def _look(self, image: ImageArray, long_side: int) -> Raw:
        prepared = prepare(image, long_side, self.multiple)
        boxes, scores, *maps = session(self.entry, self.threads).run(None, {"pictures": prepared.picture})
        edges = maps[0][0] if maps else np.zeros((0, 0), np.float32)  # a model that knows products only
        height, width = image.shape[:2]
        cut = np.clip(boxes[0] / prepared.scale, 0, [width, height, width, height])
        whole = ((cut[:, 2:] - cut[:, :2]) >= 1).all(axis=1)
        scores = scores[0].reshape(len(whole), -1)[whole]
        return Raw(cut[whole].astype(np.float32), scores, edges, EDGE_CELL / prepared.scale)

    def _pick(self, raw: Raw, kind: str, lowest: float) -> list[Detection]:
        column = KINDS.index(kind)
        if column >= raw.scores.shape[1]:  # a model that knows products only
            return []
        usable = raw.scores[:, column] >= min(lowest, CANDIDATE)
        cut, sure = raw.boxes[usable], raw.scores[usable, column]
        kept = suppress(cut, sure, self.nms_iou)
        kept = kept[sure[kept] >= lowest]
        return [
            _detection(box, score)
            for box, score in zip(vote(cut, sure, kept, self.vote_iou), sure[kept], strict=True)
        ]


def _detection(box: NDArray[np.floating], score: np.floating) -> Detection:
    x1, y1, x2, y2 = (float(side) for side in box)
    return Detection(box=(x1, y1, x2, y2), score=min(max(float(score), 0.0), 1.0))
