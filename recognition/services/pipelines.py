"""The pipeline with which an organisation's photos are read."""

from __future__ import annotations

from django.conf import settings

from recognition.models import Gallery, GalleryState
from recognition.pipeline import Embed, Pipeline, load_pipeline
from recognition.search import PgvectorGallery
from recognition.services.galleries import embed_with, load_embedder, refresh_gallery
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku


def pipeline_for(organisation_id: int) -> Pipeline:
    """The shipped models over the organisation's active gallery; the gallery is made when there is none.

    Cheap to make: the model sessions are kept by the process.
    """
    gallery = active_gallery(organisation_id)
    embedder = load_embedder()
    embed: Embed = embed_with(embedder, gallery)
    widths = Sku.objects.filter(organisation_id=organisation_id, width_cm__isnull=False)
    return load_pipeline(
        PgvectorGallery(gallery),
        embed,
        dict(widths.values_list("code", "width_cm")),
        threads=settings.RECOGNITION_THREADS,
    )


def active_gallery(organisation_id: int) -> Gallery:
    """The gallery in use, made by the shipped embedder."""
    gallery = Gallery.objects.filter(
        organisation_id=organisation_id,
        state=GalleryState.ACTIVE,
        embedder=load_embedder().entry.label,
    ).first()
    return gallery or refresh_gallery(Organisation.objects.get(pk=organisation_id)).gallery
