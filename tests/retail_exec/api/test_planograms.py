"""Planograms over the API: who may change them, drafts and conflicts, files in and out, assignments."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from compliance import importers
from compliance.models import Planogram, PlanogramAssignment
from retail_exec.accounts.models import Membership, Role
from tests.factories import make_member, make_store
from tests.retail_exec.world import World, client, world

__all__ = ["world"]
URL = "/api/v1/planograms/"


@pytest.fixture
def analyst(world: World) -> Membership:
    return make_member(world.auditor.organisation, Role.ANALYST)


def document(world: World, **more: Any) -> dict[str, Any]:
    places = [{"sku": sku.code, "shelf": 0} for sku in world.skus[:2]]
    return {"name": world.planogram.name, "positions": places, **more}


def put(api: APIClient, plan: int, body: dict[str, Any]) -> Any:
    return api.put(f"{URL}{plan}/", body, format="json")


def test_a_program_makes_changes_and_publishes(world: World, analyst: Membership) -> None:
    api, plan = client(analyst), world.planogram
    before = api.get(f"{URL}{plan.pk}/").json()
    made = put(api, plan.pk, document(world, state=before["state"]))
    assert (made.status_code, made.json()["version"], made.json()["draft"]) == (200, 2, True)
    draft = made.json()
    assert [p["sku"] for p in draft["positions"]] == [sku.code for sku in world.skus[:2]]
    stale = put(api, draft["id"], document(world, state="draft 0.0"))
    assert stale.status_code == 409
    assert (stale.json()["planogram"], stale.json()["state"]) == (draft["id"], draft["state"])
    assert put(api, draft["id"], document(world, state=draft["state"])).status_code == 200
    days = {"effective_from": "2026-03-01", "effective_to": "2026-02-01"}
    assert api.post(f"{URL}{draft['id']}/publish/", days, format="json").status_code == 400
    done = api.post(f"{URL}{draft['id']}/publish/", {"effective_from": "2026-03-01"}, format="json")
    assert (done.json()["draft"], done.json()["effective_from"]) == (False, "2026-03-01")
    assert api.delete(f"{URL}{draft['id']}/").status_code == 400


def test_a_new_plan_and_what_is_wrong_with_one(world: World, analyst: Membership) -> None:
    api = client(analyst)
    made = api.post(URL, document(world, name="Window"), format="json")
    assert (made.status_code, made.json()["version"], made.json()["remarks"]) == (201, 1, [])
    assert api.delete(f"{URL}{made.json()['id']}/").status_code == 204
    sent = document(world, positions=[{"sku": "unheard", "shelf": 0}])
    refused = api.post(URL, sent, format="json")
    assert refused.status_code == 400
    assert refused.json()["problems"] == [
        {
            "field": "positions[0].sku",
            "why": "the catalogue has no product with the code 'unheard'.",
            "at": 0,
        }
    ]
    assert api.post(URL, [1], format="json").status_code == 400


def test_only_curators_change_and_strangers_find_nothing(world: World, analyst: Membership) -> None:
    plan = world.planogram
    stranger = client(make_member(world.outsider.organisation, Role.ANALYST))
    for member, code in ((client(world.manager), 403), (client(world.auditor), 403), (stranger, 404)):
        assert put(member, plan.pk, document(world)).status_code == code
        assert member.post(f"{URL}{plan.pk}/publish/", {}, format="json").status_code == code
        assert member.delete(f"{URL}{plan.pk}/").status_code == code
    assert client(world.manager).get(f"{URL}{plan.pk}/export/?format=csv").status_code == 200
    for path in ("", "export/?format=csv", "losses/"):
        assert stranger.get(f"{URL}{plan.pk}/{path}").status_code == 404
    assert client(world.manager).post(f"{URL}import/").status_code == 403
    assert Planogram.objects.count() == 1


@pytest.mark.parametrize("format", ["psa", "azure", "csv"])
def test_files_go_out_and_come_in(world: World, analyst: Membership, format: str) -> None:
    api, plan = client(analyst), world.planogram
    sent = api.get(f"{URL}{plan.pk}/export/?format={format}")
    assert sent.status_code == 200
    assert importers.sniff(sent.content) == format
    assert sent["Content-Disposition"].endswith(f'{importers.FORMATS[format]}"')
    for query, code, versions in (("?dry_run=1", 200, 1), ("", 201, 2)):
        file = SimpleUploadedFile("bay.x", sent.content)
        got = api.post(f"{URL}import/{query}", {"file": file}, format="multipart")
        assert (got.status_code, got.json()["left"]) == (code, [])
        assert Planogram.objects.filter(name=plan.name).count() == versions
    assert set(api.get(f"{URL}{plan.pk}/losses/").json()) == {"psa", "azure", "csv"}


def test_a_file_that_cannot_be_read_says_where(world: World, analyst: Membership) -> None:
    file = SimpleUploadedFile("bay.csv", b"name,price\nsoap,2\n")
    got = client(analyst).post(f"{URL}import/", {"file": file}, format="multipart")
    assert (got.status_code, got.json()["line"], got.json()["field"]) == (400, 1, "header")
    assert client(analyst).get(f"{URL}{world.planogram.pk}/export/?format=xls").status_code == 404


def test_a_bay_of_another_organisation_cannot_be_named(world: World, analyst: Membership) -> None:
    theirs = make_store(world.outsider.organisation).bays.get()
    file = SimpleUploadedFile(
        "bay.csv", f"planogram,shelf,position,sku\nP,0,0,{world.skus[0].code}\n".encode()
    )
    got = client(analyst).post(f"{URL}import/", {"file": file, "bays": [theirs.pk]}, format="multipart")
    assert (got.status_code, list(got.json())) == (400, ["bays"])


def test_assignments(world: World, analyst: Membership) -> None:
    api, url = client(analyst), "/api/v1/planogram-assignments/"
    bay, chain = world.store.bays.get(), world.store.chain
    body = {"planogram": world.planogram.name, "bay": bay.name, "chain": chain.pk}
    made = api.post(url, body, format="json")
    assert (made.status_code, made.json()["chain"]) == (201, chain.pk)
    assert api.get(url).json()["count"] == 1
    theirs = make_store(world.outsider.organisation)
    for wrong, field in (
        ({"store": world.store.pk}, "non_field_errors"),
        ({"chain": None}, "non_field_errors"),
        ({"chain": theirs.chain_id}, "chain"),
        ({"bay": "Bread"}, "bay"),
        ({"planogram": "Nothing"}, "planogram"),
    ):
        got = api.post(url, {**body, **wrong}, format="json")
        assert (got.status_code, list(got.json())) == (400, [field])
    one = f"{url}{made.json()['id']}/"
    assert client(world.outsider).get(one).status_code == 404
    assert client(world.manager).delete(one).status_code == 403
    assert api.delete(one).status_code == 204
    assert not PlanogramAssignment.objects.exists()
