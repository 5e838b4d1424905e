"""What stands where: shelves, columns of units, gaps and tags, in centimetres, before any picture is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recognition.training.render.catalogue import PackSpec

Slot = tuple[str | None, float, int]
"""(sku, facings wide, facings high); an empty slot is (None, its width in cm, 0)."""
RIGID = (
    *("box", "can", "jar", "tub", "tube", "multipack", "bottle", "carton"),
    *("jug", "trigger", "flask", "standing_tube", "rolls", "block_bag", "sack"),
    *("glass_bottle", "glass_jar", "shrink_pack", "punnet", "bar"),
    *("window_box", "egg_box", "cups"),
)
SOFT = ("bag", "pillow", "pouch", "doypack", "bakery_bag", "sachet")
STACKING = (
    *("box", "can", "jar", "tub", "multipack", *SOFT),
    *("rolls", "sack", "glass_jar", "shrink_pack", "punnet", "bar"),
    *("window_box", "egg_box", "cups"),
)
HANGING = ("bag", "pillow", "pouch", "doypack", "sachet", "box", "blister")
"""What may hang on pegs."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One pack. x: its middle, y: its foot, z: its front, cm. yaw, roll, lean: degrees.

    front: it is the foremost of its column; the others are the depth rows behind.
    """

    spec: PackSpec
    x: float
    y: float
    z: float
    shelf: int
    column: int
    stack: int
    front: bool
    wear: int
    yaw: float = 0.0
    roll: float = 0.0
    lean: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One shelf: y of its board's top, the free height above it and its depth, cm; pegs: packs hang, no
    board."""

    y: float
    height: float
    depth: float
    pegs: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A price tag: x of its middle, cm, on a row; the product it prices. hook: it hangs at the end of a hook
    at this y, cm, and None on a rail."""

    shelf: int
    x: float
    spec: PackSpec
    promotion: bool
    hook: float | None = None


@dataclass(frozen=True, slots=True)
class Tray:
    """A shelf-ready tray in front of a block: x from, x to and its height, cm, on a row. cut: how much of
    its height is cut out of a printed front between the corners, 0 for a plain wall."""

    shelf: int
    x0: float
    x1: float
    height: float
    spec: PackSpec
    cut: float = 0.0


@dataclass(slots=True)
class Bay:
    """A stretch of shelving: width cm, x from 0; rows top to bottom; gaps as (shelf, x0, x1) cm."""

    width: float
    rows: list[Row] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    gaps: list[tuple[int, float, float]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    trays: list[Tray] = field(default_factory=list)
    dividers: list[tuple[int, float, float]] = field(default_factory=list)
    """(shelf, x, height) cm"""

    @property
    def bottom(self) -> float:
        return self.rows[-1].y


@dataclass(frozen=True, slots=True)
class Habits:
    """How tidy a shop is; drawn once a photo."""

    spacing: float
    """mean free space between units, part of their width"""
    turned: float
    """standard deviation of a unit's turn, degrees"""
    leaning: float
    """standard deviation of a unit's roll, degrees"""
    pulled_back: float
    """probability that a column's front stands further back"""
    empty: float
    """probability of an empty place after a block"""
    deep: int
    """rows behind the front that are drawn"""
    trays: float = 0.0
    """probability that a block stands in a tray"""
    fallen: float = 0.0
    """probability that a column's front pack lies on its side"""
    heaped: float = 0.0
    """probability that soft packs lie in a heap instead of standing"""
    askew: float = 0.0
    """probability that a block's packs are all turned, by up to 30 degrees"""
    cut_trays: float = 0.0
    """probability that a block stands in printed trays with a front cut out"""
    dividers: float = 0.0
    """probability of a divider after a block"""
    sold: float = 0.0
    """probability that a row is nearly sold out: a few packs, some far back"""

    @staticmethod
    def draw(rng: np.random.Generator) -> Habits:
        untidy = float(rng.beta(1.5, 3))
        return Habits(
            spacing=float(rng.choice([0.0, 0.02, 0.05, 0.12], p=[0.3, 0.35, 0.25, 0.1])),
            turned=2 + 14 * untidy,
            leaning=0.4 + 4 * untidy,
            pulled_back=0.25 * untidy + 0.02,
            empty=float(rng.choice([0.01, 0.05, 0.2], p=[0.4, 0.35, 0.25])),
            deep=int(rng.integers(1, 4)),
            trays=float(rng.choice([0.0, 0.0, 0.1, 0.4])),
            fallen=0.015,
            heaped=0.08,
        )

    def varied(self, rng: np.random.Generator) -> Habits:
        """The same shop with what the usual ones lack."""
        return replace(
            self,
            fallen=float(rng.choice([0.015, 0.1], p=[0.85, 0.15])),
            askew=float(rng.choice([0.0, 0.15, 0.6], p=[0.5, 0.35, 0.15])),
            cut_trays=float(rng.choice([0.0, 0.3, 0.9], p=[0.6, 0.25, 0.15])),
            dividers=float(rng.choice([0.0, 0.5, 1.0], p=[0.65, 0.2, 0.15])),
            sold=float(rng.choice([0.0, 0.1, 0.4], p=[0.65, 0.25, 0.1])),
        )


TIDY = Habits(spacing=0.03, turned=2.0, leaning=0.5, pulled_back=0.0, empty=0.0, deep=2)


def column(
    rng: np.random.Generator,
    spec: PackSpec,
    x: float,
    row: Row,
    shelf: int,
    index: int,
    high: int,
    habits: Habits,
) -> list[Unit]:
    """The units of one column: ``high`` stacked at the front, and depth rows behind each."""
    z = float(rng.uniform(0, 1.5))
    if rng.random() < habits.pulled_back:
        z = float(rng.uniform(3, max(4.0, row.depth * 0.6)))
    rigid = spec.shape in RIGID
    turned = habits.turned * (0.35 if rigid else 1.0)
    leaning = habits.leaning * (0.15 if rigid else 1.6)
    room = row.depth - z - spec.depth_cm
    behind = min(habits.deep, int(room // (spec.depth_cm * 1.02))) if rng.random() > 0.1 else 0
    units = []
    fallen = high == 1 and not row.pegs and rng.random() < habits.fallen
    behind = 0 if fallen else behind
    for depth in range(max(behind, 0), -1, -1):
        foot = row.y
        for stack in range(high):
            units.append(
                Unit(
                    spec,
                    x + float(rng.normal(0, 0.02)) * spec.width_cm,
                    foot,
                    z + depth * spec.depth_cm * 1.03,
                    shelf,
                    index,
                    stack,
                    depth == 0,
                    int(rng.integers(4)),
                    float(rng.normal(0, turned)),
                    float(rng.normal(80 if fallen and depth == 0 else 0, leaning)),
                    abs(float(rng.normal(0, leaning))),
                )
            )
            foot -= spec.height_cm * (1.0 if rigid else 0.93)
    return units


def planned_bay(
    rng: np.random.Generator,
    plan: Sequence[Sequence[Slot]],
    catalogue: Sequence[PackSpec],
    habits: Habits = TIDY,
    width: float | None = None,
) -> Bay:
    """Exactly the shelves of ``plan`` (top to bottom, each left to right).

    Raises ValueError, naming it, for an unknown sku, a slot without width, or an empty plan.
    """
    specs = {s.sku: s for s in catalogue}
    for slots in plan:
        for sku, wide, high in slots:
            if sku is not None and (sku not in specs or wide < 1 or high < 1):
                raise ValueError(
                    f"plan: {sku!r} x {wide} x {high}: expected a known SKU and 1 or more each way"
                )
            if sku is None and wide <= 0:
                raise ValueError(f"plan: an empty slot needs a width in cm, got {wide}")
    if not plan:
        raise ValueError("plan: expected at least one shelf")
    spread = 1 + habits.spacing
    taken = [sum(w * (specs[s].width_cm * spread if s else 1.0) for s, w, _ in slots) for slots in plan]
    bay = Bay(width if width is not None else max(max(taken) + 4.0, 20.0))
    y = 0.0
    for shelf, slots in enumerate(plan):
        tallest = max((specs[s].height_cm * h for s, _, h in slots if s), default=25.0)
        y += tallest + float(rng.uniform(4, 9)) + (5.0 if shelf else 0.0)
        row = Row(y, tallest + 5, 40.0)
        bay.rows.append(row)
        _fill_planned(rng, bay, shelf, row, slots, specs, habits)
    return bay


def _fill_planned(
    rng: np.random.Generator,
    bay: Bay,
    shelf: int,
    row: Row,
    slots: Sequence[Slot],
    specs: dict[str, PackSpec],
    habits: Habits,
) -> None:
    x, index = 2.0, 0
    for sku, wide, high in slots:
        if sku is None:
            bay.gaps.append((shelf, x, x + wide))
            x += wide
            continue
        spec, start = specs[sku], x
        for _ in range(round(wide)):
            step = spec.width_cm * (1 + habits.spacing)
            bay.units += column(rng, spec, x + step / 2, row, shelf, index, high, habits)
            x, index = x + step, index + 1
        bay.labels.append(Label(shelf, start + min(4.0, (x - start) / 2), spec, False))
