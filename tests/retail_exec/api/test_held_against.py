"""Promotions and must-stock lists over the API: added, changed, removed; what is wrong, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from compliance.models import Promotion, PromotionElement
from retail_exec.accounts.models import Role
from retail_exec.catalog.models import MustStockList
from retail_exec.core.models import AuditEvent
from tests.factories import make_member
from tests.retail_exec.world import World, client

PROMOTIONS, LISTS = "/api/v1/promotions/", "/api/v1/must-stock-lists/"


@pytest.fixture
def api(world: World) -> APIClient:
    return client(make_member(world.auditor.organisation, Role.ANALYST))


def promotion(world: World, **more: Any) -> dict[str, Any]:
    codes = [sku.code for sku in world.skus[:2]]
    elements = [
        {"kind": "product", "skus": codes, "facings": 2},
        {"kind": "price", "skus": codes[:1], "price": "1.99"},
    ]
    days = {"effective_from": "2026-10-01", "effective_to": "2026-10-31"}
    return {"name": "Autumn", "chains": [world.store.chain_id], "elements": elements, **days, **more}


def must_stock(world: World, **more: Any) -> dict[str, Any]:
    codes = [sku.code for sku in world.skus[:3]]
    return {"name": "Core range", "regions": [world.store.region_id], "skus": codes, **more}


def test_a_promotion_is_added_changed_and_removed(world: World, api: APIClient) -> None:
    made = api.post(PROMOTIONS, promotion(world), format="json")
    assert made.status_code == 201
    page = f"{PROMOTIONS}{made.json()['id']}/"
    shown = api.get(page).json()
    assert shown == made.json()
    assert [e["kind"] for e in shown["elements"]] == ["product", "price"]
    assert shown["elements"][0]["skus"] == sorted(sku.code for sku in world.skus[:2])
    assert (shown["chains"], shown["stores"], shown["channel"]) == ([world.store.chain_id], [], "")
    changed = api.patch(page, {"effective_to": "2026-11-30"}, format="json").json()
    assert (changed["effective_to"], len(changed["elements"])) == ("2026-11-30", 2)
    element = {"kind": "tag", "skus": [world.skus[0].code], "text": "offer"}
    changed = api.patch(page, {"elements": [element], "stores": [world.store.pk]}, format="json").json()
    assert [e["text"] for e in changed["elements"]] == ["offer"]
    assert changed["stores"] == [world.store.pk]
    assert PromotionElement.objects.count() == 1
    assert api.delete(page).status_code == 204
    assert not Promotion.objects.exists()
    actions = AuditEvent.objects.order_by("number").values_list("action", flat=True)
    assert list(actions) == ["promotion added", "promotion changed", "promotion changed", "promotion removed"]


def test_a_must_stock_list_is_added_changed_and_removed(world: World, api: APIClient) -> None:
    made = api.post(LISTS, must_stock(world), format="json")
    assert made.status_code == 201
    page = f"{LISTS}{made.json()['id']}/"
    assert api.get(page).json()["skus"] == sorted(sku.code for sku in world.skus[:3])
    fewer = api.patch(page, {"skus": [world.skus[3].code, world.skus[3].code]}, format="json").json()
    assert fewer["skus"] == [world.skus[3].code]
    assert fewer["regions"] == [world.store.region_id]
    renamed = api.put(page, must_stock(world, name="Wide range", channel="modern"), format="json").json()
    assert (renamed["name"], renamed["channel"], len(renamed["skus"])) == ("Wide range", "modern", 3)
    assert api.delete(page).status_code == 204
    assert not MustStockList.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"elements": [{"kind": "price", "skus": ["known"]}]}, "elements", "needs the promotion's price"),
        ({"elements": [{"kind": "display", "skus": ["known"]}]}, "elements", "needs the name of its bay"),
        ({"elements": [{"kind": "tag", "skus": ["known"]}]}, "elements", "needs the words on it"),
        ({"elements": [{"kind": "product", "skus": []}]}, "elements", "may not be empty"),
        ({"elements": [{"kind": "product", "skus": ["P9999"]}]}, "elements", "no product 'P9999'"),
        ({"elements": [{"kind": "smell", "skus": ["known"]}]}, "elements", "not a valid choice"),
        ({"effective_to": "2026-09-30"}, "effective_to", "30 Sep 2026 is before the first day, 01 Oct 2026"),
        ({"chains": [10**9]}, "chains", "object does not exist"),
        ({"channel": "airport"}, "channel", "not a valid choice"),
        ({"name": ""}, "name", "may not be blank"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_stored(
    world: World, api: APIClient, wrong: dict[str, Any], field: str, why: str
) -> None:
    for element in wrong.get("elements", ()):
        element["skus"] = [world.skus[0].code if code == "known" else code for code in element["skus"]]
    answer = api.post(PROMOTIONS, promotion(world, **wrong), format="json")
    assert answer.status_code == 400
    assert why in str(answer.json()[field])
    assert not Promotion.objects.exists()


def test_a_name_is_there_once(world: World, api: APIClient) -> None:
    for url, body in ((PROMOTIONS, promotion(world)), (LISTS, must_stock(world))):
        made = api.post(url, body, format="json").json()
        again = api.post(url, body, format="json")
        assert (again.status_code, list(again.json())) == (400, ["name"])
        assert api.put(f"{url}{made['id']}/", body, format="json").status_code == 200


def test_only_curators_change_and_strangers_find_nothing(world: World, api: APIClient) -> None:
    stranger = client(make_member(world.outsider.organisation, Role.ANALYST))
    for url, body in ((PROMOTIONS, promotion(world)), (LISTS, must_stock(world))):
        page = f"{url}{api.post(url, body, format='json').json()['id']}/"
        assert client(world.manager).get(page).status_code == 200
        assert stranger.get(url).json()["count"] == 0
        for member, code in ((client(world.manager), 403), (client(world.teammate), 403), (stranger, 404)):
            assert member.put(page, body, format="json").status_code == code
            assert member.patch(page, {"name": "Ours"}, format="json").status_code == code
            assert member.delete(page).status_code == code
        assert client(world.manager).post(url, body, format="json").status_code == 403
        theirs = stranger.post(url, body, format="json")
        assert theirs.status_code == 400
        assert set(theirs.json()) & {"chains", "regions"}
