"""The planogram pages: who may see and upload, the drawing, and what is said of a file."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import Planogram, PlanogramFile
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
    assert 'class="errorlist"' in send(analyst, "name,price\nsoap,2\n")
    assert Planogram.objects.count() == before


def test_another_organisations_bay_cannot_be_chosen(world: World, analyst: Client) -> None:
    theirs = make_store(world.outsider.organisation).bays.get()
    page = send(analyst, f"planogram,shelf,position,sku\nX,0,0,{world.skus[0].code}\n", bays=[theirs.pk])
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
