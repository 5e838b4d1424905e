"""The overview's sums: the numbers of the results themselves, split every way there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from retail_exec.dashboards import queries, sums
from retail_exec.dashboards.filters import DIMENSIONS, MEASURES
from retail_exec.dashboards.tiles import tiles
from retail_exec.reports.queries import pooled
from retail_exec.visits.models import Visit
from tests.compliance.visits import Shops, shops
from tests.retail_exec.dashboards.visits import signed_in

pytestmark = pytest.mark.django_db
PLACES = {"store": "store", "chain": "store__chain", "region": "store__region", "auditor": "auditor"}


@pytest.fixture
def places() -> Shops:
    found = shops(3)
    for number, seen in enumerate(([0, 1, 2, 3], [0, None, 2, 5], [1, 0, None, 3], [4, 5], [0, 1, 2, 3])):
        found.visit(number % 2, seen, days_ago=9 * number, auditor=number % 2)
    return found


def asked(places: Shops, **more: Any) -> queries.Asked:
    return queries.Asked(places.manager, Visit.objects.filter(organisation=places.organisation), **more)


@pytest.mark.parametrize("measure", MEASURES)
def test_sums_are_those_of_the_results(places: Shops, measure: str) -> None:
    sku = places.skus[0]
    for narrower in ({}, {"category": sku.category}, {"brand": sku.brand}):
        chosen = asked(places, **narrower)
        for name, path in PLACES.items():
            if narrower and "brand" in narrower and measure != "osa":
                continue  # A brand counts against visits that did not see it, which have no results of it.
            there = {
                row[f"assessment__visit__{path}"]: row["pooled_value"]
                for row in pooled(queries.results(chosen, measure), f"assessment__visit__{path}")
            }
            here = {row["pk"]: row["value"] for row in sums.by(chosen, measure, name)}
            assert here == pytest.approx(there), (narrower, name)
            assert here or narrower


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("measure", ["facing_share", "osa", "planogram_strict"])
def test_every_split_leads_to_its_evidence(places: Shops, measure: str, dimension: str) -> None:
    client = signed_in(places.manager)
    chosen = {"measure": measure, "by": dimension}
    assert client.get(reverse("dashboards:overview"), chosen).status_code == 200
    rows = sums.by(asked(places), measure, dimension)
    assert bool(rows) == (measure != "planogram_strict" or dimension not in ("brand", "sku"))
    for row in rows:
        evidence = client.get(reverse("dashboards:evidence"), {"measure": measure, dimension: row["pk"]})
        assert b"list-row" in evidence.content or not row["numerator"], row


def test_products_add_up_to_their_brands(places: Shops) -> None:
    by_sku = sums.by(asked(places), "facing_share", "sku")
    by_brand = sums.by(asked(places), "facing_share", "brand")
    assert sum(row["value"] for row in by_brand) == pytest.approx(1)
    assert sum(row["numerator"] for row in by_sku) == sum(row["numerator"] for row in by_brand)


@pytest.mark.parametrize(("step", "points"), [("day", 5), ("week", 2), ("month", 1)])
def test_time_is_split_by_day_week_or_month(places: Shops, step: str, points: int) -> None:
    found = sums.over_time(asked(places), step)["facing_share"]
    assert len(found) >= points
    assert (
        sum(row["denominator"] for row in found) == sums.pool(asked(places), "facing_share")[0]["denominator"]
    )


def test_a_number_says_how_far_it_speaks_for_all_stores(places: Shops) -> None:
    tile = tiles(asked(places))[0]
    assert (tile.stores, tile.of_stores) == (2, 3)
    assert tile.low is not None
    assert tile.high is not None
    assert tile.value is not None
    assert tile.low <= tile.value <= tile.high
    # The visit whose shelf follows another plan is not assessed: nothing of its own plan is in view.
    assert tile.coverage == pytest.approx(4 / 5)
    page = signed_in(places.manager).get(reverse("dashboards:overview")).content.decode()
    assert "2 of 3 stores" in page
    assert "All stores:" in page
