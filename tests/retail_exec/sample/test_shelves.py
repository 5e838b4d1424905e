"""The sample's products, plans, faults and photos: what they must be, and always the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import gtin
from compliance.importers import csv
from retail_exec.sample.catalogue import OWN_BRANDS, products
from retail_exec.sample.faults import KINDS, inject, width
from retail_exec.sample.plans import CRISPS_MARKET_2, EDGE_CM, PLANS, Plan, as_csv, plan
from retail_exec.sample.schedule import WEEKS, new_plan_day, visits
from retail_exec.sample.shops import BAYS, CHAINS, SHOPS

EVERY_PLAN = pytest.mark.parametrize("chosen", [*PLANS, CRISPS_MARKET_2], ids=lambda p: p.name)
TODAY = date(2026, 3, 2)


def test_the_catalogue_is_large_enough_to_mean_something() -> None:
    specs = products()
    assert len({s.sku for s in specs}) == len({s.gtin for s in specs}) == len(specs) >= 40
    assert len({s.category for s in specs}) == 3
    assert len({s.brand for s in specs}) == 6
    assert set(OWN_BRANDS) < {s.brand for s in specs}
    assert sum(bool(s.variant_of) for s in specs) > 20  # near copies of another product


def test_gtins_are_valid_and_nobody_elses() -> None:
    assert all(gtin.is_valid(s.gtin) for s in products())
    assert all("200" <= s.gtin[:3] <= "299" for s in products())


@EVERY_PLAN
def test_a_plan_fills_its_bay_and_no_more(chosen: Plan) -> None:
    for shelf in chosen.shelves:
        used = sum(width(place) for place in shelf) + 2 * EDGE_CM
        narrowest = min(width(place) / place.wide for place in shelf)
        assert chosen.width_cm - narrowest < used <= chosen.width_cm


@EVERY_PLAN
def test_a_plan_is_a_planogram_file(chosen: Plan) -> None:
    read = csv.parse(as_csv(chosen))
    assert (read.left, read.remarks) == ((), ())
    positions = read.planograms[0].positions
    assert len(positions) == len(chosen.skus) == len(set(chosen.skus))
    for shelf in range(len(chosen.shelves)):
        row = [p for p in positions if p.shelf == shelf]
        for left, right in pairwise(row):
            assert (left.x_cm or 0) + (left.width_cm or 0) == pytest.approx(right.x_cm, abs=0.2)


def test_a_plan_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="need 24 cm more than the bay's 20 cm"):
        plan("P", "Crisps", 20, "FEN101 FEN201")


@EVERY_PLAN
@pytest.mark.parametrize("count", [0, 1, 4])
def test_every_fault_shows_and_the_rest_is_as_planned(chosen: Plan, count: int) -> None:
    found = inject(chosen, np.random.default_rng(count), count)
    at = {(f.shelf, f.position) for f in found.faults}
    assert len(at) == len(found.faults) >= min(count, 1)
    kept = {p.sku for s, row in enumerate(chosen.shelves) for i, p in enumerate(row) if (s, i) not in at}
    seen = Counter(sku for row in found.slots for sku, _, _ in row if sku)
    assert all(seen[sku] == 1 for sku in kept)
    for fault in found.faults:
        assert fault.kind in KINDS
        assert seen[fault.sku] == (0 if fault.kind in ("missing", "substituted") else 1)
        assert not fault.by or seen[fault.by] >= 1


@given(seed=st.integers(0, 10**6), count=st.integers(0, 30), number=st.integers(0, len(PLANS) - 1))
def test_no_shelf_gets_longer(seed: int, count: int, number: int) -> None:
    chosen = PLANS[number]
    specs = {s.sku: s for s in products()}
    found = inject(chosen, np.random.default_rng(seed), count)
    for planned, slots in zip(chosen.shelves, found.slots, strict=True):
        used = sum(w * specs[sku].width_cm * 1.03 if sku else w for sku, w, _ in slots)
        assert used <= sum(width(place) for place in planned) + 0.01


def test_the_products_sold_out_are_missing() -> None:
    found = inject(PLANS[0], np.random.default_rng(1), 0, ["FEN102"])
    assert [(f.kind, f.sku) for f in found.faults] == [("missing", "FEN102")]


def test_the_schedule_is_always_the_same_and_in_the_past() -> None:
    first, again = list(visits(TODAY, WEEKS)), list(visits(TODAY, WEEKS))
    assert first == again
    assert len(first) == WEEKS * len(SHOPS)
    assert max(v.at.date() for v in first) == TODAY - timedelta(days=1)
    assert len({photo.seed for v in first for photo in v.photos}) == sum(len(v.photos) for v in first) >= 50
    assert [v.shop.code for v in visits(TODAY, 1)] == [shop.code for shop in SHOPS]


def test_the_second_plan_is_used_from_the_day_it_holds() -> None:
    for visit in visits(TODAY, WEEKS):
        plans = {photo.plan for photo in visit.photos}
        if visit.at.date() >= new_plan_day(TODAY):
            assert BAYS["Greengrove Market"]["Crisps"] not in plans
        else:
            assert CRISPS_MARKET_2 not in plans


def test_there_is_something_to_see_in_the_charts() -> None:
    def faults(chain: str, week: int) -> int:
        return sum(
            len(p.found.faults)
            for v in visits(TODAY, WEEKS)
            if (v.shop.chain, v.week) == (chain, week)
            for p in v.photos
        )

    better, worse = CHAINS
    assert faults(better, 0) > faults(better, WEEKS - 1)
    assert faults(worse, 0) < faults(worse, WEEKS - 1)
