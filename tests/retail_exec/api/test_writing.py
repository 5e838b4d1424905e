"""Visits and photos that come in through the API."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from retail_exec.visits.models import Photo, Visit
from tests import drawing
from tests import factories as make
from tests.retail_exec.world import World, client


def shelf(seed: int = 1) -> SimpleUploadedFile:
    """A drawn shelf photo."""
    data = drawing.jpeg(drawing.shelf_picture(((None, None),), seed=seed))
    return SimpleUploadedFile("shelf.jpg", data, "image/jpeg")


def test_a_visit_is_started_once_a_day(world: World) -> None:
    store = make.make_store(world.manager.organisation)
    api, url = client(world.teammate), reverse("api:visit-list")
    first, again = (api.post(url, {"store": store.pk}) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert Visit.objects.get(pk=first.json()["id"]).auditor == world.teammate.user


def test_a_visit_to_another_organisations_store_cannot_be_started(world: World) -> None:
    answer = client(world.outsider).post(reverse("api:visit-list"), {"store": world.store.pk})
    assert answer.status_code == 400
    assert "object does not exist" in answer.json()["store"][0]


def test_finishing(world: World) -> None:
    url = reverse("api:visit-finish", args=[world.visit.pk])
    assert client(world.outsider).post(url).status_code == 404
    assert client(world.teammate).post(url).status_code == 404
    assert client(world.auditor).post(url).json()["finished_at"] is not None


def test_a_photo_is_taken_in_and_enqueued(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    bay = world.store.bays.get()
    with django_capture_on_commit_callbacks() as enqueued:
        answer = client(world.auditor).post(
            reverse("api:photo-list"), {"visit": world.visit.pk, "bay": bay.pk, "file": shelf()}
        )
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["bay"]) == ("waiting", bay.pk)
    assert len(enqueued) == 1
    assert Photo.objects.get(pk=answer.json()["id"]).visit == world.visit


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 text", "PDF"),
        (b"\xff\xd8\xff\xe0", "read"),
        (b"hello, not a photo", "JPEG"),
    ],
)
def test_a_bad_file_is_refused_in_words(world: World, data: bytes, why: str) -> None:
    file = SimpleUploadedFile("shelf.jpg", data, "image/jpeg")
    answer = client(world.auditor).post(reverse("api:photo-list"), {"visit": world.visit.pk, "file": file})
    assert answer.status_code == 400
    assert why in answer.json()["detail"]
    assert Photo.objects.count() == 1


def test_the_same_photo_twice(world: World) -> None:
    api, url = client(world.auditor), reverse("api:photo-list")
    first = api.post(url, {"visit": world.visit.pk, "file": shelf()})
    again = api.post(url, {"visit": world.visit.pk, "file": shelf()})
    assert again.status_code == 409
    assert again.json()["duplicate_of"] == first.json()["id"]


def test_a_photo_of_another_auditors_visit_is_not_told_of(world: World) -> None:
    url = reverse("api:photo-list")
    first = client(world.auditor).post(url, {"visit": world.visit.pk, "file": shelf()}).json()
    other = make.make_visit(world.teammate, world.store)
    again = client(world.teammate).post(url, {"visit": other.pk, "file": shelf()})
    assert (again.status_code, again.json()["duplicate_of"]) == (409, None)
    assert (
        again.json()["detail"] == "This photo was already uploaded in your organisation; it is counted once."
    )
    seen = client(world.manager).post(url, {"visit": other.pk, "file": shelf()})
    assert seen.json()["duplicate_of"] == first["id"]


@pytest.mark.parametrize("who", ["teammate", "outsider"])
def test_nobody_adds_a_photo_to_somebody_elses_visit(world: World, who: str) -> None:
    answer = client(getattr(world, who)).post(
        reverse("api:photo-list"), {"visit": world.visit.pk, "file": shelf()}
    )
    assert answer.status_code == 400
    assert "visit" in answer.json()
    assert Photo.objects.count() == 1


def test_a_bay_of_another_store_is_refused(world: World) -> None:
    bay = make.make_store(world.manager.organisation).bays.get()
    answer = client(world.auditor).post(
        reverse("api:photo-list"), {"visit": world.visit.pk, "bay": bay.pk, "file": shelf()}
    )
    assert answer.status_code == 400
    assert answer.json()["detail"] == "This bay belongs to another store."
