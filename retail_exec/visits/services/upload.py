"""Taking in a photo: checked by its header, on the disk before its row, enqueued after the commit."""

from __future__ import annotations

import hashlib
from copy import copy
from datetime import datetime

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import is_naive, make_aware

from recognition.stages.decode import MAX_BYTES, PhotoHeader, UnreadablePhoto, inspect
from recognition.tasks import recognise_photo
from retail_exec.accounts.models import Membership, Role
from retail_exec.core.audit import record
from retail_exec.core.locks import lock_content
from retail_exec.core.queue import enqueue
from retail_exec.stores.models import Bay
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.pictures import forget_pictures
from retail_exec.visits.services.reassess import reassess


class RefusedPhoto(Exception):
    """The photo was not taken in. ``message`` is for the person; ``duplicate_of`` names the photo it
    repeats, which the person may not be allowed to see."""

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
    with transaction.atomic():
        lock_content(photo.organisation_id, photo.sha256)
        refuse_duplicate(photo)
        photo.file.save(f"photo.{header.format.lower()}", ContentFile(data), save=False)
        photo.save()
        enqueue(recognise_photo, photo.pk)
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


def refuse_finished(membership: Membership, visit: Visit) -> None:
    """Raise RefusedPhoto if ``visit`` is finished: its evidence is then an administrator's to change."""
    if visit.finished_at is not None and membership.role != Role.ADMINISTRATOR:
        raise RefusedPhoto("This visit is finished; only an administrator can change its photos.")


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
    if earlier is None:
        return
    if earlier.visit_id == photo.visit_id:
        message = "This photo is already part of this visit; it is counted once."
    elif earlier.visit.auditor_id == photo.visit.auditor_id:
        message = f"This photo is already part of the visit to {earlier.visit}; it is counted once."
    else:  # auditors do not see each other's visits
        message = "This photo was already uploaded in your organisation; it is counted once."
    raise RefusedPhoto(message, duplicate_of=earlier)


@transaction.atomic
def discard_photo(membership: Membership, photo: Photo) -> None:
    """Take a photo out of its visit, with its results; its file goes once the database has let go of it.

    Raises RefusedPhoto when the visit is finished and the member is no administrator.
    """
    refuse_finished(membership, photo.visit)
    record(membership, "photo.discard", photo, visit=photo.visit_id, sha256=photo.sha256)
    gone = copy(photo)
    photo.delete()
    transaction.on_commit(lambda: delete_file(gone), robust=True)
    reassess(photo.visit)


@transaction.atomic
def delete_file(photo: Photo) -> None:
    """Delete a discarded photo's file and what was made of it, unless it was uploaded again meanwhile."""
    lock_content(photo.organisation_id, photo.sha256)
    same = Photo.objects.filter(organisation_id=photo.organisation_id, sha256=photo.sha256)
    if not same.exists():
        photo.file.storage.delete(str(photo.file.name))
        forget_pictures(photo.sha256)


@transaction.atomic
def move_photo(membership: Membership, photo: Photo, bay: Bay | None) -> None:
    """Say that a photo shows another bay.

    Raises RefusedPhoto as ``discard_photo`` does, and for another store's bay.
    """
    refuse_finished(membership, photo.visit)
    if bay is not None and bay.store_id != photo.visit.store_id:
        raise RefusedPhoto("This bay belongs to another store.")
    record(membership, "photo.move", photo, bay=bay.pk if bay else None)
    Photo.objects.filter(pk=photo.pk).update(bay=bay)
    reassess(photo.visit)
