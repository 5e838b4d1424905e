"""The sample's visits: each photo is drawn, its truth noted, and sent the way an auditor's photo is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import localtime
from PIL import Image

from recognition.training.render.scene import render_scene
from retail_exec.accounts.models import Organisation, User
from retail_exec.core.models import WorkState
from retail_exec.sample.catalogue import products
from retail_exec.sample.organisation import last_day, sample_folder
from retail_exec.sample.schedule import PlannedPhoto, PlannedVisit, visits
from retail_exec.sample.shops import AUDITOR
from retail_exec.stores.models import Store
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.upload import upload_photo

TAKEN_AT, TAKEN_OFFSET, EXIF = 0x9003, 0x9011, 0x8769
PHOTO_SIZE = (1500, 1125)
VISIT_MINUTES = 20


def truth_file() -> Path:
    """What is wrong on each photo: by SHA-256 of the photo, the list of its faults."""
    return sample_folder() / "truth.json"


def missing_photos(organisation: Organisation, weeks: int) -> list[tuple[PlannedVisit, PlannedPhoto]]:
    """The photos of the last ``weeks`` weeks' visits that have not been sent yet, oldest first."""
    sent = set(
        Photo.objects.filter(organisation=organisation).values_list(
            "visit__store__code", "visit__started_at", "bay__name"
        )
    )
    return [
        (visit, photo)
        for visit in visits(last_day(organisation), weeks)
        for photo in visit.photos
        if (visit.shop.code, visit.at, photo.bay) not in sent
    ]


def upload(organisation: Organisation, weeks: int) -> Iterator[Photo]:
    """Send the missing photos, one after the other."""
    truth = json.loads(truth_file().read_text()) if truth_file().exists() else {}
    for planned, photo in missing_photos(organisation, weeks):
        taken = planned.at + timedelta(minutes=5 * (1 + planned.photos.index(photo)))
        data = draw(photo, taken)
        sent = _send(organisation, planned, photo, data, taken)
        truth[sent.sha256] = photo.found.as_json()
        part = truth_file().with_suffix(".part")
        part.write_text(json.dumps(truth, indent=1))
        part.replace(truth_file())
        yield sent


def draw(photo: PlannedPhoto, taken: datetime) -> bytes:
    """The photo as a JPEG file with the time it was taken."""
    scene = render_scene(
        photo.seed,
        catalogue=products(),
        plan=photo.found.slots,
        size=PHOTO_SIZE,
        quality="phone",
        bay_width=photo.plan.width_cm,
    )
    local = localtime(taken)
    exif = Image.Exif()
    offset = local.strftime("%z")
    exif.get_ifd(EXIF).update(
        {TAKEN_AT: local.strftime("%Y:%m:%d %H:%M:%S"), TAKEN_OFFSET: f"{offset[:3]}:{offset[3:]}"}
    )
    out = io.BytesIO()
    Image.fromarray(scene.image).save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


@transaction.atomic
def _send(
    organisation: Organisation, planned: PlannedVisit, photo: PlannedPhoto, data: bytes, taken: datetime
) -> Photo:
    store = Store.objects.get(organisation=organisation, code=planned.shop.code)
    visit, _ = Visit.objects.get_or_create(
        organisation=organisation,
        store=store,
        auditor=User.objects.get(email=AUDITOR),
        started_at=planned.at,
        defaults={"state": WorkState.DONE},
    )
    sent = upload_photo(
        visit,
        ContentFile(data, name=f"{planned.shop.code}-{photo.bay.lower()}.jpg"),
        store.bays.get(name=photo.bay),
    )
    Photo.objects.filter(pk=sent.pk).update(uploaded_at=taken)
    if photo is planned.photos[-1]:
        Visit.objects.filter(pk=visit.pk).update(finished_at=planned.at + timedelta(minutes=VISIT_MINUTES))
    return sent
