"""The worked examples of docs/kpis.md, computed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.assess import assess_visit
from compliance.kpis import definitions
from compliance.targets import (
    ElementKind,
    Pillar,
    Promotion,
    PromotionElement,
    Scorecard,
    Stock,
    Targets,
)
from compliance.types import KpiValue, VisitInput
from recognition.types import PriceTag, ShelfLayout

from .scenes import PRODUCTS, PX, ROW_PX, bay, plan

DOCS = Path(__file__).parents[2] / "docs" / "kpis.md"
BLOCK = re.compile(r"```(plan|shelf|given)\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(
    r"^- `(?P<key>\w+)`(?P<scope>(?: \w+=[\w-]+)*)(?: with (?P<options>\w+=.+?))?: "
    r"(?P<above>[\d.]+) / (?P<below>[\d.]+) = (?P<value>[\d.]+)(?P<percent> %)?"
    r"(?:, coverage (?P<coverage>\d+) %)?",
    re.MULTILINE,
)
MSL = frozenset({"A", "B", "Z"})


@dataclass(frozen=True)
class Example:
    planned: str
    shelf: str
    given: str
    match: re.Match[str]

    def __str__(self) -> str:
        return self.match.group().lstrip("- ")

    @property
    def options(self) -> dict[str, object]:
        if not self.match["options"]:
            return {}
        name, _, text = self.match["options"].partition("=")
        return {name: json.loads(text) if text[0] in "tf0123456789" else text}

    @property
    def scope(self) -> dict[str, str]:
        return dict(pair.split("=") for pair in self.match["scope"].split())

    def computed(self) -> KpiValue:
        planogram = plan(self.planned) if self.planned else None
        seen = replace(bay(self.shelf, planogram=planogram), eye_level=frozenset({0}))
        given = targets(self.given)
        seen = replace(
            seen, photos=tuple(replace(p, layout=tagged(p.layout, self.given)) for p in seen.photos)
        )
        visit = VisitInput((seen,), PRODUCTS, MSL, {self.match["key"]: self.options}, given)
        found = [k for k in assess_visit(visit).kpis if k.key == self.match["key"] and k.scope == self.scope]
        assert len(found) == 1, f"{self}: {len(found)} values"
        return found[0]


def targets(given: str) -> Targets:
    """The figures of an example, from YAML."""
    told = yaml.safe_load(given) or {}
    markets = {
        (*str(name).split("/"), None)[:2]: share for name, share in told.get("market shares", {}).items()
    }
    card = told.get("scorecard")
    return Targets(
        prices=told.get("prices", {}),
        promotions=tuple(
            Promotion(name, name, tuple(element(e) for e in elements))
            for name, elements in told.get("promotions", {}).items()
        ),
        market_shares=markets,
        stock={sku: Stock(units) for sku, units in told.get("stock", {}).items()},
        store_sales=told.get("store sales"),
        sku_sales=told.get("product sales", {}),
        scorecard=card
        and Scorecard(
            "Example",
            1,
            tuple(Pillar(key, p["weight"], p["target"]) for key, p in card["pillars"].items()),
            card.get("proportional", True),
        ),
    )


def element(told: dict[str, Any]) -> PromotionElement:
    return PromotionElement(
        ElementKind(told["kind"]),
        told["kind"],
        frozenset(told["products"].split()),
        told.get("facings", 1),
        told.get("bay", ""),
        told.get("price"),
        told.get("text", ""),
    )


def tagged(layout: ShelfLayout, given: str) -> ShelfLayout:
    """The layout with the price tags of an example: by shelf, one word a column; ? cannot be read."""
    tags = []
    for shelf, line in enumerate((yaml.safe_load(given) or {}).get("tags", [])):
        for column, word in enumerate(line.split()):
            if word != "_":
                box = (column * PX + 5, (shelf + 1) * ROW_PX, column * PX + 35, (shelf + 1) * ROW_PX + 8)
                price = None if word == "?" else Decimal(word)
                tags.append(PriceTag(box, box, shelf, price=price, readable=price is not None))
    return replace(layout, price_tags=tuple(tags))


def examples() -> Iterator[Example]:
    """Every example line with the plan, shelf and figures given last before it.

    A shelf may come without a plan, and begins without figures.
    """
    text = DOCS.read_text(encoding="utf-8")
    events = sorted([*BLOCK.finditer(text), *EXAMPLE.finditer(text)], key=lambda m: m.start())
    planned, shelf, given, after_plan = "", "", "", False
    for match in events:
        if match.re is EXAMPLE:
            yield Example(planned, shelf, given, match)
        elif match[1] == "given":
            given = match[2]
        elif match[1] == "plan":
            planned, after_plan = match[2], True
        else:
            planned, shelf, given, after_plan = planned if after_plan else "", match[2], "", False


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_example(example: Example) -> None:
    value = example.computed()
    assert value.numerator == pytest.approx(float(example.match["above"]), abs=0.001)
    assert value.denominator == pytest.approx(float(example.match["below"]))
    assert value.value is not None
    shown = value.value * 100 if example.match["percent"] else value.value
    assert shown == pytest.approx(float(example.match["value"]), abs=0.051)
    if example.match["coverage"]:
        assert value.coverage == pytest.approx(int(example.match["coverage"]) / 100)


def test_every_registered_kpi_has_an_example() -> None:
    keys = {example.match["key"] for example in examples()}
    assert keys == {str(definition["key"]) for definition in definitions()}
