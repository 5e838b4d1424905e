"""Scoring a period again over the API: begun, followed, compared, adopted, discarded; and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import Assessment, Rescoring
from compliance.services.adopt import delete
from compliance.services.definitions import add_version
from compliance.services.rescore import work
from retail_exec.accounts.models import Role
from retail_exec.core.models import AuditEvent
from tests.compliance.rescorings import rescoring_of
from tests.compliance.visits import Shops, shops
from tests.factories import make_member, make_organisation
from tests.retail_exec.world import client

pytestmark = pytest.mark.django_db
URL = "/api/v1/rescorings/"
GAPS = {"facing_share": {"include_gaps": True}}


@pytest.fixture
def places() -> Shops:
    """Two visits; gaps in the denominator change the facing share of the second."""
    found = shops(2)
    found.visit(0, [0, 1, 2, 3], days_ago=3)
    found.visit(1, [0, None, 2, 3], days_ago=2)
    return found


def sent(places: Shops, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    days = {"date_from": str(today - timedelta(days=9)), "date_to": str(today)}
    return {"name": "Autumn", "definitions": add_version(places.organisation, GAPS).pk, **days, **more}


def begun(places: Shops) -> tuple[Any, Rescoring]:
    answer = client(places.manager).post(URL, sent(places), format="json")
    return answer, Rescoring.objects.get(pk=answer.json()["id"])


def test_begun_followed_compared_and_adopted(places: Shops) -> None:
    api = client(places.manager)
    answer, rescoring = begun(places)
    assert (answer.status_code, answer.json()["state"], answer.json()["visits"]) == (201, "running", 2)
    assert answer.json()["versions"] is None
    page = f"{URL}{rescoring.pk}/"
    assert "is running" not in api.get(page).json()
    assert api.post(f"{page}adopt/").json() == {
        "detail": "Only a rescoring that is ready can be adopted. This one is: Scoring."
    }
    assert api.delete(page).status_code == 409
    list(work(rescoring))
    now = api.get(page).json()
    assert (now["state"], now["progress"]["done"], now["progress"]["differing"]) == ("ready", 2, 1)
    share = next(kpi for kpi in now["kpis"] if kpi["kpi"] == "facing_share")
    assert share["change"] == pytest.approx(share["after"] - share["before"])
    assert share["change"] < 0
    stores = api.get(f"{page}stores/", {"kpi": "facing_share"}).json()
    assert stores[0]["store"] == places.stores[1].pk
    visits = api.get(f"{page}visits/", {"kpi": "facing_share"}).json()
    assert [row["store"] for row in visits["results"]] == [places.stores[1].pk]
    assert visits["results"][0]["difference"]["change"] < 0
    one = api.get(f"{page}visits/{visits['results'][0]['visit']}/", {"kpi": "facing_share"}).json()
    assert one["numerator"] == {"gone": [], "come": []}
    assert {line["kind"] for line in one["denominator"]["come"]} == {"gap"}
    assert api.post(f"{page}adopt/").json()["state"] == "adopting"
    list(work(rescoring))
    after = api.get(page).json()
    assert (after["state"], after["progress"]["adopted"]) == ("adopted", 2)
    assert set(Assessment.objects.filter(current=True).values_list("rescoring", flat=True)) == {rescoring.pk}
    actions = AuditEvent.objects.filter(actor=places.manager.user).values_list("action", flat=True)
    assert set(actions) == {"rescoring started", "rescoring adopted"}


def test_cancelled_and_discarded(places: Shops) -> None:
    api, count = client(places.manager), Assessment.objects.count()
    _, rescoring = begun(places)
    page = f"{URL}{rescoring.pk}/"
    assert api.post(f"{page}cancel/").json()["state"] == "cancelled"
    assert api.post(f"{page}cancel/").status_code == 409
    assert api.delete(page).status_code == 204
    assert api.get(page).status_code == 404
    delete(rescoring.pk)
    assert not Rescoring.objects.exists()
    assert Assessment.objects.count() == count


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"date_from": "2027-01-02", "date_to": "2027-01-01"}, "date_to", "01 Jan 2027 is before the first"),
        ({"date_to": "soon"}, "date_to", "Date has wrong format"),
        ({"store": 10**9}, "store", "object does not exist"),
        ({"versions": {"detector": "x"}}, "versions", "required"),
        (
            {"versions": dict.fromkeys(("detector", "embedder", "gallery", "pipeline"), "x")},
            "versions",
            "No photo was recognised with these versions",
        ),
    ],
)
def test_what_is_wrong_is_said(places: Shops, wrong: dict[str, Any], field: str, why: str) -> None:
    answer = client(places.manager).post(URL, sent(places, **wrong), format="json")
    assert answer.status_code == 400
    assert why in str(answer.json()[field])
    assert not Rescoring.objects.exists()


def test_a_recognition_can_be_chosen(places: Shops) -> None:
    versions = {"detector": "detector 1", "embedder": "embedder 1", "gallery": "1", "pipeline": "1"}
    answer = client(places.manager).post(URL, sent(places, versions=versions), format="json")
    assert answer.json()["versions"] == versions
    assert Rescoring.objects.get().versions == versions


def test_comparisons_need_a_known_kpi_and_store(places: Shops) -> None:
    rescoring = rescoring_of(places, GAPS)
    api, page = client(places.manager), f"{URL}{rescoring.pk}/"
    assert "expected one of osa, " in str(api.get(f"{page}stores/").json()["kpi"])
    wrong = api.get(f"{page}visits/", {"kpi": "osa", "store": "north"})
    assert (wrong.status_code, list(wrong.json())) == (400, ["store"])
    assert api.get(f"{page}visits/999999/", {"kpi": "osa"}).status_code == 404


def test_who_may(places: Shops) -> None:
    rescoring = rescoring_of(places, GAPS)
    page = f"{URL}{rescoring.pk}/"
    stranger = client(make_member(make_organisation(), Role.MANAGER))
    auditor = client(places.auditors[0])
    colleague = client(make_member(places.manager.organisation, Role.ANALYST))
    assert colleague.get(URL).json()["count"] == 1
    assert stranger.get(URL).json()["count"] == 0
    for method, url in (
        ("get", page),
        ("get", f"{page}stores/?kpi=osa"),
        ("get", f"{page}visits/?kpi=osa"),
        ("post", f"{page}adopt/"),
        ("post", f"{page}cancel/"),
        ("delete", page),
    ):
        assert getattr(stranger, method)(url).status_code == 404, url
        assert getattr(auditor, method)(url).status_code == 403, url
    assert auditor.post(URL, sent(places), format="json").status_code == 403
    theirs = stranger.post(URL, sent(places, store=places.stores[0].pk), format="json")
    assert set(theirs.json()) == {"definitions", "store"}


def test_a_list_takes_few_queries(
    places: Shops, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        rescoring_of(places, GAPS)
    api = client(places.manager)
    with django_assert_max_num_queries(5):
        assert api.get(URL).json()["count"] == 3
