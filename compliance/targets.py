"""What a store is held against on one day besides its plans: prices, promotions, market, stock, scorecard.

Plain frozen values, no Django. All of it is stored with the organisation and chosen for the store and the
day of the visit; a visit assessed from files has none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ElementKind(StrEnum):
    """What a promotion asks for."""

    PRODUCT = "product"
    """Each product with the facings asked for, anywhere in the store."""
    DISPLAY = "display"
    """One of the products, with the facings asked for, in the bay of that name: a second place."""
    MATERIAL = "material"
    """A display material (POSM) of the catalogue, anywhere in the store."""
    PRICE = "price"
    """A price tag at each of the products that shows the promotion's price."""
    TAG = "tag"
    """A price tag at one of the products whose text has the words asked for."""


@dataclass(frozen=True, slots=True)
class PromotionElement:
    """One thing a promotion asks for. skus: of products or materials. facings: least number of them. bay:
    name of the display's bay. price: in the shop's currency. text: words on a tag, whatever their case."""

    kind: ElementKind
    name: str
    skus: frozenset[str] = frozenset()
    facings: int = 1
    bay: str = ""
    price: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion that runs in the store on the day of the visit. key: the caller's id for it."""

    key: str
    name: str
    elements: tuple[PromotionElement, ...]


@dataclass(frozen=True, slots=True)
class Pillar:
    """A part of a scorecard: a KPI of the whole visit, what it should reach, and how much it weighs."""

    kpi: str
    weight: float
    target: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        if not self.weight > 0 or not self.target > 0:
            raise ValueError(f"pillar {self.kpi!r}: weight and target must be above 0")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What makes a perfect store. proportional: a pillar below its target scores value / target, else 0."""

    name: str
    version: int
    pillars: tuple[Pillar, ...]
    proportional: bool = True


@dataclass(frozen=True, slots=True)
class Stock:
    """What the stock system says of a product. units: on the books. day: as text, when that was said."""

    units: float
    day: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    """Everything a store is held against on one day.

    prices: expected price by SKU; a running promotion's price stands in its place. market_shares: 0..1 by
    category and brand, brand None: all own brands together. stock: by SKU. store_sales: of the store, in any
    unit all stores share; sku_sales: by SKU, likewise. materials: SKUs that are display material and no
    products on sale: they stand on neither side of any share.
    """

    prices: dict[str, float] = field(default_factory=dict)
    promotions: tuple[Promotion, ...] = ()
    market_shares: dict[tuple[str, str | None], float] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    store_sales: float | None = None
    sku_sales: dict[str, float] = field(default_factory=dict)
    materials: frozenset[str] = frozenset()
    scorecard: Scorecard | None = None

    def identity(self) -> list[object]:
        """Plain values, in a fixed order, that differ whenever anything here does."""
        return [
            sorted(self.prices.items()),
            [
                [
                    p.key,
                    p.name,
                    [[e.kind, e.name, sorted(e.skus), e.facings, e.bay, e.price, e.text] for e in p.elements],
                ]
                for p in self.promotions
            ],
            sorted([category, brand or "", share] for (category, brand), share in self.market_shares.items()),
            sorted([sku, stock.units, stock.day] for sku, stock in self.stock.items()),
            [self.store_sales, sorted(self.sku_sales.items()), sorted(self.materials)],
            self.scorecard
            and [
                self.scorecard.name,
                self.scorecard.version,
                self.scorecard.proportional,
                [[p.kpi, p.weight, p.target] for p in self.scorecard.pillars],
            ],
        ]
