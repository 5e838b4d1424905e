"""A made-up bay: its plan, and what really stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from compliance.types import PlannedPosition, Planogram, Product

SHELF_CM = 32.0
"""Height of a shelf."""
Rng = np.random.Generator


@dataclass(slots=True)
class Block:
    """Columns of one product side by side.

    home: key of the planned position that it is the product of, "" for none. place: key of the position in
    whose place it stands, "" for none. columns: which of the block's columns are really there, by index.
    unknown, ambiguous: columns that the recogniser will not, or not surely, tell. x: left edge, cm.
    """

    sku: str
    shelf: int
    x: float
    unit: float
    height: float
    columns: list[int]
    high: int
    home: str = ""
    place: str = ""
    unknown: set[int] = field(default_factory=set)
    ambiguous: set[int] = field(default_factory=set)

    @property
    def width(self) -> float:
        return self.unit * (max(self.columns) + 1)


@dataclass(slots=True)
class Store:
    """One bay as it stands. touched: positions with an event; each gets one at most. events: what was
    done."""

    products: dict[str, Product]
    plan: Planogram
    blocks: list[Block]
    touched: set[str] = field(default_factory=set)
    events: list[str] = field(default_factory=list)
    mirrored: bool = False

    @property
    def width(self) -> float:
        assert self.plan.width_cm is not None
        return self.plan.width_cm

    def row(self, shelf: int) -> list[Block]:
        return sorted((b for b in self.blocks if b.shelf == shelf), key=lambda b: b.x)

    def free(self, shelf: int) -> float:
        """Room left on a shelf, cm."""
        return self.width - sum(b.width for b in self.row(shelf))

    def settle(self, shelf: int, row: list[Block] | None = None) -> None:
        """Push blocks apart so that none overlap and all stay on the shelf, in the given order."""
        row = self.row(shelf) if row is None else row
        end = 0.0
        for block in row:
            block.x = max(block.x, end)
            end = block.x + block.width
        end = self.width
        for block in reversed(row):
            block.x = min(block.x, end - block.width)
            end = block.x


def catalogue(rng: Rng, size: int = 80) -> dict[str, Product]:
    """Products of three categories and eight brands, three of them own."""
    products = {}
    for number in range(size):
        brand = int(rng.integers(8))
        products[f"S{number:03}"] = Product(
            sku=f"S{number:03}",
            brand=f"Brand {brand}",
            own=brand < 3,
            category=f"Category {number % 3}",
            width_cm=round(float(rng.uniform(5, 15)), 1),
            height_cm=round(float(rng.uniform(10, 28)), 1),
        )
    return products


def make_plan(rng: Rng, products: dict[str, Product], name: str = "plan") -> Planogram:
    """A plan of three to seven shelves that uses about two thirds of the catalogue's products, a few
    twice."""
    width = float(rng.uniform(90, 135))
    pool = list(rng.permutation(sorted(products)))[: 2 * len(products) // 3]
    deck: list[str] = []
    positions: list[PlannedPosition] = []
    for shelf in range(int(rng.integers(3, 8))):
        x, number, last = float(rng.uniform(0, 3)), 0, ""
        while True:
            deck = deck or [str(s) for s in rng.permutation(pool)]
            sku = deck.pop()
            unit = products[sku].width_cm or 8.0
            wide = min(int(rng.integers(1, 5)), int((width - x) / unit))
            if wide < 1:
                break
            if sku == last:
                continue
            high = 2 if 2 * (products[sku].height_cm or 20.0) < SHELF_CM and rng.random() < 0.4 else 1
            key = f"{shelf}/{number}"
            positions.append(
                PlannedPosition(
                    shelf, number, sku, wide, high, x, shelf * SHELF_CM, unit * wide, SHELF_CM, key
                )
            )
            x, number, last = (
                x + unit * wide + float(rng.choice([0.0, 0.0, rng.uniform(0, 3)])),
                number + 1,
                sku,
            )
    return Planogram(name, tuple(positions), width, None)


def stock(products: dict[str, Product], plan: Planogram) -> Store:
    """The bay just as planned."""
    blocks = [
        Block(
            sku=p.sku,
            shelf=p.shelf,
            x=p.x_cm or 0.0,
            unit=(p.width_cm or 0.0) / p.facings_wide,
            height=products[p.sku].height_cm or 20.0,
            columns=list(range(p.facings_wide)),
            high=p.facings_high,
            home=p.key,
            place=p.key,
        )
        for p in plan.positions
    ]
    return Store(products, plan, blocks)
