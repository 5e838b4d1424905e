"""What the lists say, how they are filtered, and how few queries they take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import KpiResult
from recognition.models import Facing
from retail_exec.stores.models import Channel
from tests import factories as make
from tests import results
from tests.retail_exec.world import World, client

CEILING = {
    "visit": 5,
    "photo": 5,
    "facing": 7,
    "kpiresult": 5,
    "outofstock": 6,
    "store": 6,
    "sku": 5,
    "planogram": 6,
}
"""Queries: key, its use noted, count, rows, and related rows or results in bulk."""


@pytest.mark.parametrize("name", CEILING)
def test_a_list_takes_few_queries_however_long(
    world: World, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        store = make.make_store(world.manager.organisation)
        skus = make.make_skus(world.manager.organisation, count=3)
        results.make_planogram(world.manager.organisation, list(store.bays.all()), [skus])
        visit = make.make_visit(world.auditor, store)
        results.make_run(make.make_photo(visit, store.bays.first(), [skus]), [skus])
        results.make_assessment(visit, kpis=[("osa", 2, 3)], missing=skus[:1])
    api = client(world.manager)
    with django_assert_max_num_queries(CEILING[name]):
        rows = api.get(reverse(f"api:{name}-list")).json()["results"]
    assert len(rows) >= 4


def test_a_visit_says_how_far_it_is(world: World) -> None:
    make.make_photo(world.visit)
    visit = client(world.auditor).get(reverse("api:visit-detail", args=[world.visit.pk])).json()
    assert (visit["photos"], visit["photos_done"], visit["state"]) == (2, 1, "done")
    assert visit["store_name"] == world.store.name


def test_a_correction_counts_more_than_the_recogniser(world: World) -> None:
    first, second = Facing.objects.order_by("index")[:2]
    Facing.objects.filter(pk=first.pk).update(verdict="product", verdict_sku=world.skus[3])
    Facing.objects.filter(pk=second.pk).update(verdict="not_a_product")
    facings = (
        client(world.auditor).get(reverse("api:facing-list"), {"photo": world.photo.pk}).json()["results"]
    )
    assert [f["sku"] for f in facings] == [world.skus[3].code, world.skus[2].code]
    assert facings[0]["recognised_sku"] == world.skus[0].code
    assert facings[0]["candidates"][0].keys() == {"sku", "similarity", "packshot"}


def test_facings_are_filtered_by_the_product_that_counts(world: World) -> None:
    first = Facing.objects.order_by("index").first()
    assert first is not None
    Facing.objects.filter(pk=first.pk).update(verdict="product", verdict_sku=world.skus[3])
    api, url = client(world.auditor), reverse("api:facing-list")
    assert api.get(url, {"sku": world.skus[0].pk}).json()["count"] == 0
    assert api.get(url, {"sku": world.skus[3].pk}).json()["count"] == 1
    brand = world.skus[3].brand
    assert api.get(url, {"brand": brand.pk}).json()["count"] == 2
    assert api.get(url, {"category": world.skus[0].category.pk}).json()["count"] == 3
    assert api.get(url, {"status": "unknown"}).json()["count"] == 0


def test_a_kpi_alone_brings_its_evidence(world: World) -> None:
    share = KpiResult.objects.get(key="facing_share")
    found = client(world.manager).get(reverse("api:kpiresult-detail", args=[share.pk])).json()
    assert found["value"] == pytest.approx(2 / 3)
    assert [item["photo"] for item in found["numerator_items"]] == [world.photo.pk] * 2
    assert len(found["denominator_items"]) == 3
    listed = (
        client(world.manager).get(reverse("api:kpiresult-list"), {"key": "facing_share"}).json()["results"]
    )
    assert "numerator_items" not in listed[0]


def test_what_cannot_be_measured_is_null(world: World) -> None:
    found = client(world.manager).get(reverse("api:kpiresult-list"), {"key": "eye_level"}).json()["results"]
    assert [kpi["value"] for kpi in found] == [None]


def test_only_the_newest_assessment_counts(world: World) -> None:
    results.make_assessment(world.visit, kpis=[("osa", 1, 4)])
    found = client(world.manager).get(reverse("api:kpiresult-list")).json()["results"]
    assert [(kpi["key"], kpi["value"]) for kpi in found] == [("osa", 0.25)]
    assert client(world.manager).get(reverse("api:outofstock-list")).json()["count"] == 0


def test_visits_by_day_and_place(world: World) -> None:
    elsewhere = make.make_store(
        world.manager.organisation, chain="Corner", region="South", channel=Channel.GENERAL
    )
    old = make.make_visit(world.auditor, elsewhere, at=timezone.now() - timedelta(days=10))
    api, url = client(world.manager), reverse("api:visit-list")
    today = timezone.localdate()

    def found(**asked: object) -> set[int]:
        return {row["id"] for row in api.get(url, asked).json()["results"]}

    assert found() == {world.visit.pk, old.pk}
    assert found(date_from=today) == {world.visit.pk}
    assert found(date_to=today - timedelta(days=10)) == {old.pk}
    assert found(date_from=today - timedelta(days=10), date_to=today - timedelta(days=1)) == {old.pk}
    assert (
        found(channel="general")
        == found(region=elsewhere.region.pk)
        == found(chain=elsewhere.chain.pk)
        == {old.pk}
    )
    assert found(store=world.store.pk) == {world.visit.pk}
    assert found(state="waiting") == {old.pk}


def test_a_wrong_filter_is_refused_with_its_name(world: World) -> None:
    answer = client(world.manager).get(reverse("api:kpiresult-list"), {"date_from": "yesterday"})
    assert answer.status_code == 400
    assert answer.json() == {"date_from": ["Enter a valid date."]}


def test_a_planogram_alone_brings_its_positions(world: World) -> None:
    plan = client(world.manager).get(reverse("api:planogram-detail", args=[world.planogram.pk])).json()
    assert [(p["shelf"], p["position"], p["sku"]) for p in plan["positions"]] == [
        (0, 0, world.skus[0].code),
        (0, 1, world.skus[1].code),
        (1, 0, world.skus[2].code),
        (1, 1, world.skus[3].code),
    ]


def test_pages(world: World) -> None:
    make.make_visit(world.auditor, world.store)
    page = client(world.manager).get(reverse("api:visit-list"), {"page_size": 1}).json()
    assert page["count"] == 2
    assert len(page["results"]) == 1
    assert "page=2" in page["next"]
