"""Fitting the embedding to an organisation's own catalogue and to what its people said, in the background.

A new gallery is built beside the active one and takes its place in one step, and only if its head finds more
of the held-back renderings than the general embedding does. When another embedder became active, the new
gallery is made with that one, and takes the old one's place even where no head is better. Once there is a
test set of held-back corrections, a head that names fewer of it right than the gallery in use does not serve.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from recognition.adapt import AdaptedHead, adapt
from recognition.models import Gallery, GalleryState, ReferenceEmbedding
from recognition.services.datasets import measure, test_set, training_crops
from recognition.services.galleries import (
    embed_with,
    fill,
    fingerprint,
    load_embedder,
    load_head,
    picture,
    refresh_gallery,
)
from recognition.stages.embed import Embedder
from recognition.types import ImageArray
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Packshot

log = logging.getLogger(__name__)
ABANDONED = timedelta(minutes=10)
"""A gallery whose building shows no progress for so long was left behind by a worker that died."""


class Adapted(NamedTuple):
    """The gallery that was built, and whether packshots came or went meanwhile, so that it is owed again."""

    gallery: Gallery
    outdated: bool


def adapt_gallery(organisation: Organisation) -> Adapted | None:
    """Build and, when better, activate a gallery adapted to the organisation's packshots.

    The new gallery's state says whether it is in use. None when there are fewer than two products to tell
    apart or another adaptation is under way.
    """
    refresh_gallery(organisation)
    before = _packshot_ids(organisation)
    packshots = _shown(organisation)
    embedder = load_embedder()
    if len(packshots) < 2 or not (gallery := _begin(organisation, embedder)):
        return None
    try:
        _train(gallery, embedder, packshots)
        _finish(gallery, embedder)
    except Exception as error:
        log.exception("adaptation of %s failed", gallery)
        gallery.state, gallery.problem = GalleryState.FAILED, f"{type(error).__name__}: {error}"
        gallery.save(update_fields=["state", "problem"])
    return Adapted(gallery, _packshot_ids(organisation) != before)


def abandoned() -> list[int]:
    """Mark galleries left behind by a worker that died as failed; return their organisations' ids."""
    left = Gallery.objects.filter(state=GalleryState.BUILDING, progressed_at__lt=timezone.now() - ABANDONED)
    owners = list(left.values_list("organisation_id", flat=True))
    left.update(state=GalleryState.FAILED, problem="Given up: no progress for ten minutes.")
    return owners


def _packshot_ids(organisation: Organisation) -> set[int]:
    return set(Packshot.objects.filter(sku__organisation=organisation).values_list("pk", flat=True))


def _shown(organisation: Organisation) -> dict[str, list[ImageArray]]:
    """Each product's packshots, then crops of it that people named on photos not held back."""
    found: dict[str, list[ImageArray]] = {}
    for packshot in (
        Packshot.objects.filter(sku__organisation=organisation).select_related("sku").order_by("pk")
    ):
        found.setdefault(packshot.sku.code, []).append(picture(packshot))
    for code, crops in training_crops(organisation).items():
        if code in found:
            found[code] += crops
    return found


@transaction.atomic
def _begin(organisation: Organisation, embedder: Embedder) -> Gallery | None:
    """A new gallery to build, unless one is being built."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if Gallery.objects.filter(organisation=organisation, state=GalleryState.BUILDING).exists():
        return None
    return Gallery.objects.create(
        organisation=organisation, embedder=embedder.entry.label, version="building"
    )


def _train(gallery: Gallery, embedder: Embedder, packshots: dict[str, list[ImageArray]]) -> None:
    def progress(done: int, total: int) -> None:
        Gallery.objects.filter(pk=gallery.pk).update(
            progress=min(99, 100 * done // total), progressed_at=timezone.now()
        )

    head: AdaptedHead = adapt(embedder, packshots, progress=progress)
    gallery.figures = dict(head.figures) | _held_back(gallery, embedder, head)
    if head.better and gallery.figures.get("held_back_after", 0) >= gallery.figures.get(
        "held_back_before", 0
    ):
        stored = BytesIO()
        head.save(stored)
        gallery.head = stored.getvalue()


def _held_back(gallery: Gallery, embedder: Embedder, head: AdaptedHead) -> dict[str, float]:
    """hit@1 on the organisation's test set, of the gallery in use and of the new head; empty without one."""
    test = test_set(gallery.organisation)
    if test is None:
        return {}
    in_use = Gallery.objects.filter(
        organisation=gallery.organisation, state=GalleryState.ACTIVE, embedder=gallery.embedder
    ).first()
    before, after = (
        measure(embed_with(embedder, each), test)["hit1"]
        for each in (load_head(in_use) if in_use else None, head)
    )
    return {"held_back_before": before, "held_back_after": after, "held_back_crops": float(test.crops)}


def _finish(gallery: Gallery, embedder: Embedder) -> None:
    """Activate the gallery in one step, or retire it when the general embedding is as good."""
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=gallery.organisation_id)
        gallery.progress = 100
        others = Gallery.objects.filter(organisation_id=gallery.organisation_id)
        moves = not others.filter(state=GalleryState.ACTIVE, embedder=gallery.embedder).exists()
        if gallery.head or moves:
            fill(gallery, embedder)
            gallery.version = fingerprint(gallery)
            # The gallery retired just now may still be searched by a photo under way; older ones may not.
            ReferenceEmbedding.objects.filter(gallery__in=others.filter(state=GalleryState.RETIRED)).delete()
            others.filter(state=GalleryState.ACTIVE).update(state=GalleryState.RETIRED)
            gallery.state = GalleryState.ACTIVE
        else:
            gallery.version, gallery.state = "not better", GalleryState.RETIRED
        gallery.save()
