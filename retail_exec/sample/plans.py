"""The sample's planograms: which products stand in which bay, as the CSV a user would import."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.importers import csv
from compliance.importers.values import ImportedPlanogram, ImportedPosition
from retail_exec.sample.catalogue import CHOCOLATE, CRISPS, DRINKS, by_code

SPACING = 1.03
"""Room a unit takes, part of its width; the renderer leaves as much."""
EDGE_CM = 2.0
SHELF_CM = 9.0
"""Board and free height above the products of a shelf."""
STACKABLE_CM = 12.5
"""Products lower than this stand two high."""


@dataclass(frozen=True, slots=True)
class Place:
    """One planned product place; see compliance.types.PlannedPosition."""

    sku: str
    wide: int
    high: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a category's bay. shelves: top to bottom, each left to right."""

    name: str
    category: str
    width_cm: float
    shelves: tuple[tuple[Place, ...], ...]

    @property
    def skus(self) -> list[str]:
        """All planned SKUs."""
        return [place.sku for shelf in self.shelves for place in shelf]


def plan(name: str, category: str, width_cm: float, *shelves: str) -> Plan:
    """A plan from shelves written as SKU codes; facings are dealt out until a shelf is full."""
    return Plan(name, category, width_cm, tuple(_filled(shelf.split(), width_cm) for shelf in shelves))


def _filled(codes: list[str], width_cm: float) -> tuple[Place, ...]:
    wide = dict.fromkeys(codes, 1)
    room = width_cm - 2 * EDGE_CM - sum(_width(code) for code in codes)
    if room < 0:
        raise ValueError(f"{' '.join(codes)} need {-room:.0f} cm more than the bay's {width_cm:.0f} cm")
    while fitting := [code for code in codes if _width(code) <= room]:
        code = min(fitting, key=lambda c: (wide[c], codes.index(c)))
        wide[code] += 1
        room -= _width(code)
    return tuple(Place(code, count, _high(code)) for code, count in wide.items())


def _width(code: str) -> float:
    return by_code()[code].width_cm * SPACING


def _high(code: str) -> int:
    return 2 if by_code()[code].height_cm < STACKABLE_CM else 1


CRISPS_MARKET = plan(
    "Crisps, market", CRISPS, 164,
    "TAV201 TAV202 TAV203 KEL101 KEL102", "FEN101 FEN102 FEN103", "FEN104 FEN105 TAV101 TAV102",
    "FEN201 FEN202 TAV103 TAV104",
)  # fmt: skip
CRISPS_MARKET_2 = plan(
    "Crisps, market", CRISPS, 164,
    "TAV201 TAV202 TAV203 KEL101 KEL102", "FEN101 FEN103 FEN104", "FEN102 FEN105 TAV101 TAV102",
    "FEN202 FEN201 TAV103 TAV104",
)  # fmt: skip
CHOCOLATE_MARKET = plan(
    "Chocolate, market", CHOCOLATE, 140,
    "OSK101 OSK102 OSK103 OSK104 OSK105", "OSK201 OSK202 KEL201", "ZIM101 ZIM102 ZIM103 ZIM104",
    "KEL202 KEL203",
)  # fmt: skip
CRISPS_CORNER = plan(
    "Crisps, corner shop", CRISPS, 124,
    "TAV201 TAV202 KEL101", "FEN101 FEN103 TAV101", "FEN104 TAV102 TAV103",
)  # fmt: skip
DRINKS_CORNER = plan(
    "Soft drinks, corner shop", DRINKS, 118,
    "LUM201 LUM202 LUM203", "LUM101 LUM102 LUM103 LUM104", "ZIM201 ZIM202 ZIM203 ZIM204",
    "TAV301 TAV302 TAV303",
)  # fmt: skip
PLANS = (CRISPS_MARKET, CHOCOLATE_MARKET, CRISPS_CORNER, DRINKS_CORNER)
"""The plans in force at the start; ``CRISPS_MARKET_2`` replaces the first one later."""


def as_csv(plan: Plan) -> bytes:
    """The plan as a planogram CSV, one row a position, in centimetres from the bay's top left corner."""
    positions = []
    floor = 0.0
    for shelf, places in enumerate(plan.shelves):
        floor, x = (
            floor + SHELF_CM + max(by_code()[place.sku].height_cm * place.high for place in places),
            EDGE_CM,
        )
        for position, place in enumerate(places):
            spec = by_code()[place.sku]
            width, height = place.wide * _width(place.sku), place.high * spec.height_cm
            positions.append(
                ImportedPosition(
                    shelf,
                    position,
                    gtin=spec.gtin.zfill(14),
                    facings_wide=place.wide,
                    facings_high=place.high,
                    x_cm=round(x, 1),
                    y_cm=round(floor - height, 1),
                    width_cm=round(width, 1),
                    height_cm=round(height, 1),
                )
            )
            x += width
    return csv.export([ImportedPlanogram(plan.name, plan.category, tuple(positions))])
