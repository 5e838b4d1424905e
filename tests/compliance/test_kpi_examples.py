"""The worked examples of docs/kpis.md, computed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from compliance.assess import assess_visit
from compliance.kpis import definitions
from compliance.types import KpiValue, VisitInput

from .scenes import PRODUCTS, bay, plan

DOCS = Path(__file__).parents[2] / "docs" / "kpis.md"
BLOCK = re.compile(r"```(plan|shelf)\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(
    r"^- `(?P<key>\w+)`(?P<scope>(?: \w+=\w+)*)(?: with (?P<options>\w+=.+?))?: "
    r"(?P<above>[\d.]+) / (?P<below>[\d.]+) = (?P<value>[\d.]+)(?P<percent> %)?"
    r"(?:, coverage (?P<coverage>\d+) %)?",
    re.MULTILINE,
)
MSL = frozenset({"A", "B", "Z"})


@dataclass(frozen=True)
class Example:
    planned: str
    shelf: str
    match: re.Match[str]

    def __str__(self) -> str:
        return self.match.group().lstrip("- ")

    @property
    def options(self) -> dict[str, object]:
        if not self.match["options"]:
            return {}
        name, _, text = self.match["options"].partition("=")
        return {name: json.loads(text) if text[0] in "{tf" else text}

    @property
    def scope(self) -> dict[str, str]:
        return dict(pair.split("=") for pair in self.match["scope"].split())

    def computed(self) -> KpiValue:
        planogram = plan(self.planned) if self.planned else None
        seen = replace(bay(self.shelf, planogram=planogram), eye_level=frozenset({0}))
        visit = VisitInput((seen,), PRODUCTS, MSL, {self.match["key"]: self.options})
        found = [k for k in assess_visit(visit).kpis if k.key == self.match["key"] and k.scope == self.scope]
        assert len(found) == 1, f"{self}: {len(found)} values"
        return found[0]


def examples() -> Iterator[Example]:
    """Every example line with the plan and shelf drawn last before it; a shelf may come without a plan."""
    text = DOCS.read_text(encoding="utf-8")
    events = sorted([*BLOCK.finditer(text), *EXAMPLE.finditer(text)], key=lambda m: m.start())
    planned, shelf, after_plan = "", "", False
    for match in events:
        if match.re is EXAMPLE:
            yield Example(planned, shelf, match)
        elif match[1] == "plan":
            planned, after_plan = match[2], True
        else:
            planned, shelf, after_plan = planned if after_plan else "", match[2], False


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
