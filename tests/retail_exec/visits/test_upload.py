"""Taking in photos: what is refused, in which words, and that nothing else suffers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from django.utils import timezone
from PIL import Image

from retail_exec.accounts.models import Role
from retail_exec.core.models import AuditEvent, WorkState
from retail_exec.core.storage import DurableStorage
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.upload import (
    RefusedPhoto,
    delete_file,
    discard_photo,
    move_photo,
    upload_photo,
)
from retail_exec.visits.services.visits import finish_visit, start_visit
from tests.factories import make_member, make_organisation, make_store, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    organisation = make_organisation()
    return make_visit(make_member(organisation), make_store(organisation))


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "teal", exif: bytes = b""
) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, exif=exif)
    return out.getvalue()


def upload(visit: Visit, data: bytes, name: str = "shelf.jpg") -> Photo:
    return upload_photo(visit, ContentFile(data, name=name), None)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_on_the_disk_and_waiting(visit: Visit, kind: str) -> None:
    data = picture(kind)
    photo = upload(visit, data, f"../../shelf.{kind.lower()}")
    assert photo.state == WorkState.WAITING
    assert (photo.width, photo.height, photo.size) == (64, 48, len(data))
    assert Path(photo.file.path).read_bytes() == data
    assert photo.name == f"shelf.{kind.lower()}"
    assert photo.sha256 in photo.file.name


def test_a_sideways_camera_gives_the_upright_size(visit: Visit) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = upload(visit, picture(exif=exif.tobytes()))
    assert (photo.width, photo.height) == (48, 64)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 not a photo at all", "PDF"),
        (b"GIF89a" + bytes(40), "GIF"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 12, "damaged|read"),
        (b"x" * 25_000_001, "MB"),
    ],
)
def test_bad_files_are_refused_in_words_and_leave_nothing(visit: Visit, data: bytes, words: str) -> None:
    with pytest.raises(RefusedPhoto, match=words):
        upload(visit, data)
    assert not Photo.objects.filter(visit=visit).exists()


def test_a_pixel_bomb_is_refused_by_its_header(visit: Visit) -> None:
    bomb = picture("PNG", (9000, 7000), "white")
    assert len(bomb) < 1_000_000
    with pytest.raises(RefusedPhoto, match="megapixels"):
        upload(visit, bomb)


def test_the_same_photo_is_counted_once_in_an_organisation(visit: Visit) -> None:
    data = picture()
    first = upload(visit, data)
    with pytest.raises(RefusedPhoto, match="already part of this visit") as refusal:
        upload(visit, data, "copy.jpg")
    assert refusal.value.duplicate_of == first
    elsewhere = make_organisation()
    other = upload(make_visit(make_member(elsewhere), make_store(elsewhere)), data)
    assert other.sha256 == first.sha256
    assert Path(first.file.path) != Path(other.file.path)


def test_only_an_own_visit_is_named_to_who_repeats_a_photo(visit: Visit) -> None:
    data, organisation = picture(), visit.organisation
    upload(visit, data)
    own = make_visit(visit.auditor.memberships.get(), make_store(organisation))
    with pytest.raises(RefusedPhoto, match=f"the visit to {visit.store.name}"):
        upload(own, data)
    other = make_visit(make_member(organisation), visit.store)
    with pytest.raises(RefusedPhoto, match="already uploaded in your organisation") as refusal:
        upload(other, data)
    assert visit.store.name not in refusal.value.message


def test_a_finished_visit_takes_no_photo(visit: Visit) -> None:
    finish_visit(visit)
    with pytest.raises(RefusedPhoto, match="finished"):
        upload(visit, picture())


def test_a_visit_is_named_by_the_day_it_was_on_where_it_is_shown(visit: Visit) -> None:
    visit.started_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert str(visit).endswith("02 Mar 2026")


def test_a_bay_of_another_store_is_refused(visit: Visit) -> None:
    elsewhere = make_store(visit.organisation)
    with pytest.raises(RefusedPhoto, match="another store"):
        upload_photo(visit, ContentFile(picture(), name="a.jpg"), elsewhere.bays.get())
    photo = upload(visit, picture())
    member = visit.auditor.memberships.get()
    with pytest.raises(RefusedPhoto, match="another store"):
        move_photo(member, photo, elsewhere.bays.get())
    move_photo(member, photo, visit.store.bays.get())
    photo.refresh_from_db()
    assert photo.bay == visit.store.bays.get()


def test_a_discarded_photo_goes_with_its_file_and_is_noted(
    visit: Visit, django_capture_on_commit_callbacks: object
) -> None:
    photo = upload(visit, picture())
    path = Path(photo.file.path)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        discard_photo(visit.auditor.memberships.get(), photo)
    assert not Photo.objects.filter(visit=visit).exists()
    assert not path.exists()
    assert AuditEvent.objects.filter(action="photo.discard", organisation=visit.organisation).count() == 1


def test_a_finished_visits_photos_are_an_administrators_to_change(visit: Visit) -> None:
    photo = upload(visit, picture())
    finish_visit(visit)
    auditor = visit.auditor.memberships.get()
    for change in (lambda: discard_photo(auditor, photo), lambda: move_photo(auditor, photo, None)):
        with pytest.raises(RefusedPhoto, match="finished"):
            change()
    discard_photo(make_member(visit.organisation, Role.ADMINISTRATOR), photo)
    assert not Photo.objects.filter(visit=visit).exists()


def test_a_photo_uploaded_again_keeps_its_file_when_the_first_one_is_discarded(visit: Visit) -> None:
    data = picture()
    first = upload(visit, data)
    Photo.objects.filter(pk=first.pk).delete()
    again = upload(visit, data)
    delete_file(first)
    assert Path(again.file.path).read_bytes() == data
    Photo.objects.filter(pk=again.pk).delete()
    delete_file(first)
    assert not Path(again.file.path).exists()


def test_simultaneous_writes_of_one_file_leave_it_whole() -> None:
    data, storage = picture(size=(400, 300)), DurableStorage()
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: storage.save("same.jpg", ContentFile(data)), range(64)))
    assert set(names) == {"same.jpg"}
    assert Path(storage.path("same.jpg")).read_bytes() == data
    assert not list(Path(storage.path("same.jpg")).parent.glob("*.part"))


def test_starting_a_visit_twice_is_one_visit_and_other_organisations_have_none() -> None:
    organisation = make_organisation()
    member, store = make_member(organisation), make_store(organisation)
    assert start_visit(member, store) == start_visit(member, store)
    assert start_visit(make_member(organisation), store) != start_visit(member, store)
    with pytest.raises(Http404):
        start_visit(make_member(make_organisation()), store)
