"""One photo from claim to saved run."""

from __future__ import annotations

import logging

from recognition.services.layouts import save_layout
from recognition.services.pipelines import pipeline_for
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
    photo = claim(Photo.objects.select_related("visit", "bay"), photo_id)
    if photo is None:
        return None
    try:
        layout = _recognise(photo)
    except UnreadablePhoto as error:
        return finish(photo, WorkState.REFUSED, str(error)) or None
    except Exception as error:
        log.exception("recognition of photo %s failed", photo_id)
        why = (
            f"Recognition failed three times ({type(error).__name__}: {error}). An administrator should look."
        )
        return False if fail(photo, why) == WorkState.WAITING else None
    return _save(photo, layout)


def _recognise(photo: Photo) -> ShelfLayout:
    with photo.file.open("rb") as file:
        data = file.read()
    width_cm = photo.bay.width_cm if photo.bay else None
    return pipeline_for(photo.organisation_id).run(data, width_cm)


def _save(photo: Photo, layout: ShelfLayout) -> bool | None:
    if not layout.quality.usable:
        return finish(photo, WorkState.REFUSED, " ".join(layout.quality.problems)) or None
    if save_layout(photo, layout) is None:
        return None
    Photo.objects.filter(pk=photo.pk).update(hints=list(layout.quality.problems))
    if not finish(photo, WorkState.DONE):
        return None
    reassess(photo.visit)
    return True
