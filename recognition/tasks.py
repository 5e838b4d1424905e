"""Background work of recognition: ids in, a service called, a vanished row is a quiet return."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.db import connection

from recognition.services.adaptation import abandoned, adapt_gallery
from recognition.services.galleries import refresh_gallery
from recognition.services.learn import learn_now
from recognition.services.moves import behind, move_gallery
from recognition.services.recognise import recognise_claimed
from recognition.services.warm_up import warm_up
from retail_exec.accounts.models import Organisation
from retail_exec.core.claims import requeue_lost
from retail_exec.visits.models import Photo


@worker_process_init.connect
def make_ready(**kwargs: Any) -> None:
    """Every worker process has the models at hand before its first photo."""
    warm_up()
    connection.close()


@shared_task
def recognise_photo(photo_id: int) -> None:
    """Recognise one photo, if nobody else does; a failed attempt is tried again later."""
    if recognise_claimed(photo_id) is False:
        recognise_photo.apply_async((photo_id,), countdown=5)


@shared_task
def sweep_photos() -> None:
    """Enqueue photos whose recognition was lost on the way."""
    requeue_lost(Photo.objects.all(), recognise_photo)


@shared_task
def refresh_gallery_task(organisation_id: int) -> None:
    """Embed new packshots with the current head, so that a new SKU is found at once."""
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is not None and refresh_gallery(organisation).changed:
        adapt_catalogue.delay(organisation_id)


@shared_task
def adapt_catalogue(organisation_id: int) -> None:
    """Fit the embedding to the organisation's packshots; activated only when better (queue: training)."""
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    adapted = adapt_gallery(organisation) if organisation is not None else None
    if adapted is not None and adapted.outdated:
        adapt_catalogue.delay(organisation_id)


@shared_task
def sweep_galleries() -> None:
    """Start adaptations again whose worker died, and let galleries follow a newly activated embedder."""
    for organisation_id in abandoned():
        adapt_catalogue.delay(organisation_id)
    for organisation_id in behind():
        move_gallery_task.delay(organisation_id)


@shared_task
def learn() -> None:
    """Learn from new corrections and photos, if there are enough; scheduled every night (queue: training)."""
    learn_now()


@shared_task
def move_gallery_task(organisation_id: int) -> None:
    """Make and activate the organisation's gallery of the active embedder (queue: training)."""
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is not None:
        move_gallery(organisation)
