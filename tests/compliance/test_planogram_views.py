"""The planogram pages: who may see and upload, the drawing, and what is said of a file."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.importers import sniff
from compliance.models import Planogram, PlanogramAssignment, PlanogramFile
from retail_exec.accounts.models import Membership, Role
from retail_exec.visits.boards import planned_board
from tests.factories import make_member, make_organisation, make_store
from tests.retail_exec.world import World, world

__all__ = ["world"]


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def analyst(world: World) -> Client:
    return signed_in(make_member(world.auditor.organisation, Role.ANALYST))


def look(client: Client, content: str, **more: object) -> str:
    """The preview of a file."""
    file = SimpleUploadedFile("plan.csv", content.encode(), "text/csv")
    return client.post(reverse("planograms:upload"), {"file": file, **more}).content.decode()


def send(client: Client, content: str, **more: object) -> str:
    """The page after a file was looked at and brought in."""
    look(client, content, **more)
    kept = PlanogramFile.objects.first()
    assert kept is not None
    return client.post(reverse("planograms:confirm", args=[kept.pk]), more, follow=True).content.decode()


def test_the_office_sees_the_drawing_and_where_it_applies(world: World) -> None:
    page = (
        signed_in(world.manager).get(reverse("planograms:detail", args=[world.planogram.pk])).content.decode()
    )
    assert page.count('class="place"') == world.planogram.positions.count()
    assert world.store.name in page
    assert world.planogram.name in signed_in(world.manager).get(reverse("planograms:list")).content.decode()


def test_others_do_not(world: World) -> None:
    url = reverse("planograms:detail", args=[world.planogram.pk])
    assert signed_in(world.outsider).get(url).status_code == 404
    assert signed_in(world.auditor).get(url).status_code == 403
    assert signed_in(world.manager).get(reverse("planograms:upload")).status_code == 403


def test_a_file_becomes_a_planogram_for_the_chosen_bays(world: World, analyst: Client) -> None:
    bay = make_store(world.auditor.organisation).bays.get()
    sku = world.skus[0]
    page = send(analyst, f"planogram,shelf,position,sku\nEnd bay,0,0,{sku.code}\n", bays=[bay.pk])
    planogram = Planogram.objects.get(name="End bay")
    assert [position.sku for position in planogram.positions.all()] == [sku]
    assert list(planogram.bays.all()) == [bay]
    assert reverse("planograms:detail", args=[planogram.pk]) in page
    assert "applies to 1 bay, without a first day" in page
    again = send(analyst, f"planogram,shelf,position,sku\nOther bay,0,0,{sku.code}\n", bays=[bay.pk])
    assert f"applies to 1 bay, from {timezone.localdate():%d %b %Y}" in again


def test_the_pages_name_every_format_that_is_read(world: World, analyst: Client) -> None:
    page = analyst.get(reverse("planograms:upload")).content.decode()
    newcomer = signed_in(make_member(make_organisation(), Role.ANALYST))
    empty = newcomer.get(reverse("planograms:list")).content.decode()
    for word in ("CSV", "PSA", "JSON"):
        assert word in page
        assert word in empty


def test_rows_left_out_are_named(world: World, analyst: Client) -> None:
    rows = f"planogram,shelf,position,sku\nEnd bay,0,0,{world.skus[0].code}\nEnd bay,0,1,unheard-of\n"
    page = send(analyst, rows)
    assert "Left out: 1 row" in page
    assert "unheard-of" in page


def test_a_file_that_is_no_planogram_changes_nothing(world: World, analyst: Client) -> None:
    before = Planogram.objects.count()
    assert 'class="errorlist"' in look(analyst, "name,price\nsoap,2\n")
    assert Planogram.objects.count() == before


def test_another_organisations_bay_cannot_be_chosen(world: World, analyst: Client) -> None:
    theirs = make_store(world.outsider.organisation).bays.get()
    page = look(analyst, f"planogram,shelf,position,sku\nX,0,0,{world.skus[0].code}\n", bays=[theirs.pk])
    assert "Select a valid choice" in page
    assert not Planogram.objects.filter(name="X").exists()


def test_a_plan_without_sizes_stands_products_side_by_side(world: World) -> None:
    world.planogram.positions.update(x_cm=None, y_cm=None, width_cm=None, height_cm=None, facings_wide=2)
    positions = list(world.planogram.positions.select_related("sku"))
    board = planned_board(positions, {}, {})
    assert [place.box.x for place in board.places] == [0, 30, 0, 30]
    assert [len(place.cells) for place in board.places] == [2, 2, 2, 2]
    assert board.places[2].box.y > board.places[0].box.y + board.places[0].box.height
    assert board.width == 60


def test_a_preview_stores_nothing_and_shows_each_line(world: World, analyst: Client) -> None:
    rows = f"planogram,shelf,position,sku\nEnd bay,0,0,{world.skus[0].code}\nEnd bay,0,1,unheard-of\n"
    page = look(analyst, rows)
    assert not Planogram.objects.filter(name="End bay").exists()
    assert "becomes a new planogram" in page
    assert "End bay,0,1,unheard-of" in page
    kept = PlanogramFile.objects.get()
    url = reverse("planograms:confirm", args=[kept.pk])
    stranger = signed_in(make_member(world.outsider.organisation, Role.ANALYST))
    assert stranger.post(url).status_code == 404
    assert signed_in(world.manager).post(url).status_code == 403
    analyst.post(url)
    stored = Planogram.objects.get(name="End bay")
    assert stored.file == kept
    original = analyst.get(reverse("planograms:original", args=[stored.pk]))
    assert original.content.decode() == rows


def test_files_nobody_wanted_go_after_a_day(world: World, analyst: Client) -> None:
    rows = f"planogram,shelf,position,sku\nEnd bay,0,0,{world.skus[0].code}\n"
    look(analyst, rows)
    send(analyst, rows)
    PlanogramFile.objects.update(sent_at=timezone.now() - timedelta(days=2))
    look(analyst, rows)
    assert [file.planograms.count() for file in PlanogramFile.objects.order_by("pk")] == [1, 0]


@pytest.mark.parametrize("format", ["psa", "azure", "csv"])
def test_the_office_takes_files_away(world: World, format: str) -> None:
    url = reverse("planograms:download", args=[world.planogram.pk])
    manager = signed_in(world.manager)
    assert "cannot hold" in manager.get(url).content.decode()
    file = manager.get(url, {"format": format})
    assert file.headers["Content-Disposition"].startswith('attachment; filename="plan-')
    assert sniff(file.content) == format
    assert manager.get(url, {"format": "xls"}).status_code == 404
    assert signed_in(world.outsider).get(url).status_code == 404


def test_versions_are_compared(world: World, analyst: Client) -> None:
    one = world.planogram
    row = f"planogram,shelf,position,sku,facings_wide\n{one.name},0,0,{world.skus[0].code},3\n"
    send(analyst, row)
    two = Planogram.objects.get(name=one.name, version=2)
    page = analyst.get(reverse("planograms:compare", args=[two.pk])).content.decode()
    assert "1 × 1 facings become 3 × 1." in page
    assert page.count("badge change-removed") == 3
    assert (
        "Replaced by version 2" in analyst.get(reverse("planograms:detail", args=[one.pk])).content.decode()
    )
    assert signed_in(world.outsider).get(reverse("planograms:compare", args=[two.pk])).status_code == 404


def test_places_and_days_are_changed_on_the_page(world: World, analyst: Client) -> None:
    plan, chain, bay = world.planogram, world.store.chain, world.store.bays.get()

    def post(name: str, *args: int, by: Client = analyst, **sent: object) -> str:
        answer = by.post(reverse(f"planograms:{name}", args=[plan.pk, *args]), sent, follow=True)
        return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)

    stranger = signed_in(make_member(world.outsider.organisation, Role.ANALYST))
    assert post("assign", by=stranger, bay=bay.name, target=f"chain-{chain.pk}") == "404"
    assert post("assign", by=signed_in(world.manager), bay=bay.name, target=f"chain-{chain.pk}") == "403"
    assert "holds for Crisps 1 in Greengrove" in post("assign", bay="Crisps 1", target=f"chain-{chain.pk}")
    assert "has no bay called" in post("assign", bay="Bread", target=f"chain-{chain.pk}")
    assert "choose a store" in post("assign", bay="Bread", target="chain-0")
    made = PlanogramAssignment.objects.get()
    assert "no longer holds for Crisps 1" in post("take_from_bay", bay.pk)
    assert (
        "in all stores of Greengrove"
        in analyst.get(reverse("planograms:detail", args=[plan.pk])).content.decode()
    )
    assert "no longer holds" in post("unassign", made.pk)
    assert "The days are stored" in post("dates", effective_from="2026-03-01", effective_to="2026-04-01")
    assert "Must not lie before" in post("dates", effective_from="2026-03-01", effective_to="2026-02-01")
    assert "is kept" in post("discard")
    plan.refresh_from_db()
    assert (plan.effective_from, plan.effective_to) == (date(2026, 3, 1), date(2026, 4, 1))


def test_a_photo_becomes_a_draft_that_is_put_in_force(world: World, analyst: Client) -> None:
    url = reverse("planograms:from_photo", args=[world.photo.pk])
    assert signed_in(world.auditor).post(url).status_code == 403
    assert signed_in(make_member(world.outsider.organisation, Role.ANALYST)).post(url).status_code == 404
    assert url in analyst.get(reverse("visits:photo", args=[world.photo.pk])).content.decode()
    assert (
        url
        not in signed_in(world.manager).get(reverse("visits:photo", args=[world.photo.pk])).content.decode()
    )
    editor = analyst.post(url, follow=True)
    draft = Planogram.objects.get(draft=True)
    assert editor.redirect_chain[-1][0] == reverse("planograms:edit", args=[draft.pk])
    page = analyst.post(reverse("planograms:dates", args=[draft.pk]), follow=True).content.decode()
    assert "is no draft any more" in page
    world.photo.runs.all().delete()
    assert "No product is recognised" in analyst.post(url, follow=True).content.decode()


def test_the_editor_is_for_curators(world: World, analyst: Client) -> None:
    products = reverse("planograms:products")
    for url in (reverse("planograms:new"), reverse("planograms:edit", args=[world.planogram.pk]), products):
        assert analyst.get(url).status_code == 200
        assert signed_in(world.manager).get(url).status_code == 403
    assert (
        signed_in(make_member(world.outsider.organisation, Role.ANALYST))
        .get(reverse("planograms:edit", args=[world.planogram.pk]))
        .status_code
        == 404
    )
    found = analyst.get(products, {"q": world.skus[0].code}).json()["products"]
    assert [product["code"] for product in found] == [world.skus[0].code]
    copied = analyst.get(reverse("planograms:edit", args=[world.planogram.pk]), {"copy": "1"})
    assert copied.context["data"]["plan"]["name"] == f"{world.planogram.name} (copy)"
    assert copied.context["data"]["id"] is None


def test_the_list_is_found_by_name_and_costs_the_same_for_more(
    world: World, analyst: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        Planogram.objects.create(organisation=world.planogram.organisation, name=f"End {number}", draft=True)
    with django_assert_max_num_queries(8):
        page = analyst.get(reverse("planograms:list"), {"q": "end"}).content.decode()
    assert page.count('class="list-row"') == 5
    assert world.planogram.name not in page
    assert "No planogram has" in analyst.get(reverse("planograms:list"), {"q": "zzz"}).content.decode()
