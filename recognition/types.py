"""What recognition says about one photo: frozen, validated values with their frames stated.

Frames
    *photo*: pixels of the upright photo (EXIF orientation applied), origin top left, x right, y down.
    *rectified*: pixels of the fronto-parallel shelf plane, same axes; shelves are horizontal there.

A box is ``(x1, y1, x2, y2)`` with ``x1 < x2`` and ``y1 < y2``, in float pixels of the frame its field names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
FloatArray = NDArray[np.float32]
ImageArray = NDArray[np.uint8]
"""RGB picture, shape (height, width, 3), uint8, origin top left."""


def check_box(box: Box, what: str) -> None:
    """Raise ValueError unless ``box`` is four finite numbers with positive width and height."""
    if len(box) != 4 or not all(map(math.isfinite, box)):
        raise ValueError(f"{what}: a box is four finite numbers, got {box!r}")
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError(f"{what}: a box needs x1 < x2 and y1 < y2, got {box!r}")


def check_unit(value: float, what: str) -> None:
    """Raise ValueError unless ``value`` lies in 0..1."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{what} must lie in 0..1, got {value!r}")


class FacingStatus(StrEnum):
    """How sure the recogniser is of a facing's product."""

    ACCEPTED = "accepted"
    AMBIGUOUS = "ambiguous"
    """Two candidates are too close to call; ``sku`` holds the better one, a person should look."""
    UNKNOWN = "unknown"
    """No catalogue product is similar enough; ``sku`` is None."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One product package found by the detector.

    box: photo pixels. score: detector confidence, 0..1.
    """

    box: Box
    score: float

    def __post_init__(self) -> None:
        check_box(self.box, "Detection.box")
        check_unit(self.score, "Detection.score")


@dataclass(frozen=True, slots=True)
class RectifiedShelf:
    """How the photo maps to the fronto-parallel shelf plane.

    homography: (3, 3) float64, photo pixels -> rectified pixels (column vectors).
    width, height: size of the rectified plane, rectified pixels.
    shelf_edges: y of each shelf's front edge, rectified pixels, top to bottom; the products of shelf i stand
        above ``shelf_edges[i]``. Empty if no edge was found.
    confidence: 0..1; 0 means nothing was found and the homography is the identity, or the quarter turn of a
        photo taken sideways.
    """

    homography: NDArray[np.float64]
    width: int
    height: int
    shelf_edges: tuple[float, ...] = ()
    confidence: float = 0.0

    def __post_init__(self) -> None:
        if self.homography.shape != (3, 3) or not np.isfinite(self.homography).all():
            raise ValueError("RectifiedShelf.homography must be a finite (3, 3) matrix")
        if abs(float(np.linalg.det(self.homography))) < 1e-12:
            raise ValueError("RectifiedShelf.homography must be invertible")
        if self.width <= 0 or self.height <= 0:
            raise ValueError("RectifiedShelf needs a positive size")
        if list(self.shelf_edges) != sorted(self.shelf_edges):
            raise ValueError("RectifiedShelf.shelf_edges must run from top to bottom")
        check_unit(self.confidence, "RectifiedShelf.confidence")


class Agreement(NamedTuple):
    """How far a crop and a packshot laid over it are the same print, see ``recognition.stages.agree``.

    structure: share of the textured overlap that agrees, 0..1. colour: correlation of chroma, -1..1.
    """

    structure: float
    colour: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One catalogue product a crop may show.

    sku: the catalogue code. similarity: dot product of unit vectors, -1..1. packshot: key of the reference
    picture that was nearest (whatever the gallery uses: a file name or a database id as text). evidence:
    natural logarithm of one plus the local features that agree with that packshot in one geometric fit; None
    where nobody looked. agreement: of the first candidate, where the packshot could be laid over the crop by
    that fit. standing: standard deviations by which the similarity exceeds the crop's similarity
    to the rest of the gallery; None where that is not known. read: what was read on the product that put this
    candidate first, a GTIN or words; "" where nothing printed decided.
    """

    sku: str
    similarity: float
    packshot: str = ""
    evidence: float | None = None
    standing: float | None = None
    read: str = ""
    agreement: Agreement | None = None

    def __post_init__(self) -> None:
        if not self.sku:
            raise ValueError("Candidate.sku must not be empty")
        if not -1.0001 <= self.similarity <= 1.0001:
            raise ValueError(f"Candidate.similarity must lie in -1..1, got {self.similarity!r}")
        if self.evidence is not None and not 0.0 <= self.evidence < float("inf"):
            raise ValueError(f"Candidate.evidence must be finite and not negative, got {self.evidence!r}")


@dataclass(frozen=True, slots=True)
class Facing:
    """One product unit seen at the shelf front.

    box: photo pixels. rect_box: the same unit in rectified pixels, upright (see ``rectify_boxes``).
    shelf: row, 0 is the top. position: index of its column on the shelf from the left, 0 first; facings
    stacked above each other share shelf and position. stack: 0 stands on the shelf board, 1 on top of it.
    detection_score: 0..1. status, sku, confidence: see FacingStatus; confidence is the probability, 0..1,
    that ``sku`` is right (for UNKNOWN: that it is no catalogue product). candidates: best first, at most ten.
    """

    box: Box
    rect_box: Box
    shelf: int
    position: int
    stack: int
    detection_score: float
    status: FacingStatus
    sku: str | None
    confidence: float
    candidates: tuple[Candidate, ...] = ()
    verified_by_expectation: bool = False
    """The planogram helped to choose between ambiguous candidates."""

    def __post_init__(self) -> None:
        check_box(self.box, "Facing.box")
        check_box(self.rect_box, "Facing.rect_box")
        if min(self.shelf, self.position, self.stack) < 0:
            raise ValueError("Facing.shelf, position and stack count from 0")
        check_unit(self.detection_score, "Facing.detection_score")
        check_unit(self.confidence, "Facing.confidence")
        if (self.sku is None) != (self.status is FacingStatus.UNKNOWN):
            raise ValueError("Facing.sku is None exactly when the status is UNKNOWN")
        if len(self.candidates) > 10:
            raise ValueError("Facing.candidates holds at most ten")


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty space at the shelf front, wide enough for a product.

    box: bounding box in photo pixels. rect_box: rectified pixels. shelf: row, 0 is the top.
    """

    box: Box
    rect_box: Box
    shelf: int

    def __post_init__(self) -> None:
        check_box(self.box, "Gap.box")
        check_box(self.rect_box, "Gap.rect_box")
        if self.shelf < 0:
            raise ValueError("Gap.shelf counts from 0")


@dataclass(frozen=True, slots=True)
class PriceTag:
    """A price tag on a shelf's front.

    box: photo pixels. rect_box: rectified pixels. shelf: the row whose products it prices, 0 is the top.
    score: detector confidence, 0..1. text: what was read on it, lines apart by newlines; empty while nobody
    read it. price: the price it names, in the shop's currency; None if none was read. readable: the price was
    read with confidence.
    """

    box: Box
    rect_box: Box
    shelf: int
    score: float = 1.0
    text: str = ""
    price: Decimal | None = None
    readable: bool = False

    def __post_init__(self) -> None:
        check_box(self.box, "PriceTag.box")
        check_box(self.rect_box, "PriceTag.rect_box")
        check_unit(self.score, "PriceTag.score")
        if self.shelf < 0:
            raise ValueError("PriceTag.shelf counts from 0")
        if self.price is not None and self.price < 0:
            raise ValueError(f"PriceTag.price must not be negative, got {self.price}")
        if self.readable and self.price is None:
            raise ValueError("PriceTag.readable needs a price")


@dataclass(frozen=True, slots=True)
class Quality:
    """Whether the photo can be used, and if not, why, in words for the person who took it.

    usable: False stops the pipeline. sharpness: variance of the Laplacian of the photo at 1 MP, grey levels².
    brightness: mean grey level, 0..255. problems: short sentences for the auditor, worst first; a usable
    photo may carry some as hints.
    """

    usable: bool
    sharpness: float
    brightness: float
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShelfLayout:
    """Everything recognised on one photo: the only thing compliance knows of recognition.

    width, height: the upright photo, pixels. shelves: number of shelf rows. rectified: see RectifiedShelf.
    cm_per_px: scale of the rectified plane, centimetres a rectified pixel, None while nothing fixes it.
    versions: names of what made it: keys ``detector``, ``embedder``, ``gallery``, ``pipeline``; the
        pipeline's names the key-point model and the text reader, where they are used.
    timings_ms: milliseconds by stage name. price_tags: those in view, by shelf and then from left to right.
    """

    width: int
    height: int
    quality: Quality
    rectified: RectifiedShelf
    shelves: int
    facings: tuple[Facing, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cm_per_px: float | None = None
    versions: dict[str, str] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    price_tags: tuple[PriceTag, ...] = ()

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise ValueError("ShelfLayout needs the photo's positive size")
        placed: tuple[Facing | Gap | PriceTag, ...] = (*self.facings, *self.gaps, *self.price_tags)
        for item in placed:
            if item.shelf >= self.shelves:
                raise ValueError(f"shelf {item.shelf} of a layout with {self.shelves} shelves")
        if self.cm_per_px is not None and not self.cm_per_px > 0:
            raise ValueError("ShelfLayout.cm_per_px must be positive or None")
