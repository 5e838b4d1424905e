"""Local evidence: key points of two pictures, and how many of them agree in one geometric fit.

Two finders share one form: ALIKE, learned (``recognition.training.alike``), run by ONNX Runtime, and OpenCV's
SIFT. Near-identical packs differ in a few square centimetres, which an embedding of the whole crop hardly
sees and key points do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.runtime.manifest import ModelEntry
from recognition.runtime.sessions import session
from recognition.types import FloatArray, ImageArray

LONG_SIDE = 224
"""Pixels of the longer side at which products are looked at: what a shelf crop has."""
BATCH = 8
FAINTEST = 0.02
"""ALIKE scores below this are noise."""
TOLERANCE = 0.025
"""How far two points that agree may lie apart, as a share of the picture's longer side."""
SAMPLES = 400
"""Pairs of matches that are tried as the fit."""
TURN = 0.6
"""Most a product is turned in its picture, radians."""
SCALE = 3.0
"""Most one picture shows the product larger than the other, relative to the pictures' longer sides."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """The key points of one picture.

    points: (n, 2) float32, x and y from the top left as shares of the picture's longer side. descriptors:
    (n, width) float32, unit length. Descriptors of different models must not be compared.
    """

    points: FloatArray
    descriptors: FloatArray

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape != (len(self.descriptors), 2):
            raise ValueError(
                f"Keypoints: points {self.points.shape} and descriptors {self.descriptors.shape} do not fit"
            )

    def __len__(self) -> int:
        return len(self.points)

    def pack(self) -> bytes:
        """The key points in a quarter of the memory, for ``unpack``: descriptors are rounded to 1/127."""
        header = np.array([len(self), self.descriptors.shape[1]], "<u2")
        points = np.round(self.points * 65535).clip(0, 65535).astype("<u2")
        return (
            header.tobytes() + points.tobytes() + np.round(self.descriptors * 127).astype(np.int8).tobytes()
        )

    @classmethod
    def unpack(cls, data: bytes) -> Keypoints:
        """Read what ``pack`` wrote; raises ValueError for anything else."""
        count, width = np.frombuffer(data, "<u2", 2).tolist() if len(data) >= 4 else (0, 0)
        if not width or len(data) != 4 + count * (4 + width):
            raise ValueError(f"these {len(data)} bytes are no packed key points")
        points = np.frombuffer(data, "<u2", 2 * count, 4).reshape(count, 2)
        descriptors = np.frombuffer(data, np.int8, count * width, 4 + 4 * count).reshape(count, width)
        return cls(
            np.asarray(points / np.float32(65535), np.float32),
            np.asarray(descriptors / np.float32(127), np.float32),
        )


class Finder(Protocol):
    """Finds and describes key points. label: names the model, so that only its own are compared."""

    label: str

    def find(self, pictures: Sequence[ImageArray], long_side: int = LONG_SIDE) -> list[Keypoints]:
        """Key points of n RGB pictures of any size, looked at with ``long_side`` pixels; best first."""
        ...


class Alike:
    """The shipped learned finder.

    entry: a manifest entry of the role ``keypoints`` whose preprocessing has ``multiple``. threads: of its
    ONNX session.
    """

    def __init__(self, entry: ModelEntry, threads: int = 1) -> None:
        self.entry = entry
        self.threads = threads
        self.label = entry.label
        self.multiple = int(entry.preprocessing["multiple"])

    def find(self, pictures: Sequence[ImageArray], long_side: int = LONG_SIDE) -> list[Keypoints]:
        """See Finder. Raises ModelError when the model file cannot be used."""
        scaled = [_scaled(picture, long_side) for picture in pictures]
        order = sorted(range(len(scaled)), key=lambda i: scaled[i].shape[:2])
        found: list[Keypoints | None] = [None] * len(scaled)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            for index, keypoints in zip(part, self._run([scaled[i] for i in part]), strict=True):
                found[index] = keypoints
        return [keypoints for keypoints in found if keypoints is not None]

    def _run(self, pictures: Sequence[ImageArray]) -> list[Keypoints]:
        sizes = np.array([picture.shape[:2] for picture in pictures], np.int64)
        height, width = (-(-sizes.max(axis=0) // self.multiple) * self.multiple).tolist()
        batch = np.full((len(pictures), height, width, 3), 127, np.uint8)
        for row, picture in zip(batch, pictures, strict=True):
            row[: picture.shape[0], : picture.shape[1]] = picture
        outputs = session(self.entry, self.threads).run(None, {"pictures": batch, "sizes": sizes})
        return [
            Keypoints(points[scores > FAINTEST] / np.float32(size.max()), descriptors[scores > FAINTEST])
            for points, scores, descriptors, size in zip(*outputs, sizes, strict=True)
        ]


class Sift:
    """OpenCV's SIFT, described by the square roots of its histograms (RootSIFT: Arandjelović & Zisserman,
    2012)."""

    label = "sift"

    def __init__(self, points: int = 600) -> None:
        self._sift = cv2.SIFT.create(nfeatures=points, contrastThreshold=0.02)

    def find(self, pictures: Sequence[ImageArray], long_side: int = LONG_SIDE) -> list[Keypoints]:
        """See Finder."""
        return [self._find(_scaled(picture, long_side)) for picture in pictures]

    def _find(self, picture: ImageArray) -> Keypoints:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        points, histograms = self._sift.detectAndCompute(grey, None)
        if histograms is None:
            return Keypoints(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
        shares = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1e-9)
        places = np.array([point.pt for point in points], np.float32) / max(picture.shape[:2])
        return Keypoints(places, np.sqrt(shares).astype(np.float32))


class Fit(NamedTuple):
    """How one picture lies in another.

    inliers: matches that agree. matrix: (2, 3) float64, reference -> query, both in shares of their longer
    side; None when nothing agrees.
    """

    inliers: int
    matrix: NDArray[np.float64] | None = None

    @property
    def evidence(self) -> float:
        """Natural logarithm of one plus the inliers: the hundredth match says less than the tenth."""
        return float(np.log1p(self.inliers))


def match(query: Keypoints, reference: Keypoints) -> NDArray[np.int64]:
    """(m, 2) indices of query and reference points that are each other's nearest by descriptor."""
    if not len(query) or not len(reference):
        return np.empty((0, 2), np.int64)
    alike = query.descriptors @ reference.descriptors.T
    nearest = alike.argmax(axis=1)
    mutual = alike.argmax(axis=0)[nearest] == np.arange(len(query))
    return np.stack([np.flatnonzero(mutual), nearest[mutual]], axis=1)


def verify(query: Keypoints, reference: Keypoints, tolerance: float = TOLERANCE, turn: float = TURN) -> Fit:
    """Fit the reference into the query by the similarity that most matches agree with, then by an affine map.

    Pairs of matches are tried as similarities (RANSAC: Fischler & Bolles, 1981), those that turn by more than
    ``turn`` radians or change the scale by more than SCALE left out; the best is refined by least squares
    (locally optimised RANSAC: Chum et al., 2003). Deterministic. tolerance: see TOLERANCE.
    """
    pairs = match(query, reference)
    if len(pairs) < 3:
        return Fit(0)
    seen, known = query.points[pairs[:, 0]], reference.points[pairs[:, 1]]
    best = _best_similarity(seen, known, tolerance, turn)
    if best is None:
        return Fit(0)
    for _ in range(2):
        refined = _affine(seen[best], known[best])
        agree = _near(seen, known, refined, tolerance)
        if agree.sum() < best.sum():
            break
        best = agree
    return Fit(int(best.sum()), _affine(seen[best], known[best]))


def _scaled(picture: ImageArray, long_side: int) -> ImageArray:
    """The picture with ``long_side`` pixels; one with fewer grows to at most twice its size."""
    scale = min(long_side / max(picture.shape[:2]), 2.0)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=interpolation), np.uint8)


def _best_similarity(
    seen: FloatArray, known: FloatArray, tolerance: float, turn: float
) -> NDArray[np.bool_] | None:
    """The matches that the best of SAMPLES similarities agrees with, None where none is possible."""
    rng = np.random.default_rng(len(seen))
    first = rng.integers(0, len(seen), SAMPLES)
    second = (first + rng.integers(1, len(seen), SAMPLES)) % len(seen)
    to, source = (xy[:, 0] + 1j * xy[:, 1] for xy in (seen, known))
    span = source[second] - source[first]
    possible = np.abs(span) > 2 * tolerance
    ratio = np.divide(to[second] - to[first], span, out=np.zeros_like(span), where=possible)
    size = np.abs(ratio)
    possible &= (np.abs(np.angle(ratio)) < turn) & (size > 1 / SCALE) & (size < SCALE)
    if not possible.any():
        return None
    ratio, first = ratio[possible], first[possible]
    placed = ratio[:, None] * source[None] + (to[first] - ratio * source[first])[:, None]
    agree = np.abs(placed - to[None]) < tolerance
    return np.asarray(agree[agree.sum(axis=1).argmax()])


def _affine(seen: FloatArray, known: FloatArray) -> NDArray[np.float64]:
    """(2, 3) least-squares map known -> seen: affine, or a similarity from fewer than six matches."""
    if len(seen) < 6:
        x, y, one, zero = known[:, 0], known[:, 1], np.ones(len(known)), np.zeros(len(known))
        design = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
        a, b, tx, ty = np.linalg.lstsq(design, np.concatenate([seen[:, 0], seen[:, 1]]), rcond=None)[0]
        return np.array([[a, -b, tx], [b, a, ty]], np.float64)
    design = np.column_stack([known, np.ones(len(known))])
    return np.asarray(np.linalg.lstsq(design, seen, rcond=None)[0].T, np.float64)


def _near(
    seen: FloatArray, known: FloatArray, matrix: NDArray[np.float64], tolerance: float
) -> NDArray[np.bool_]:
    placed = known @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(np.linalg.norm(placed - seen, axis=1) < tolerance)
