"""An organisation's gallery: every packshot as a vector, kept in step with the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from recognition.adapt import AdaptedHead
from recognition.models import Gallery, GalleryState, ReferenceEmbedding
from recognition.pipeline import Embed
from recognition.runtime.manifest import ModelEntry
from recognition.services.registry import active_entry, entry_labelled
from recognition.stages.decode import decode
from recognition.stages.embed import Embedder, trim_packshot
from recognition.types import ImageArray
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Packshot

BATCH = 64


class Refreshed(NamedTuple):
    """The gallery in use, and whether packshots were added to it or went from it."""

    gallery: Gallery
    changed: bool


@transaction.atomic
def refresh_gallery(organisation: Organisation) -> Refreshed:
    """Bring the organisation's active gallery in step with its packshots, with the embedder and head it has.

    Makes the gallery, with the active embedder, when there is none or its own embedder can no longer be had.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    active = Gallery.objects.filter(organisation=organisation, state=GalleryState.ACTIVE)
    gallery = active.first()
    entry = entry_labelled(gallery.embedder) if gallery else None
    embedder = load_embedder(entry)
    if gallery is None or entry is None:
        active.update(state=GalleryState.RETIRED)
        gallery = Gallery.objects.create(
            organisation=organisation,
            embedder=embedder.entry.label,
            version="empty",
            state=GalleryState.ACTIVE,
            progress=100,
        )
    fill(gallery, embedder)
    version = fingerprint(gallery)
    changed = version != gallery.version
    gallery.version = version
    gallery.save(update_fields=["version"])
    return Refreshed(gallery, changed)


def load_embedder(entry: ModelEntry | None = None) -> Embedder:
    """An embedder, by default the active one, with the threads one worker process may use."""
    return Embedder(entry or active_entry("embedder"), threads=settings.RECOGNITION_THREADS)


def fill(gallery: Gallery, embedder: Embedder) -> None:
    """Embed every packshot of the organisation that ``gallery`` lacks."""
    embed = embed_with(embedder, load_head(gallery))
    missing = (
        Packshot.objects.filter(sku__organisation_id=gallery.organisation_id)
        .exclude(embeddings__gallery=gallery)
        .select_related("sku")
        .order_by("pk")
    )
    rows = list(missing)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        vectors = embed([picture(packshot) for packshot in part])
        ReferenceEmbedding.objects.bulk_create(
            ReferenceEmbedding(
                organisation_id=gallery.organisation_id,
                gallery=gallery,
                sku=packshot.sku,
                packshot=packshot,
                vector=vector,
            )
            for packshot, vector in zip(part, vectors, strict=True)
        )


def embed_with(embedder: Embedder, head: AdaptedHead | None) -> Embed:
    """How crops become vectors: by the embedder, followed by an adapted head if there is one."""
    if head is None:
        return embedder.embed
    return lambda crops: head.project(embedder.run(crops).features)


def load_head(gallery: Gallery) -> AdaptedHead | None:
    """The gallery's adapted head, or None while it uses the general embedding."""
    return AdaptedHead.load(BytesIO(bytes(gallery.head))) if gallery.head else None


def picture(packshot: Packshot) -> ImageArray:
    """A stored packshot as RGB pixels, cut to its product."""
    with packshot.image.open("rb") as file:
        return trim_packshot(decode(file.read()))


def fingerprint(gallery: Gallery) -> str:
    """The version of what the gallery holds: twelve hex digits over embedder, head and packshots."""
    seen = hashlib.sha256(gallery.embedder.encode())
    seen.update(bytes(gallery.head or b""))
    contents: Iterable[tuple[str, str]] = gallery.embeddings.order_by(
        "sku__code", "packshot__sha256"
    ).values_list("sku__code", "packshot__sha256")
    for code, sha256 in contents:
        seen.update(f"{code}\0{sha256}\n".encode())
    return seen.hexdigest()[:12]
