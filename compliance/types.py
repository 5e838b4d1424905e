"""What compliance works on and what it answers: plain frozen values, no Django.

Centimetres; planogram frame: origin at the bay's top left corner, x right, y down. Shelf 0 is the top,
position 0 the leftmost, as in the words of the design.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from compliance.targets import Targets
from recognition.types import ShelfLayout


class PositionStatus(StrEnum):
    """What became of a planned position."""

    CORRECT = "correct"
    WRONG_FACINGS = "wrong_facings"
    MISPLACED = "misplaced"
    SUBSTITUTED = "substituted"
    MISSING = "missing"
    NOT_ASSESSED = "not_assessed"


class UnplannedKind(StrEnum):
    """What an unplanned facing is."""

    INTRUDER = "intruder"
    """A product of the catalogue, own brand, that the planogram does not have here."""
    FOREIGN = "foreign"
    """A competitor's product that the planogram does not have."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Product:
    """What KPIs need to know of a SKU. width_cm, height_cm: of one unit's front, None if unknown."""

    sku: str
    brand: str
    own: bool
    category: str = ""
    name: str = ""
    width_cm: float | None = None
    height_cm: float | None = None


@dataclass(frozen=True, slots=True)
class PlannedPosition:
    """One product place of a planogram. x_cm: left edge of the whole block; y_cm: its top edge; width_cm and
    height_cm: of the whole block. None where the file does not say. key: the caller's id for it."""

    shelf: int
    position: int
    sku: str
    facings_wide: int = 1
    facings_high: int = 1
    x_cm: float | None = None
    y_cm: float | None = None
    width_cm: float | None = None
    height_cm: float | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if not self.sku:
            raise ValueError("PlannedPosition.sku must not be empty")
        if self.shelf < 0 or self.position < 0:
            raise ValueError("PlannedPosition.shelf and position count from 0")
        if self.facings_wide < 1 or self.facings_high < 1:
            raise ValueError("PlannedPosition needs at least one facing each way")

    @property
    def facings(self) -> int:
        """Planned units at the shelf front."""
        return self.facings_wide * self.facings_high


@dataclass(frozen=True, slots=True)
class Planogram:
    """The plan of one bay. width_cm, height_cm: of the bay, None if unknown. version: the caller's name for
    it."""

    name: str
    positions: tuple[PlannedPosition, ...]
    width_cm: float | None = None
    height_cm: float | None = None
    version: str = ""

    @property
    def shelves(self) -> int:
        """Number of shelf rows."""
        return max((p.shelf for p in self.positions), default=-1) + 1


class FacingRef(NamedTuple):
    """Points to one facing (or gap) of one photo: evidence. photo: the caller's key of the photo; index: into
    ``ShelfLayout.facings`` (kind "facing"), ``ShelfLayout.gaps`` ("gap") or ``ShelfLayout.price_tags``
    ("tag"). A tuple, like ``EvidenceItem``: a visit makes and looks up thousands of them."""

    photo: str
    index: int  # type: ignore[assignment]  # in place of tuple.index
    kind: str = "facing"


class PositionResult(NamedTuple):
    """The status of one planned position and what shows it.

    seen: facings counted for it. credit: 0..1, the strict score of the position; lenient_credit: with half
    credit for misplaced or variant-unresolved. found_shelf, found_position: the planned place where a
    misplaced product stands (found_shelf is -1 on a shelf the plan does not have, found_position None where
    nothing is planned). substituted_by: the SKU seen in its place, None when that product is unknown. gaps:
    empty space seen where it should stand. guests: facings of other products in its place. visible: planned
    facings the photos could see. why: one sentence.
    """

    position: PlannedPosition
    status: PositionStatus
    seen: tuple[FacingRef, ...] = ()
    gaps: tuple[FacingRef, ...] = ()
    credit: float = 0.0
    lenient_credit: float = 0.0
    found_shelf: int | None = None
    found_position: int | None = None
    substituted_by: str | None = None
    guests: tuple[FacingRef, ...] = ()
    visible: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class UnplannedFacing:
    """A facing the planogram has no place for."""

    ref: FacingRef
    kind: UnplannedKind
    sku: str | None


@dataclass(frozen=True, slots=True)
class BayMatch:
    """A bay's photos against its planogram.

    coverage: planned positions the photos saw / all planned positions, 0..1. fits: False when the shelf
    follows so little of the plan that it is probably another planogram (``note`` says so). counted: the
    facings that remain once the same unit seen in two photos is counted once, by shelf, from left to right
    and from the board up; shelves: the planned shelf of each of them, -1 for one the plan does not have.
    gaps: empty spaces, each once. resolved: the SKU that the plan helped to choose for an ambiguous facing
    (``verified_by_expectation``).
    """

    positions: tuple[PositionResult, ...]
    unplanned: tuple[UnplannedFacing, ...]
    counted: tuple[FacingRef, ...]
    coverage: float
    fits: bool = True
    mirrored: bool = False
    note: str = ""
    shelves: tuple[int, ...] = ()
    gaps: tuple[FacingRef, ...] = ()
    resolved: dict[FacingRef, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BayPhoto:
    """One recognised photo of a bay. key: the caller's photo id."""

    key: str
    layout: ShelfLayout


@dataclass(frozen=True, slots=True)
class BayInput:
    """One bay of a visit: its photos in the order taken, oldest first, and its plan, if it has one.

    eye_level: shelf rows that count as eye level.
    """

    key: str
    name: str
    photos: tuple[BayPhoto, ...]
    planogram: Planogram | None = None
    width_cm: float | None = None
    eye_level: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class VisitInput:
    """Everything needed to assess a visit.

    products: by SKU, the whole catalogue. expected: SKUs that must stand in this store (must-stock list).
    options: KPI key -> option name -> value, e.g. ``{"facing_share": {"include_unknown": True}}``. targets:
    prices, promotions and the like that the store is held against.
    """

    bays: tuple[BayInput, ...]
    products: dict[str, Product]
    expected: frozenset[str] = frozenset()
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    targets: Targets = field(default_factory=Targets)


class EvidenceItem(NamedTuple):
    """One line of a numerator or denominator.

    weight: what it adds (1 facing, 12.5 cm, 0.5 credit). ref: the facing or gap that shows it, None when the
    evidence is an absence. sku: the product concerned. bay, position: key of the bay and of the planned
    position. kpi: key of the KPI of the whole visit that it stands for.
    """

    weight: float
    sku: str | None = None
    ref: FacingRef | None = None
    bay: str = ""
    position: str = ""
    note: str = ""
    kpi: str = ""


class KpiValue(NamedTuple):
    """One computed number with its proof.

    key: registry key, e.g. ``facing_share``. scope: what it is about, e.g. ``{"category": "Crisps"}`` or
    ``{"bay": "12"}``; empty for the visit. value = numerator / denominator, None when the denominator is 0
    (not measurable). unit: "share" (0..1), "cm", "count", "index". coverage: share of the expected shelf
    that photos saw, None where nothing is expected. low, high: where the true value lies with probability
    ``level``, and expected: its mean, allowing for recognition errors; None where that cannot be computed.
    The value is what was counted and may lie beside them.
    """

    key: str
    numerator: float
    denominator: float
    scope: dict[str, str]
    unit: str = "share"
    coverage: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.9
    expected: float | None = None
    numerator_items: tuple[EvidenceItem, ...] = ()
    denominator_items: tuple[EvidenceItem, ...] = ()
    note: str = ""

    @property
    def value(self) -> float | None:
        """The KPI, or None when it is not measurable."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class OutOfStock:
    """An expected product that is not on the shelf. kind: "oos" (its place is empty or taken), "void"
    (expected in the store, no place or tag seen), "phantom" (the stock system has units of it). bays: keys
    of the bays looked at. gaps: empty space seen. tags: price tags at its place. note: why this kind."""

    sku: str
    kind: str
    bays: tuple[str, ...] = ()
    gaps: tuple[FacingRef, ...] = ()
    tags: tuple[FacingRef, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class VisitAssessment:
    """All results of a visit. matches: by bay key, for bays with a planogram."""

    kpis: tuple[KpiValue, ...]
    matches: dict[str, BayMatch]
    out_of_stock: tuple[OutOfStock, ...]
    definition: str = ""
