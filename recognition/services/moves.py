"""Galleries follow the active embedder, each in one step, while photos go on being read with the old pair."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from recognition.models import Gallery, GalleryState, ReferenceEmbedding
from recognition.services.adaptation import adapt_gallery
from recognition.services.galleries import fill, fingerprint, load_embedder
from recognition.services.registry import active_model
from retail_exec.accounts.models import Organisation

PAUSE = timedelta(hours=1)


def behind() -> list[int]:
    """Organisations whose gallery in use is not the active embedder's, and is not being replaced just now.

    One whose replacement failed is left alone for ``PAUSE``.
    """
    label = active_model("embedder").label
    others = Gallery.objects.filter(organisation=OuterRef("organisation"))
    building = others.filter(state=GalleryState.BUILDING)
    failed = others.filter(
        state=GalleryState.FAILED, embedder=label, progressed_at__gt=timezone.now() - PAUSE
    )
    rows = Gallery.objects.filter(~Exists(building), ~Exists(failed), state=GalleryState.ACTIVE)
    return list(rows.exclude(embedder=label).values_list("organisation_id", flat=True))


def progress() -> tuple[int, int]:
    """How many organisations' galleries are the active embedder's, and how many there are."""
    rows = Gallery.objects.filter(state=GalleryState.ACTIVE)
    return rows.filter(embedder=active_model("embedder").label).count(), rows.count()


def move_gallery(organisation: Organisation) -> None:
    """Give the organisation a gallery of the active embedder, and put it in use once it is complete."""
    if organisation.pk in behind() and not _bring_back(organisation):
        adapt_gallery(organisation)


@transaction.atomic
def _bring_back(organisation: Organisation) -> bool:
    """Put a gallery in use in one transaction where that is quick: the one before, or a single product's.

    False where a gallery has to be made and fitted first.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    embedder = load_embedder()
    own = Gallery.objects.filter(organisation=organisation)
    kept = ReferenceEmbedding.objects.filter(gallery=OuterRef("pk"))
    gallery = own.filter(Exists(kept), state=GalleryState.RETIRED, embedder=embedder.entry.label).last()
    if gallery is None:
        products = ReferenceEmbedding.objects.filter(gallery__in=own.filter(state=GalleryState.ACTIVE))
        if products.values("sku").distinct().count() > 1:
            return False
        gallery = Gallery(organisation=organisation, embedder=embedder.entry.label, progress=100)
    own.filter(state=GalleryState.ACTIVE).update(state=GalleryState.RETIRED)
    gallery.state = GalleryState.ACTIVE
    gallery.save()
    fill(gallery, embedder)
    gallery.version = fingerprint(gallery)
    gallery.save(update_fields=["version"])
    return True
