"""Planograms that came in after visits were scored: those visits are counted, and scored again if wanted."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import Planogram, PlanogramFile, Rescoring
from compliance.outdated import without
from compliance.services.adopt import adopt
from compliance.services.rescore import work
from retail_exec.accounts.models import Role
from tests.compliance.visits import Shops, shops
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> Shops:
    """Three visits, nine, three and two days ago."""
    found = shops(2)
    found.visit(0, [0, 1, 2, 3], days_ago=9)
    found.visit(0, [0, 1, 2, 3], days_ago=3)
    found.visit(1, [0, 1, 2, 3], days_ago=2)
    return found


@pytest.fixture
def client(places: Shops) -> Client:
    client = Client()
    client.force_login(make_member(places.manager.organisation, Role.ANALYST).user)
    return client


def bring_in(client: Client, places: Shops, days_ago: int, rows: list[str]) -> str:
    """The page after a file was brought in for the first store's bay, in force from then on."""
    text = "\n".join(["planogram,shelf,position,sku", *rows])
    first = timezone.localdate() - timedelta(days=days_ago)
    chosen = {"bays": [places.stores[0].bays.get().pk], "effective_from": str(first)}
    file = SimpleUploadedFile("new.csv", text.encode())
    client.post(reverse("planograms:upload"), {"file": file, **chosen})
    kept = PlanogramFile.objects.latest("pk")
    answer = client.post(reverse("planograms:confirm", args=[kept.pk]), chosen, follow=True)
    return html.unescape(answer.content.decode())


def row(places: Shops, plan: str, at: int) -> str:
    return f"{plan},0,{at},{places.skus[at].code}"


def test_one_planogram_offers_to_score_its_visits_again(places: Shops, client: Client) -> None:
    page = bring_in(client, places, 5, [row(places, "New", 0), row(places, "New", 1)])
    day = timezone.localdate() - timedelta(days=3)
    link = f"{reverse('rescoring:new')}?date_from={day}&date_to={day}"
    assert "1 past visit was scored without this planogram and keeps its numbers" in page
    assert link in page
    form = html.unescape(client.get(link).content.decode())
    assert form.count(f'value="{day}"') == 2


def test_several_planograms_offer_it_once(places: Shops, client: Client) -> None:
    page = bring_in(client, places, 30, [row(places, "New", 0), row(places, "Newer", 1), "Newer,0,1,unheard"])
    assert "What came of the file" in page
    assert "2 past visits were scored without these planograms and keep their numbers" in page


def test_a_plan_of_days_to_come_changes_nothing_of_the_past(places: Shops, client: Client) -> None:
    page = bring_in(client, places, -3, [row(places, "New", 0)])
    assert "keep their numbers" not in page
    assert "keeps its numbers" not in page


def test_visits_scored_again_are_no_longer_counted(places: Shops, client: Client) -> None:
    bring_in(client, places, 5, [row(places, "New", 0), row(places, "New", 1)])
    plan = Planogram.objects.get(name="New")
    assert without([plan]).visits == 1
    found = without([plan])
    client.post(reverse("rescoring:new"), {"name": "Again", "date_from": found.first, "date_to": found.last})
    rescoring = Rescoring.objects.get()
    list(work(rescoring))
    rescoring.refresh_from_db()
    adopt(rescoring)
    list(work(rescoring))
    assert without([plan]).visits == 0
    assert without([]).visits == 0
