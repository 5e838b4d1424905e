"""The recognition pipeline of an organisation: the active detector, and its own gallery with its embedder."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from recognition.adapt import AdaptedHead
from recognition.models import Gallery, GalleryState
from recognition.pipeline import Pipeline, load_pipeline
from recognition.search import PgvectorGallery
from recognition.services.galleries import embed_with, load_embedder, load_head, refresh_gallery
from recognition.services.keypoints import reranker_for
from recognition.services.registry import active_entry, entry_labelled
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku


def pipeline_for(organisation_id: int) -> Pipeline:
    """The pipeline over the organisation's active gallery; see ``active_gallery``.

    The embedder is the gallery's, not the installation's active one: while galleries are being made for a new
    embedder, every photo is still compared with vectors of its own kind.
    """
    gallery = active_gallery(organisation_id)
    head = _head(gallery.pk)
    embedder = entry_labelled(gallery.embedder) or active_entry("embedder")
    sizes = list(
        Sku.objects.filter(organisation_id=organisation_id).values_list("code", "width_cm", "height_cm")
    )
    return load_pipeline(
        PgvectorGallery(gallery),
        embed_with(load_embedder(embedder), head),
        {code: width for code, width, _ in sizes if width},
        settings.RECOGNITION_THREADS,
        head.acceptance if head else None,
        {"detector": active_entry("detector"), "embedder": embedder},
        reranker_for(organisation_id),
        {code: height for code, _, height in sizes if height},
    )


def active_gallery(organisation_id: int) -> Gallery:
    """The gallery in use, made when there is none or its embedder is gone; its head is left in the database.

    Raises Organisation.DoesNotExist when the organisation is gone.
    """
    active = Gallery.objects.filter(organisation_id=organisation_id, state=GalleryState.ACTIVE)
    gallery = active.defer("head").first()
    if gallery is not None and entry_labelled(gallery.embedder) is not None:
        return gallery
    return refresh_gallery(Organisation.objects.get(pk=organisation_id)).gallery


@lru_cache(maxsize=16)
def _head(gallery_id: int) -> AdaptedHead | None:
    """The head of a gallery, which never changes while the gallery exists."""
    return load_head(Gallery.objects.get(pk=gallery_id))
