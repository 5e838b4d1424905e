"""The pages of a visit: who sees what, what they say, and how few queries they need."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from recognition.models import Facing
from retail_exec.accounts.models import Membership
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Photo, Visit
from tests.drawing import jpeg, shelf_picture
from tests.factories import make_photo, make_store, make_visit
from tests.results import make_run
from tests.retail_exec.world import World

QUERIES_FOR_A_LIST = 12
QUERIES_FOR_A_VISIT = 22


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def pages(world: World) -> list[str]:
    """Every page that shows something of the visit."""
    facing = Facing.objects.filter(run__photo=world.photo).first()
    assessment = world.visit.assessments.get(current=True)
    gap = world.photo.runs.get(current=True).gaps.first()
    assert facing is not None
    assert gap is not None
    return [
        reverse("visits:visit", args=[world.visit.pk]),
        reverse("visits:work", args=[world.visit.pk]),
        reverse("visits:bay", args=[world.visit.pk, world.store.bays.get().pk]),
        reverse("visits:photo", args=[world.photo.pk]),
        reverse("visits:picture", args=[world.photo.pk, "small"]),
        reverse("visits:facing", args=[facing.pk]),
        reverse("visits:facing_crop", args=[facing.pk]),
        reverse("visits:gap", args=[gap.pk]),
        reverse("visits:kpi", args=[assessment.kpis.first().pk]),
        reverse("visits:out_of_stock", args=[assessment.out_of_stock.get().pk]),
        reverse("visits:position", args=[assessment.positions.first().pk]),
    ]


def actions(world: World) -> list[str]:
    facing = Facing.objects.filter(run__photo=world.photo).first()
    assert facing is not None
    return [
        reverse("visits:upload", args=[world.visit.pk]),
        reverse("visits:finish", args=[world.visit.pk]),
        reverse("visits:move", args=[world.photo.pk]),
        reverse("visits:discard", args=[world.photo.pk]),
        reverse("visits:correct", args=[facing.pk]),
        reverse("visits:start", args=[world.store.pk]),
    ]


@pytest.mark.parametrize("who", ["auditor", "manager"])
def test_the_organisation_sees_every_page(world: World, who: str) -> None:
    client = signed_in(getattr(world, who))
    answers = {page: client.get(page).status_code for page in pages(world)}
    assert set(answers.values()) <= {200, 302}, answers


def test_another_auditor_and_another_organisation_get_404(world: World) -> None:
    for who in (world.teammate, world.outsider):
        client = signed_in(who)
        assert {client.get(page).status_code for page in pages(world)} == {404}


def test_another_organisation_can_do_nothing(world: World) -> None:
    client = signed_in(world.outsider)
    photo = SimpleUploadedFile("shelf.jpg", b"x", "image/jpeg")
    found = {action: client.post(action, {"photo": photo}).status_code for action in actions(world)}
    assert set(found.values()) == {404}
    assert Photo.objects.filter(pk=world.photo.pk).exists()


def test_a_stranger_signs_in_first(world: World) -> None:
    answer = Client().get(reverse("visits:visit", args=[world.visit.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_the_start_page_is_the_auditors_day_and_the_office_overview(world: World) -> None:
    day = signed_in(world.auditor).get(reverse("visits:home"))
    assert world.store.name in day.content.decode()
    office = signed_in(world.manager).get(reverse("visits:home"))
    assert office["Location"] == reverse("dashboards:overview")


def test_a_store_is_found_by_words_of_its_name_and_chain(world: World) -> None:
    make_store(world.auditor.organisation, "Hilltop", chain="Corner & Co")
    client = signed_in(world.auditor)
    found = client.get(reverse("visits:stores"), {"q": "corner hill"}).content.decode()
    assert "Hilltop" in found
    assert world.store.name not in found
    assert "No store matches" in client.get(reverse("visits:stores"), {"q": "nowhere"}).content.decode()


def test_a_store_tells_of_visits_the_member_may_see(world: World) -> None:
    url = reverse("visits:stores")
    assert "Your last visit" in signed_in(world.auditor).get(url).content.decode()
    teammate = signed_in(world.teammate).get(url).content.decode()
    assert "Not visited by you yet" in teammate
    assert "ast visit" not in teammate
    assert "Last visit" in signed_in(world.manager).get(url).content.decode()


def test_starting_a_visit_opens_it(world: World) -> None:
    store = make_store(world.auditor.organisation)
    answer = signed_in(world.auditor).post(reverse("visits:start", args=[store.pk]))
    visit = Visit.objects.get(store=store)
    assert answer["Location"] == reverse("visits:visit", args=[visit.pk])


def upload(client: Client, visit: Visit, data: bytes, **more: object) -> object:
    file = SimpleUploadedFile("shelf.jpg", data, "image/jpeg")
    return client.post(reverse("visits:upload", args=[visit.pk]), {"photo": file, **more})


def test_a_photo_is_taken_in_once(world: World) -> None:
    client = signed_in(world.auditor)
    data = jpeg(shelf_picture([[world.skus[0]]], seed=99))
    bay = world.store.bays.get()
    first = upload(client, world.visit, data, bay=bay.pk)
    again = upload(client, world.visit, data, bay=bay.pk)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["photo"] == again.json()["photo"]
    photo = Photo.objects.get(pk=first.json()["photo"])
    assert (photo.bay, photo.state) == (bay, WorkState.WAITING)


@pytest.mark.parametrize(("data", "words"), [(b"%PDF-1.7", "PDF"), (b"\xff\xd8\xff\xe0short", "damaged")])
def test_a_refusal_says_what_is_wrong(world: World, data: bytes, words: str) -> None:
    answer = upload(signed_in(world.auditor), world.visit, data)
    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_an_upload_without_a_file_is_refused(world: World) -> None:
    answer = signed_in(world.auditor).post(reverse("visits:upload", args=[world.visit.pk]))
    assert answer.status_code == 422
    assert "No file arrived" in answer.json()["message"]


def test_another_stores_bay_is_refused(world: World) -> None:
    other = make_store(world.auditor.organisation).bays.get()
    data = jpeg(shelf_picture([[world.skus[1]]], seed=98))
    answer = upload(signed_in(world.auditor), world.visit, data, bay=other.pk)
    assert answer.status_code == 422
    assert "another store" in answer.json()["message"]


def test_each_state_says_what_it_means(world: World) -> None:
    visit = make_visit(world.auditor, make_store(world.auditor.organisation))
    make_photo(visit, state=WorkState.RUNNING)
    make_photo(visit, state=WorkState.REFUSED, problem="The photo is blurred.")
    make_photo(visit, state=WorkState.QUARANTINED, problem="Set aside: never finished.")
    page = signed_in(world.auditor).get(reverse("visits:visit", args=[visit.pk])).content.decode()
    for words in ("Recognising", "The photo is blurred.", "Take it again", "Set aside: never finished."):
        assert words in page


def test_the_page_asks_again_only_while_work_runs(world: World) -> None:
    client = signed_in(world.auditor)
    url = reverse("visits:work", args=[world.visit.pk])
    assert "every 1500ms" not in client.get(url).content.decode()
    make_photo(world.visit, world.store.bays.get())
    assert "every 1500ms" in client.get(url).content.decode()


def test_results_come_with_the_states_only_when_they_are_new(world: World) -> None:
    client = signed_in(world.auditor)
    url = reverse("visits:work", args=[world.visit.pk])
    page = client.get(reverse("visits:visit", args=[world.visit.pk])).content.decode()
    seen = page.split("?seen=")[1].split('"')[0]
    assert "hx-swap-oob" not in client.get(url, {"seen": seen}).content.decode()
    assert "hx-swap-oob" in client.get(url, {"seen": "0-waiting"}).content.decode()


def test_the_results_show_kpis_and_what_is_missing(world: World) -> None:
    page = signed_in(world.auditor).get(reverse("visits:visit", args=[world.visit.pk])).content.decode()
    assert "66.7 %" in page
    assert "2 of 3" in page
    assert world.skus[3].name in page


def test_evidence_names_the_products_and_shows_the_crops(world: World) -> None:
    kpi = world.visit.assessments.get(current=True).kpis.get(key="facing_share")
    page = signed_in(world.auditor).get(reverse("visits:kpi", args=[kpi.pk])).content.decode()
    for sku in world.skus[:3]:
        assert sku.name in page
    assert page.count('class="crop"') == 2 + 3


def test_a_zero_denominator_is_said_not_to_be_zero(world: World) -> None:
    kpi = world.visit.assessments.get(current=True).kpis.get(key="eye_level")
    page = signed_in(world.auditor).get(reverse("visits:kpi", args=[kpi.pk])).content.decode()
    assert "not measurable" in page
    assert "0.0 %" not in page


def test_finishing_closes_the_visit(world: World) -> None:
    client = signed_in(world.auditor)
    client.post(reverse("visits:finish", args=[world.visit.pk]))
    world.visit.refresh_from_db()
    assert world.visit.finished_at is not None
    assert "Add photos" not in client.get(reverse("visits:visit", args=[world.visit.pk])).content.decode()


def test_moving_and_discarding_a_photo(world: World) -> None:
    client = signed_in(world.auditor)
    client.post(reverse("visits:move", args=[world.photo.pk]), {"bay": ""})
    world.photo.refresh_from_db()
    assert world.photo.bay is None
    client.post(reverse("visits:discard", args=[world.photo.pk]))
    assert not Photo.objects.filter(pk=world.photo.pk).exists()


def test_more_visits_and_photos_cost_no_more_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.auditor)
    for _ in range(4):
        visit = make_visit(world.auditor, world.store)
        make_photo(visit, world.store.bays.get())
    for seed in range(4):
        rows = [world.skus[:2], [world.skus[seed % 4], None]]
        make_run(make_photo(world.visit, world.store.bays.get(), rows), rows)
    with django_assert_max_num_queries(QUERIES_FOR_A_LIST):
        client.get(reverse("visits:list"))
    with django_assert_max_num_queries(QUERIES_FOR_A_LIST):
        client.get(reverse("visits:home"))
    with django_assert_max_num_queries(QUERIES_FOR_A_VISIT):
        page = client.get(reverse("visits:visit", args=[world.visit.pk])).content.decode()
    assert page.count('class="photo card"') == 5
