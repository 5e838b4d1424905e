"""The scoring pages: who may see and change, new versions, promotions, scorecards, figures."""

from __future__ import annotations

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from compliance.models import KpiDefinitions, MarketShare, Promotion, Scorecard
from compliance.services import definition_files
from compliance.services.definitions import active_definitions, add_version
from retail_exec.accounts.models import Membership, Role
from tests.factories import make_member
from tests.retail_exec.world import World, world

__all__ = ["world"]
PAGES = ("definitions", "promotions", "scorecards", "figures")
CHANGES = ("new", "new_promotion", "new_scorecard")


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def analyst(world: World) -> Client:
    return signed_in(make_member(world.auditor.organisation, Role.ANALYST))


def text(response: object) -> str:
    return html.unescape(response.content.decode())  # type: ignore[attr-defined]


def test_who_may_look_and_who_may_change(world: World, analyst: Client) -> None:
    manager, auditor = signed_in(world.manager), signed_in(world.auditor)
    for name in PAGES:
        page = reverse(f"scoring:{name}")
        assert [c.get(page).status_code for c in (analyst, manager, auditor)] == [200, 200, 403]
    for name in CHANGES:
        page = reverse(f"scoring:{name}")
        assert [c.get(page).status_code for c in (analyst, manager, auditor)] == [200, 403, 403]
    assert manager.post(reverse("scoring:figures")).status_code == 403
    assert "Scoring" in text(manager.get(reverse("scoring:definitions")))


def test_another_organisations_rows_do_not_exist(world: World) -> None:
    stranger = signed_in(make_member(world.outsider.organisation, Role.ANALYST))
    ours = world.auditor.organisation
    row = active_definitions(ours.pk)
    promotion = Promotion.objects.create(organisation=ours, name="Ours")
    card = Scorecard.objects.create(organisation=ours, name="Ours")
    for name, pk in (
        ("version", row.pk),
        ("download", row.pk),
        ("promotion", promotion.pk),
        ("scorecard", card.pk),
    ):
        assert stranger.get(reverse(f"scoring:{name}", args=[pk])).status_code == 404
    assert stranger.post(reverse("scoring:activate", args=[row.pk])).status_code == 404
    assert stranger.post(reverse("scoring:remove_promotion", args=[promotion.pk])).status_code == 404
    assert "Ours" not in text(stranger.get(reverse("scoring:promotions")))


def test_definitions_explain_every_kpi_and_count_older_results(world: World, analyst: Client) -> None:
    page = text(analyst.get(reverse("scoring:definitions")))
    assert "Own facings divided by all facings of the category" in page
    assert "Perfect store" in page
    assert "1 visit still shows results of another version" in page


def test_a_new_version_shows_what_changes_before_it_is_stored(world: World, analyst: Client) -> None:
    page = analyst.get(reverse("scoring:new"))
    given = {f.html_name: f.value() for kpi in page.context["kpis"] for f in kpi.fields}
    given = {name: value for name, value in given.items() if value is not False}
    changed = {**given, "facing_share.stack": "column", "note": "Stacks once", "activate": "on"}
    looked = text(analyst.post(reverse("scoring:new"), changed))
    assert "<td>stack</td><td>all</td><td><strong>column</strong></td>" in looked
    assert KpiDefinitions.objects.count() == 1
    stored = text(analyst.post(reverse("scoring:new"), {**changed, "confirm": "1"}, follow=True))
    assert "Version 2 is stored. New results use it." in stored
    active = active_definitions(world.auditor.organisation_id)
    assert (active.options, active.note) == ({"facing_share": {"stack": "column"}}, "Stacks once")
    assert active.created_by is not None
    wrong = text(analyst.post(reverse("scoring:new"), {**changed, "price_compliance.tolerance": "-1"}))
    assert "Something below cannot be used" in wrong
    first = KpiDefinitions.objects.get(version=1)
    assert "How it differs from version 2" in text(analyst.get(reverse("scoring:version", args=[first.pk])))
    analyst.post(reverse("scoring:activate", args=[first.pk]))
    assert active_definitions(world.auditor.organisation_id) == first


def test_a_file_goes_out_and_comes_back(world: World, analyst: Client) -> None:
    row = add_version(world.auditor.organisation_id, {"osa": {"expected": "list"}}, "Lists only")
    for form in ("yaml", "json"):
        response = analyst.get(reverse("scoring:download", args=[row.pk]), {"format": form})
        assert definition_files.read(response.content).options["osa"] == {"expected": "list"}
    assert analyst.get(reverse("scoring:download", args=[row.pk]), {"format": "xml"}).status_code == 404
    file = SimpleUploadedFile("kpis.json", response.content)
    looked = text(analyst.post(reverse("scoring:upload"), {"file": file}))
    assert "<td>both</td><td><strong>list</strong></td>" in looked
    assert 'value="Lists only"' in looked
    bad = SimpleUploadedFile("kpis.yaml", b"format: kpi-definitions/1\nkpis: {osb: {}}")
    refused = analyst.post(reverse("scoring:upload"), {"file": bad})
    assert refused.status_code == 400
    assert "kpis.osb: found an unknown KPI" in text(refused)
    assert analyst.post(reverse("scoring:upload")).status_code == 400


def formset(prefix: str, *rows: dict[str, object]) -> dict[str, object]:
    told = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return told | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def test_a_promotion_is_added_changed_and_removed(world: World, analyst: Client) -> None:
    code = world.skus[0].code
    element = {"kind": "price", "codes": code, "facings": 1}
    new = reverse("scoring:new_promotion")
    given = {"name": "Autumn", "effective_from": "2026-11-20", "effective_to": "2026-11-01"}
    wrong = text(analyst.post(new, {**given, **formset("elements", element)}))
    assert "before it starts on" in wrong
    assert "needs the promotion's price" in wrong
    unknown = formset("elements", {**element, "codes": "nothing", "price": "1.99"})
    given["effective_to"] = "2026-11-30"
    assert "The catalogue has no product nothing." in text(analyst.post(new, {**given, **unknown}))
    assert not Promotion.objects.exists()
    analyst.post(new, {**given, **formset("elements", {**element, "price": "1.99"})})
    row = Promotion.objects.get()
    assert [sku.code for sku in row.elements.get().skus.all()] == [code]
    assert code in text(analyst.get(reverse("scoring:promotion", args=[row.pk])))
    assert "There is another promotion" in text(analyst.post(new, {**given, **formset("elements", {})}))
    assert "Autumn" in text(signed_in(world.manager).get(reverse("scoring:promotions")))
    analyst.post(reverse("scoring:remove_promotion", args=[row.pk]))
    assert not Promotion.objects.exists()


def test_a_scorecard_changes_by_a_new_version(world: World, analyst: Client) -> None:
    new = reverse("scoring:new_scorecard")
    given = {"name": "Shops", "proportional": "on"}
    twice = formset("form", *[{"kpi": "osa", "weight": 50, "percent": 95}] * 2)
    assert "can be a pillar once" in text(analyst.post(new, {**given, **twice}))
    analyst.post(new, {**given, **formset("form", {"kpi": "osa", "weight": 50, "percent": 95})})
    first = Scorecard.objects.get()
    assert first.pillars.get().target == 0.95
    page = text(analyst.get(reverse("scoring:scorecard", args=[first.pk])))
    assert 'value="95.0"' in page
    changed = formset("form", {"kpi": "osa", "weight": 60, "percent": 100})
    analyst.post(reverse("scoring:scorecard", args=[first.pk]), {**given, **changed})
    assert sorted(Scorecard.objects.values_list("version", flat=True)) == [1, 2]
    assert first.pillars.get().weight == 50
    listed = text(analyst.get(reverse("scoring:scorecards")))
    assert "version 2" in listed
    assert "On-shelf availability" in listed


def test_figures_are_uploaded(world: World, analyst: Client) -> None:
    file = SimpleUploadedFile(
        "m.csv", b"category,brand,from,share\nCrisps,,2026-01-01,45%\nNuts,,2026-01-01,1%\n"
    )
    page = text(analyst.post(reverse("scoring:figures"), {"file": file}))
    assert "Stored 1 market shares; 1 row left out." in page
    assert "found 'Nuts', which is not known." in page
    assert "45.0 %" in page
    assert MarketShare.objects.get().organisation == world.auditor.organisation
    none = text(analyst.post(reverse("scoring:figures"), {"file": SimpleUploadedFile("m.csv", b"a\n1\n")}))
    assert "expected category, from, share" in none


def test_the_api_lists_stores_and_activates(world: World, analyst: Client) -> None:
    page = reverse("api:kpidefinitions-list")
    first = active_definitions(world.auditor.organisation_id)
    assert [row["version"] for row in analyst.get(page).json()["results"]] == [1]
    bad = analyst.post(page, {"format": "kpi-definitions/1", "kpis": {"osb": {}}}, "application/json")
    assert bad.status_code == 400
    assert "unknown KPI" in bad.json()["errors"][0]
    body = {"format": "kpi-definitions/1", "kpis": {"osa": {"options": {"expected": "list"}}}}
    assert signed_in(world.manager).post(page, body, "application/json").status_code == 403
    stored = analyst.post(page, body, "application/json").json()
    assert (stored["version"], stored["active"]) == (2, False)
    activated = analyst.post(reverse("api:kpidefinitions-activate", args=[stored["id"]])).json()
    assert (activated["active"], activated["visits_with_another"]) == (True, 1)
    first.refresh_from_db()
    assert not first.active
    Promotion.objects.create(organisation=world.auditor.organisation, name="Autumn")
    assert analyst.get(reverse("api:promotion-list")).json()["results"][0]["name"] == "Autumn"
    outsider = signed_in(world.outsider)
    assert outsider.get(reverse("api:promotion-list")).json()["results"] == []
    assert outsider.get(reverse("api:scorecard-list")).json()["results"] == []
