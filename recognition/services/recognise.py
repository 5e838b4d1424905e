"""One photo from claim to saved run."""

from __future__ import annotations

import logging

from django.db import transaction

from recognition.services.layouts import save_layout
from recognition.services.pipelines import active_gallery, pipeline_for
from recognition.stages.decode import UnreadablePhoto
from recognition.types import ShelfLayout
from retail_exec.core.claims import claim, fail, finish
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Photo
from retail_exec.visits.services.reassess import reassess

log = logging.getLogger(__name__)


def recognise_claimed(photo_id: int) -> bool | None:
    """Recognise the photo if it is free.

    True: done, or refused for good. False: failed and waiting for another try. None: nothing to do here
    (gone, done, someone else's, or set aside).
    """
    _prepare(photo_id)
    photo = claim(Photo.objects.select_related("visit", "bay"), photo_id)
    if photo is None:
        return None
    try:
        layout = _recognise(photo)
    except UnreadablePhoto as error:
        return _refuse(photo, str(error))
    except Exception as error:
        log.exception("recognition of photo %s failed", photo_id)
        why = (
            f"Recognition failed three times ({type(error).__name__}: {error}). An administrator should look."
        )
        return False if fail(photo, why) == WorkState.WAITING else None
    return _save(photo, layout)


def _prepare(photo_id: int) -> None:
    """Make the gallery before the claim: embedding a whole catalogue may outlast a photo's lease."""
    owner = Photo.objects.filter(pk=photo_id).values_list("organisation_id", flat=True).first()
    if owner is not None:
        try:
            active_gallery(owner)
        except Exception:  # it will fail again under the claim, where attempts are counted
            log.exception("the gallery for photo %s cannot be made", photo_id)


def _recognise(photo: Photo) -> ShelfLayout:
    with photo.file.open("rb") as file:
        data = file.read()
    width_cm = photo.bay.width_cm if photo.bay else None
    return pipeline_for(photo.organisation_id).run(data, width_cm)


def _save(photo: Photo, layout: ShelfLayout) -> bool | None:
    if not layout.quality.usable:
        return _refuse(photo, " ".join(layout.quality.problems))
    with transaction.atomic():  # a worker killed in here has done nothing, and the photo is done again
        if save_layout(photo, layout) is None:
            return None
        Photo.objects.filter(pk=photo.pk).update(hints=list(layout.quality.problems))
        finish(photo, WorkState.DONE)
        reassess(photo.visit)
    return True


def _refuse(photo: Photo, why: str) -> bool | None:
    """Leave the photo out for good, and out of the visit's numbers if an earlier run is in them."""
    with transaction.atomic():
        refused = finish(photo, WorkState.REFUSED, why)
        if refused and photo.runs.exists():
            reassess(photo.visit)
    return refused or None
