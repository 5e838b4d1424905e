"""A throw-away organisation with a catalogue and its gallery, in a transaction that is always rolled back."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from compliance.importers.values import LeftRow
from compliance.types import Product
from recognition.adapt import AdaptedHead, Progress
from recognition.models import Gallery, ReferenceEmbedding
from recognition.pipeline import Pipeline, load_pipeline
from recognition.search import PgvectorGallery
from recognition.services.galleries import embed_with, load_embedder
from recognition.services.keypoints import load_finder, reranker_for, store
from recognition.services.registry import active_entry
from recognition.stages.decode import decode
from recognition.stages.embed import trim_packshot
from recognition.stages.rerank import references_of
from recognition.types import ImageArray
from retail_exec.accounts.models import Organisation
from retail_exec.catalog import csv_import
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.catalog.services.packshots import pictures_of
from retail_exec.catalog.services.pictures import Picture, open_folder
from retail_exec.catalog.services.products import import_products, mark_own
from retail_exec.catalog.services.references import References, Track
from retail_exec.trial.heads import fitted_head


@dataclass(frozen=True, slots=True)
class Trial:
    """A catalogue ready for recognition.

    products: by SKU, for compliance. packshots: file name by the key that candidates carry. left: rows and
    pictures not used, and why. adaptation: what fitting the embedding to the catalogue measured, empty
    without.
    """

    pipeline: Pipeline
    products: Mapping[str, Product]
    skus: Sequence[Sku]
    packshots: Mapping[str, str]
    left: Sequence[LeftRow] = ()
    adaptation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Shot:
    sku: Sku
    name: str
    digest: str
    image: ImageArray


@contextmanager
def open_trial(
    catalogue: Path,
    packshots: Path,
    own: Iterable[str] = (),
    *,
    adapted: bool = True,
    track: Track = iter,
    progress: Progress | None = None,
) -> Iterator[Trial]:
    """Give a trial of the catalogue while the context lasts; nothing of it stays, whatever happens.

    own: names of own brands. adapted: fit the embedding to the packshots, and use that if it proves better.
    track: goes through the packshots and shows how far it is. Raises OSError, CatalogueFileError and
    PackshotFolderError for files that cannot be read, ValueError when no product has a packshot.
    """
    parsed = csv_import.parse(catalogue.read_bytes())
    folder = open_folder(packshots)
    with transaction.atomic():
        try:
            name = f"trial-{uuid.uuid4().hex}"
            organisation = Organisation.objects.create(name=name, slug=name)
            products = import_products(organisation, parsed.rows)
            left = [*parsed.left, *products.left, *parsed.remarks, *mark_own(organisation, own)]
            skus = {sku.code: sku for sku in Sku.objects.filter(organisation=organisation)}
            references = References({code: sku.gtin for code, sku in skus.items()}, left, left)
            chosen = references.choose(pictures_of(folder, parsed.rows, left), track)
            shots = _read(chosen, skus, left)
            if not shots:
                raise ValueError(f"{packshots}: no picture is named after a SKU of {catalogue.name}")
            yield _prepare(organisation, skus, shots, left, adapted, progress)
        finally:
            transaction.set_rollback(True)


def _read(found: Iterable[Picture], skus: Mapping[str, Sku], left: list[LeftRow]) -> list[_Shot]:
    shots, seen = [], set()
    for picture in found:
        data = picture.read()
        key = (picture.key, hashlib.sha256(data).hexdigest())
        if key not in seen:
            shots.append(_Shot(skus[picture.key], picture.name, key[1], trim_packshot(decode(data))))
        seen.add(key)
    without = sorted(set(skus) - {shot.sku.code for shot in shots})
    left.extend(LeftRow(0, f"SKU {sku}", "has no packshot, so it cannot be recognised.") for sku in without)
    return shots


def _prepare(
    organisation: Organisation,
    skus: Mapping[str, Sku],
    shots: Sequence[_Shot],
    left: Sequence[LeftRow],
    adapted: bool,
    progress: Progress | None,
) -> Trial:
    embedder = load_embedder()
    by_sku: dict[str, list[ImageArray]] = {}
    for shot in shots:
        by_sku.setdefault(shot.sku.code, []).append(shot.image)
    head: AdaptedHead | None = None
    figures: dict[str, Any] = {}
    if adapted and len(by_sku) > 1:
        head = fitted_head(embedder, by_sku, [f"{s.sku.code} {s.digest}" for s in shots], progress)
        figures = {**head.figures, "used": head.better}
        head = head if head.better else None
    embed = embed_with(embedder, head)
    version = hashlib.sha256("".join(sorted(s.sku.code + s.digest for s in shots)).encode()).hexdigest()[:12]
    gallery = Gallery.objects.create(
        organisation=organisation,
        embedder=embedder.entry.label,
        version=f"{version}+{head.version}" if head else version,
    )
    rows = Packshot.objects.bulk_create(Packshot(sku=s.sku, image=s.name, sha256=s.digest) for s in shots)
    vectors = embed([shot.image for shot in shots])
    ReferenceEmbedding.objects.bulk_create(
        ReferenceEmbedding(
            organisation=organisation, gallery=gallery, sku=shot.sku, packshot=row, vector=vector
        )
        for shot, row, vector in zip(shots, rows, vectors, strict=True)
    )
    finder = load_finder()
    if finder is not None:
        found = references_of(finder, [shot.image for shot in shots])
        store(finder.label, organisation.pk, {row.pk: known for row, known in zip(rows, found, strict=True)})
    widths = {sku.code: sku.width_cm for sku in skus.values() if sku.width_cm}
    heights = {sku.code: sku.height_cm for sku in skus.values() if sku.height_cm}
    stored = Sku.objects.filter(organisation=organisation).select_related("brand", "category")
    return Trial(
        load_pipeline(
            PgvectorGallery(gallery),
            embed,
            widths,
            acceptance=head.acceptance if head else None,
            models={"detector": active_entry("detector"), "embedder": embedder.entry},
            reranker=reranker_for(organisation.pk),
            heights_cm=heights,
        ),
        {sku.code: _product(sku) for sku in stored},
        list(stored),
        {str(row.pk): shot.name for row, shot in zip(rows, shots, strict=True)},
        left,
        figures,
    )


def _product(sku: Sku) -> Product:
    brand = sku.brand
    return Product(
        sku.code, brand.name, brand.is_own, sku.category.name, sku.name, sku.width_cm, sku.height_cm
    )
