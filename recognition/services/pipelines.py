"""The recognition pipeline of an organisation: the shipped models over its own gallery."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from recognition.adapt import AdaptedHead
from recognition.models import Gallery, GalleryState
from recognition.pipeline import Pipeline, load_pipeline
from recognition.runtime.manifest import default_manifest
from recognition.search import PgvectorGallery
from recognition.services.galleries import embed_with, load_embedder, load_head, refresh_gallery
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku


def pipeline_for(organisation_id: int) -> Pipeline:
    """The pipeline over the organisation's active gallery; see ``active_gallery``."""
    gallery = active_gallery(organisation_id)
    head = _head(gallery.pk)
    widths = Sku.objects.filter(organisation_id=organisation_id).values_list("code", "width_cm")
    return load_pipeline(
        PgvectorGallery(gallery),
        embed_with(load_embedder(), head),
        {code: width for code, width in widths if width},
        settings.RECOGNITION_THREADS,
        head.acceptance if head else None,
    )


def active_gallery(organisation_id: int) -> Gallery:
    """The gallery in use for the shipped embedder, made when there is none; its head is left in the database.

    Raises Organisation.DoesNotExist when the organisation is gone.
    """
    label = default_manifest().active("embedder").label
    active = Gallery.objects.filter(
        organisation_id=organisation_id, state=GalleryState.ACTIVE, embedder=label
    )
    gallery = active.defer("head").first()
    return gallery or refresh_gallery(Organisation.objects.get(pk=organisation_id)).gallery


@lru_cache(maxsize=16)
def _head(gallery_id: int) -> AdaptedHead | None:
    """The head of a gallery, which never changes while the gallery exists."""
    return load_head(Gallery.objects.get(pk=gallery_id))
