"""The CSV downloads: who gets them, what is in them, and that a spreadsheet is safe with them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import BayResult, KpiResult
from recognition.models import Facing
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Sku
from retail_exec.reports.columns import (
    AVAILABILITY,
    AVAILABILITY_STORES,
    FACINGS,
    KPIS,
    SPELLS,
    TASKS,
    Column,
)
from retail_exec.reports.csv import safe
from retail_exec.reports.queries import current_kpis, pooled
from retail_exec.visits.models import Photo
from tests import factories as make
from tests import results
from tests.retail_exec.world import World
from tests.retail_exec.world import client as api_client

NAMES = ["facings", "kpis"]


def browser(member: Membership) -> Client:
    """The member, signed in."""
    client = Client()
    client.force_login(member.user)
    return client


def download(member: Membership, name: str, **asked: object) -> list[dict[str, str]]:
    """The rows of a download."""
    answer = browser(member).get(reverse(f"reports:{name}"), asked)
    assert answer.status_code == 200
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", NAMES)
def test_who_gets_what(world: World, name: str) -> None:
    url = reverse(f"reports:{name}")
    assert len(download(world.manager, name)) == 3
    assert download(world.outsider, name) == []
    assert browser(world.auditor).get(url).status_code == 403
    assert browser(world.teammate).get(url).status_code == 403
    assert "login" in Client().get(url).headers["Location"]


@pytest.mark.parametrize("name", NAMES)
def test_the_file_opens_in_a_spreadsheet(world: World, name: str) -> None:
    answer = browser(world.manager).get(reverse(f"reports:{name}"))
    assert answer.streaming
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="{name}-{timezone.localdate()}.csv"' in answer.headers["Content-Disposition"]
    assert answer.getvalue().startswith(b"\xef\xbb\xbfvisit,date,store_code,")


def test_facings_say_what_was_seen_where(world: World) -> None:
    Facing.objects.filter(index=0).update(verdict="product", verdict_sku=world.skus[3])
    rows = download(world.manager, "facings")
    assert list(rows[0]) == [column.name for column in FACINGS]
    first = rows[0]
    assert (first["sku"], first["recognised_sku"]) == (world.skus[3].code, world.skus[0].code)
    assert (first["corrected"], first["shelf"], first["position"]) == ("product", "0", "0")
    assert (first["store"], first["chain"], first["bay"]) == (world.store.name, "Greengrove", "Crisps 1")
    assert (first["brand"], first["own"]) == ("Rivermill", "0")
    assert float(first["x2"]) > float(first["x1"])


def test_facings_say_what_the_assessment_made_of_them(world: World) -> None:
    kpi = KpiResult.objects.get(key="facing_share")
    kpi.denominator_refs = kpi.denominator_refs[1:]
    kpi.save()
    run = world.photo.runs.get().pk
    BayResult.objects.update(
        resolved=[{"run": run, "index": index, "sku": world.skus[3].code} for index in (1, 2)]
    )
    Facing.objects.filter(index=2).update(verdict="product", verdict_sku=world.skus[0])
    rows = download(world.manager, "facings")
    assert [(row["counted"], row["by_plan"], row["plan_sku"]) for row in rows] == [
        ("no", "0", ""),
        ("yes", "1", world.skus[3].code),
        ("yes", "0", ""),
    ]
    listed = api_client(world.manager).get(reverse("api:facing-list")).json()["results"]
    names = ("counted", "verified_by_expectation", "plan_sku")
    assert [tuple(row[name] for name in names) for row in listed] == [
        (False, False, ""),
        (True, True, world.skus[3].code),
        (True, False, ""),
    ]
    one = api_client(world.manager).get(reverse("api:facing-detail", args=[listed[1]["id"]])).json()
    assert one["plan_sku"] == world.skus[3].code


def test_a_replaced_assessment_says_nothing_of_facings(world: World) -> None:
    results.make_assessment(world.visit)
    assert {row["counted"] for row in download(world.manager, "facings")} == {"no"}


def test_photos_that_are_not_recognised_have_no_facings(world: World) -> None:
    Photo.objects.filter(pk=world.photo.pk).update(state="failed")
    assert download(world.manager, "facings") == []


def test_an_unknown_facing_has_no_product(world: World) -> None:
    Facing.objects.filter(index=0).update(status="unknown", sku=None)
    assert download(world.manager, "facings")[0]["sku"] == ""


def test_kpis_tell_products_and_sections_apart(world: World) -> None:
    scopes = [{"sku": sku.code} for sku in world.skus[:2]]
    scopes += [{"bay": str(world.photo.bay_id)}, {"bay": f"photo:{world.photo.pk}"}]
    for scope in scopes:
        KpiResult.objects.create(
            assessment=world.visit.assessments.get(current=True),
            key="sku_availability",
            bay_id=world.photo.bay_id if scope.get("bay", "").isdigit() else None,
            scope=scope,
            numerator=1,
            denominator=1,
            value=1,
        )
    rows = download(world.manager, "kpis", key="sku_availability")
    assert [(row["section"], row["bay"], row["sku"]) for row in rows] == [
        ("", "", world.skus[0].code),
        ("", "", world.skus[1].code),
        (str(world.photo.bay_id), "Crisps 1", ""),
        (f"photo:{world.photo.pk}", "No bay chosen", ""),
    ]
    listed = api_client(world.manager).get(reverse("api:kpiresult-list"), {"key": "sku_availability"})
    assert [row["scope"] for row in listed.json()["results"]] == scopes


def test_what_cannot_be_measured_is_empty(world: World) -> None:
    rows = download(world.manager, "kpis")
    assert list(rows[0]) == [column.name for column in KPIS]
    by_key = {row["kpi"]: row for row in rows}
    assert by_key["eye_level"]["value"] == ""
    assert float(by_key["osa"]["value"]) == 0.75


def test_download_api_and_query_say_the_same(world: World) -> None:
    rows = {row["kpi"]: row["value"] for row in download(world.manager, "kpis")}
    answer = api_client(world.manager).get(reverse("api:kpiresult-list")).json()["results"]
    assert rows == {kpi["key"]: "" if kpi["value"] is None else str(kpi["value"]) for kpi in answer}


def test_the_same_filters_as_everywhere(world: World) -> None:
    old = make.make_visit(world.auditor, world.store, at=timezone.now() - timedelta(days=10))
    results.make_assessment(old, kpis=[("osa", 1, 4)])
    today = timezone.localdate()
    assert len(download(world.manager, "kpis")) == 4
    assert len(download(world.manager, "kpis", date_from=today)) == 3
    assert len(download(world.manager, "kpis", key="osa", channel="modern")) == 2
    assert download(world.manager, "kpis", channel="general") == []
    assert len(download(world.manager, "facings", brand=world.skus[0].brand_id)) == 2
    assert (
        len(download(world.manager, "facings", category=world.skus[0].category_id, store=world.store.pk)) == 3
    )


def test_a_wrong_filter_is_named(world: World) -> None:
    answer = browser(world.manager).get(reverse("reports:kpis"), {"date_from": "soon", "store": 10**9})
    assert answer.status_code == 400
    assert answer.content.decode().splitlines() == [
        "date_from: Enter a valid date.",
        "store: Select a valid choice. That choice is not one of the available choices.",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_runs_as_a_formula(world: World, text: str) -> None:
    Sku.objects.filter(pk=world.skus[0].pk).update(name=text)
    assert download(world.manager, "facings")[0]["product"] == f"'{text}"
    assert safe(-1.5) == -1.5


@pytest.mark.parametrize("name", NAMES)
def test_few_queries_however_long(
    world: World, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        store = make.make_store(world.manager.organisation)
        skus = make.make_skus(world.manager.organisation, count=2)
        visit = make.make_visit(world.auditor, store)
        results.make_run(make.make_photo(visit, store.bays.first(), [skus]), [skus])
        results.make_assessment(visit, kpis=[("osa", 2, 3)])
    client = browser(world.manager)
    with django_assert_max_num_queries(6):  # session, person, membership, rows; what assessments made of them
        rows = client.get(reverse(f"reports:{name}")).getvalue().decode().splitlines()
    assert len(rows) > 6


def test_pooling_adds_up_both_sides(world: World) -> None:
    other = make.make_visit(world.auditor, world.store)
    results.make_assessment(other, kpis=[("osa", 1, 6), ("eye_level", 0, 0)])
    found = {row["key"]: row for row in pooled(current_kpis(world.manager), "key")}
    assert found["osa"]["pooled_value"] == pytest.approx(4 / 10)
    assert found["osa"]["numerator_sum"] == 4
    assert found["eye_level"]["pooled_value"] is None
    assert KpiResult.objects.filter(key="osa").count() == 2


@pytest.mark.parametrize(
    "columns",
    [FACINGS, KPIS, TASKS, SPELLS, AVAILABILITY, AVAILABILITY_STORES],
    ids=[*NAMES, "tasks", "spells", "availability", "stores"],
)
def test_every_column_is_described(columns: list[Column]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "downloads.md").read_text(encoding="utf-8")
    assert [c.name for c in columns if f"| `{c.name}` | {c.meaning} |" not in text] == []
