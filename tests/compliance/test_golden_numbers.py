"""The numbers of made-up visits stay what they are, whatever is made faster or moved.

``python -m tests.compliance.test_golden_numbers`` wrote the file beside this one. Where a computation is to
change, raise the KPI's revision and write it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compliance.assess import assess_visit
from compliance.simulate import make_scene
from compliance.simulate.store import catalogue
from compliance.types import BayInput, BayPhoto, KpiValue, VisitInput

STORED = Path(__file__).with_name("golden_numbers.json")
VISITS = 6
OPTIONS: list[dict[str, dict[str, object]]] = [
    {},
    {"facing_share": {"include_gaps": True}, "osa": {"expected": "list"}},
    {"linear_share": {"include_unknown": True}, "facing_share": {"stack": "column"}},
]


def made_up(seed: int) -> VisitInput:
    """A visit of one to three bays, some of several photos, with injected events."""
    rng = np.random.default_rng(seed)
    products = catalogue(rng)
    bays = []
    for number in range(1 + seed % 3):
        shown = make_scene(100 * seed + number, products).bay
        photos = tuple(BayPhoto(f"{number}.{n}", photo.layout) for n, photo in enumerate(shown.photos))
        bays.append(BayInput(str(number), f"Bay {number}", photos, shown.planogram, 120.0, frozenset({1, 2})))
    expected = frozenset(str(sku) for sku in rng.choice(sorted(products), 30, replace=False))
    return VisitInput(tuple(bays), products, expected, OPTIONS[seed % 3])


def told(values: Iterable[KpiValue]) -> list[Any]:
    """What is kept of a KPI's values: how many, their sums, and a digest of the evidence."""
    rows = sorted(values, key=lambda value: str(value.scope))
    ends = ("numerator", "denominator", "low", "high", "expected", "coverage")
    sums = [sum(getattr(row, end) or 0.0 for row in rows) for end in ends]
    lines = [
        [round(i.weight, 6), i.sku, list(i.ref) if i.ref else None, i.bay, i.position, i.note]
        for row in rows
        for i in (*row.numerator_items, *row.denominator_items)
    ]
    return [len(rows), *sums, len(lines), hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:16]]


def numbers(seed: int) -> dict[str, list[Any]]:
    """By KPI."""
    by_key: dict[str, list[KpiValue]] = {}
    for value in assess_visit(made_up(seed)).kpis:
        by_key.setdefault(value.key, []).append(value)
    return {key: told(values) for key, values in by_key.items()}


@pytest.mark.parametrize("seed", range(VISITS))
def test_the_numbers_are_what_they_were(seed: int) -> None:
    stored = json.loads(STORED.read_text())[seed]
    found = numbers(seed)
    assert list(found) == list(stored)
    for key, (*sums, lines, digest) in found.items():
        assert sums == pytest.approx(stored[key][:-2], abs=1e-9), key
        assert [lines, digest] == stored[key][-2:], key


if __name__ == "__main__":
    stored = ",\n".join(json.dumps(numbers(seed)) for seed in range(VISITS))
    STORED.write_text(f"[\n{stored}\n]\n")
