"""Availability and distribution by product: each store once, the same on screen, over the API and as CSV."""

from __future__ import annotations

import csv
import html
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import OutOfStock
from compliance.services.definitions import activate, add_version
from retail_exec.accounts.models import Membership, Role
from retail_exec.catalog.models import MustStockItem, MustStockList
from retail_exec.dashboards import missing, products
from retail_exec.dashboards.filters import ORDERS
from retail_exec.dashboards.queries import Asked
from retail_exec.visits.models import Visit
from tests.compliance.visits import Shops, shops
from tests.factories import make_member, make_organisation, make_store
from tests.retail_exec.world import client as api_client

pytestmark = pytest.mark.django_db
LIST, PAGE = reverse("dashboards:products"), "dashboards:product"
API = "/api/v1/product-availability/"


@pytest.fixture
def places() -> Shops:
    """Products 0 to 3 are planned in three stores; 0, 2 and 4 are own. One store lost product 1, one has
    product 4 in the place of 2, one was not visited."""
    found = shops(3)
    found.visit(0, [0, 1, 2, 3], days_ago=20)
    found.visit(0, [0, None, 2, 3], days_ago=9)
    found.visit(0, [0, None, 2, 3], days_ago=2)
    found.visit(1, [0, 1, 4, 3], days_ago=5)
    return found


def asked(places: Shops, **more: Any) -> Asked:
    return Asked(places.manager, Visit.objects.filter(organisation=places.organisation), **more)


def rows(places: Shops, **more: Any) -> dict[int, products.Availability]:
    """By the number of the product."""
    number = {sku.pk: index for index, sku in enumerate(places.skus)}
    return {number[row.sku.pk]: row for row in products.by_product(asked(places, **more))}


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def download(member: Membership, name: str, **chosen: object) -> list[dict[str, str]]:
    answer = signed_in(member).get(reverse(f"reports:{name}"), chosen)
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_each_store_counts_once_as_the_last_visit_found_it(places: Shops) -> None:
    found = rows(places)
    one = found[1]
    assert (one.stores_expected, one.stores_with, one.stores_missing, one.osa) == (2, 1, 1, 0.5)
    assert (one.not_looked_at, one.coverage) == (1, pytest.approx(2 / 3))
    assert (one.outlets, one.distribution) == (0, None)
    assert timezone.now() - one.missing_since > timedelta(days=8)
    assert (found[0].osa, found[0].distribution) == (1.0, 1.0)
    assert (found[2].outlets_with, found[2].outlets) == (1, 2)
    four = found[4]
    assert (four.osa, four.outlets_with, four.outlets, four.not_looked_at) == (None, 1, 1, 0)
    assert 5 not in found


def test_missing_places_are_those_of_the_overview(places: Shops) -> None:
    gone = missing.out_of_stock_now(asked(places))
    assert len(gone) == 2
    assert {row.pk for found in rows(places).values() for row in found.missing} == {row.pk for row in gone}


def test_a_period_in_the_past_knows_nothing_of_later_visits(places: Shops) -> None:
    day = timezone.localdate() - timedelta(days=15)
    one = rows(places, chosen={"date_to": day})[1]
    assert (one.osa, one.stores_expected, one.not_looked_at) == (1.0, 1, 2)


def test_all_stores_looked_at_leave_no_doubt_of_others(places: Shops) -> None:
    one = rows(places)[1]
    assert one.osa_low < 0.5 < one.osa_high
    places.visit(2, [0, 1, 2, 3])
    one = rows(places)[1]
    assert (one.osa_low, one.osa, one.osa_high) == (pytest.approx(2 / 3),) * 3


def test_what_is_expected_follows_lists_plans_and_definitions(places: Shops) -> None:
    row = MustStockList.objects.create(organisation_id=places.organisation, name="List")
    row.chains.add(places.stores[2].chain)
    MustStockItem.objects.create(must_stock_list=row, sku=places.skus[5])
    five = rows(places)[5]
    assert (five.osa, five.coverage, five.not_looked_in) == (None, 0.0, {places.stores[2].pk})
    activate(add_version(places.organisation, {"sku_availability": {"expected": "planogram"}}))
    assert 5 not in rows(places)


def test_the_orders_put_first_what_they_say(places: Shops) -> None:
    first = {
        order: products.by_product(asked(places), order)[0].sku
        for order in ORDERS
        if order in ("missing", "osa", "since")
    }
    assert first["since"] == places.skus[1]
    assert first["missing"] in places.skus[1:3]
    names = [row.sku.name for row in products.by_product(asked(places), "name")]
    assert names == sorted(names, key=str.casefold)


def test_what_keeps_running_out_is_named(places: Shops) -> None:
    for days_ago, seen in ((60, None), (50, 1), (40, None), (30, 1)):
        places.visit(0, [0, seen, 2, 3], days_ago=days_ago)
    one = rows(places)[1]
    assert [(repeat.store, repeat.times) for repeat in one.repeats] == [(places.stores[0], 3)]
    assert next(products.places(asked(places), [one])).times == 3
    assert products.by_product(asked(places), "repeats")[0].sku == places.skus[1]
    page = signed_in(places.manager).get(LIST).content.decode()
    assert "Keeps running out in 1" in page


def test_a_product_opens_its_stores_and_their_evidence(places: Shops) -> None:
    client = signed_in(places.manager)
    page = html.unescape(client.get(reverse(PAGE, args=[places.skus[1].pk])).content.decode())
    gone = OutOfStock.objects.filter(sku=places.skus[1], assessment__visit__store=places.stores[0])
    assert reverse("visits:out_of_stock", args=[gone.order_by("-pk").first().pk]) in page
    assert "1 of 2 stores" in page
    found = list(products.places(asked(places), [rows(places)[1]]))
    assert [(p.store, p.state) for p in found] == [
        (places.stores[0], products.State.MISSING),
        (places.stores[1], products.State.PRESENT),
        (places.stores[2], products.State.NOT_LOOKED),
    ]
    kpi = products.proofs(places.skus[1], found)[found[1].assessment]
    assert reverse("visits:kpi", args=[kpi]) in page
    assert "What counted" in client.get(reverse("visits:kpi", args=[kpi])).content.decode()
    four = products.places(asked(places), [rows(places)[4]])
    assert products.proofs(places.skus[4], four)


def test_screen_api_and_download_tell_the_same(places: Shops) -> None:
    told = {row["sku"]: row for row in download(places.manager, "availability")}
    listed = api_client(places.manager).get(API).json()
    assert listed["count"] == len(told) == len(rows(places))
    page = html.unescape(signed_in(places.manager).get(LIST).content.decode())
    for row in listed["results"]:
        line = told[row["sku"]]
        for name in ("stores_expected", "stores_with", "stores_missing", "not_looked_at", "outlets_with"):
            assert int(line[name]) == row[name]
        for name in ("osa", "osa_low", "osa_high", "coverage", "distribution"):
            assert line[name] == ("" if row[name] is None else str(row[name]))
        assert row["product"] in page
    assert "Missing in 1" in page
    one = api_client(places.manager).get(f"{API}{places.skus[1].pk}/").json()
    lines = download(places.manager, "availability_stores", sku=places.skus[1].pk)
    assert [(s["store_code"], s["state"]) for s in one["stores"]] == [
        (line["store_code"], line["state"]) for line in lines
    ]
    assert one["stores"][0]["out_of_stock"] is not None
    assert lines[0]["kind"] == one["stores"][0]["kind"] == "oos"


def test_filters_choose_stores_and_products(places: Shops) -> None:
    api = api_client(places.manager)
    second = api.get(API, {"store": places.stores[1].pk, "order": "name"}).json()
    by_sku = {row["sku"]: row for row in second["results"]}
    assert by_sku[places.skus[1].code]["osa"] == 1.0
    assert by_sku[places.skus[2].code]["osa"] == 0.0
    own = api.get(API, {"brand": places.skus[0].brand_id}).json()["results"]
    assert {row["sku"] for row in own} == {places.skus[index].code for index in (0, 2, 4)}
    wrong = api.get(API, {"order": "price"})
    assert (wrong.status_code, list(wrong.json())) == (400, ["order"])
    assert signed_in(places.manager).get(LIST, {"order": "price"}).status_code == 200


def test_who_sees_what(places: Shops) -> None:
    stranger = make_member(make_organisation(), Role.MANAGER)
    sku = places.skus[1]
    page = reverse(PAGE, args=[sku.pk])
    for url in (LIST, page, reverse("reports:availability"), reverse("reports:availability_stores")):
        assert signed_in(places.manager).get(url).status_code == 200
        assert signed_in(places.auditors[0]).get(url).status_code == 403
    assert signed_in(stranger).get(page).status_code == 404
    assert sku.name not in signed_in(stranger).get(LIST).content.decode()
    assert download(stranger, "availability") == []
    assert api_client(stranger).get(API).json()["count"] == 0
    assert api_client(stranger).get(f"{API}{sku.pk}/").status_code == 404
    assert api_client(places.manager).get(f"{API}{places.skus[5].pk}/").status_code == 404
    mine = api_client(places.auditors[0]).get(f"{API}{sku.pk}/").json()
    theirs = api_client(places.auditors[1]).get(f"{API}{sku.pk}/").json()
    assert (mine["stores_expected"], theirs["stores_expected"]) == (2, 0)


def test_more_stores_and_products_cost_no_more_queries(
    places: Shops, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(places.manager)
    urls = (LIST, reverse("reports:availability_stores"), reverse(PAGE, args=[places.skus[1].pk]))
    few = []
    for url in urls:
        with django_assert_max_num_queries(40) as counted:
            client.get(url).getvalue()
        few.append(len(counted))
    organisation = places.manager.organisation
    places.stores += [make_store(organisation, chain="More") for _ in range(3)]
    for store in places.stores[3:]:
        store.bays.get().planograms.add(*places.stores[0].bays.get().planograms.all())
    for number in (3, 4, 5):
        places.visit(number, [0, None, None, 3])
    for url, limit in zip(urls, few, strict=True):
        with django_assert_max_num_queries(limit):
            assert client.get(url).getvalue()
