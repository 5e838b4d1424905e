"""Taking in a photo: checked by its header, on the disk before its row, enqueued after the commit."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.timezone import is_naive, make_aware

from recognition.stages.decode import MAX_BYTES, PhotoHeader, UnreadablePhoto, inspect
from recognition.tasks import recognise_photo
from retail_exec.accounts.models import Membership
from retail_exec.core.audit import record
from retail_exec.core.queue import enqueue
from retail_exec.stores.models import Bay
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.reassess import reassess


class RefusedPhoto(Exception):
    """The photo was not taken in. ``message`` is for the person; ``duplicate_of`` names the photo it
    repeats."""

    def __init__(self, message: str, duplicate_of: Photo | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.duplicate_of = duplicate_of


def upload_photo(visit: Visit, upload: File, bay: Bay | None) -> Photo:
    """Store one photo of ``visit`` and enqueue its recognition.

    Raises RefusedPhoto when the file is too large, no readable picture, already uploaded, the visit is
    finished or the bay belongs to another store.
    """
    if visit.finished_at is not None:
        raise RefusedPhoto("This visit is finished. Start a new one to add photos.")
    if bay is not None and bay.store_id != visit.store_id:
        raise RefusedPhoto("This bay belongs to another store.")
    data = read(upload)
    header = check(data)
    photo = Photo(
        organisation_id=visit.organisation_id,
        visit=visit,
        bay=bay,
        name=(upload.name or "photo").rsplit("/", 1)[-1][-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        width=header.width,
        height=header.height,
        taken_at=with_zone(header.taken_at),
    )
    refuse_duplicate(photo)
    photo.file.save(f"photo.{header.format.lower()}", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            photo.save()
            enqueue(recognise_photo, photo.pk)
    except IntegrityError:  # the same photo came in twice at the same moment
        refuse_duplicate(photo)
        raise
    return photo


def read(upload: File) -> bytes:
    """The upload's bytes, refused by size before they are read."""
    if upload.size > MAX_BYTES:
        raise RefusedPhoto(
            f"The file has {upload.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted. "
            "Choose a smaller photo size in the camera."
        )
    upload.seek(0)
    return bytes(upload.read())


def check(data: bytes) -> PhotoHeader:
    """The photo's header, or RefusedPhoto in the words of what is wrong with it."""
    try:
        return inspect(data)
    except UnreadablePhoto as error:
        raise RefusedPhoto(str(error)) from error


def with_zone(moment: datetime | None) -> datetime | None:
    """A camera's time without an offset is taken as local time."""
    return make_aware(moment) if moment is not None and is_naive(moment) else moment


def refuse_duplicate(photo: Photo) -> None:
    """Raise RefusedPhoto if the organisation has this very file already."""
    earlier = (
        Photo.objects.filter(organisation_id=photo.organisation_id, sha256=photo.sha256)
        .select_related("visit__store")
        .first()
    )
    if earlier is not None:
        where = "this visit" if earlier.visit_id == photo.visit_id else f"the visit to {earlier.visit}"
        raise RefusedPhoto(
            f"This photo is already part of {where}; it is counted once.", duplicate_of=earlier
        )


@transaction.atomic
def discard_photo(membership: Membership, photo: Photo) -> None:
    """Take a photo out of its visit, with its results; its file goes once the database has let go of it."""
    visit, storage, name = photo.visit, photo.file.storage, str(photo.file.name)
    record(membership, "photo.discard", photo, visit=visit.pk, sha256=photo.sha256)
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name), robust=True)
    reassess(visit)


@transaction.atomic
def move_photo(membership: Membership, photo: Photo, bay: Bay | None) -> None:
    """Say that a photo shows another bay. Raises RefusedPhoto for another store's bay."""
    if bay is not None and bay.store_id != photo.visit.store_id:
        raise RefusedPhoto("This bay belongs to another store.")
    record(membership, "photo.move", photo, bay=bay.pk if bay else None)
    Photo.objects.filter(pk=photo.pk).update(bay=bay)
    reassess(photo.visit)
