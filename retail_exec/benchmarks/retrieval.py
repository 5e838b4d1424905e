"""How quickly, how fully and in how much room the nearest packshots are found in a large gallery."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from recognition.models import Gallery, GalleryState, ReferenceEmbedding
from recognition.search import EXACT_UP_TO, PgvectorGallery, as_text
from recognition.types import FloatArray
from retail_exec.accounts.models import Organisation
from retail_exec.benchmarks.figures import Figure, as_ms
from retail_exec.catalog.models import Brand, Category, Packshot, Sku
from retail_exec.core.copying import copy_rows

OWN_PART = 0.05
"""The measured organisation's part of all packshots; more where it would be too small for the index."""
PHOTOS, PHOTO, WANTED = 5, 100, 10
SIZE, LINE, SPREAD, NOISE = 256, 12, 0.35, 0.35
"""Numbers a vector; products of a line, and how far they lie around its centre; how far a crop's vector lies
from its packshot's (length of what is added to a unit vector)."""
RECALL = 0.98
BATCH = 5000
_PLAIN = """
    SELECT 1 FROM recognition_referenceembedding WHERE organisation_id = %s AND gallery_id = %s
    ORDER BY vector <=> %s::vector LIMIT %s
"""

_DEFAULTS = {
    "hnsw.iterative_scan": "off",
    "hnsw.ef_search": "40",
    "enable_sort": "off",  # few packshots would not need the index
}


def measure(vectors: int, tick: Callable[[int], object]) -> list[Figure]:
    """Search for crops of known products, a photo's at a time, among ``vectors`` packshots of two
    organisations in one index. All of it is rolled back."""
    rng = np.random.default_rng(3)
    own = min(vectors, max(round(OWN_PART * vectors), round(1.2 * EXACT_UP_TO)))
    market = _made_up(rng, vectors)
    gallery = market[:own]
    right = rng.integers(0, own, PHOTOS * PHOTO)
    crops = _unit(gallery[right] + _noise(rng, len(right), NOISE)).reshape(PHOTOS, PHOTO, -1)
    with transaction.atomic():
        room, began = _room(), time.perf_counter()
        mine = _store("Own", gallery, tick)
        _store("Others", market[own:], tick)
        adding, room = time.perf_counter() - began, _room() - room
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        search = PgvectorGallery(mine)
        search.search(crops[0], WANTED)  # what is usual in the gallery is read once
        seconds, photos = _timed(lambda photo: search.search(photo, WANTED), crops)
        plain = _plain(mine, crops[0])
        transaction.set_rollback(True)
    _vacuum()
    found = [[int(one.sku) for one in row] for photo in photos for row in photo]
    exact_seconds, nearest = _timed(lambda photo: _exact(gallery, photo), crops)
    exact = np.concatenate(nearest)
    first = np.array([row[0] for row in found])
    return [
        Figure(
            f"search among {own} of {vectors} packshots, a crop",
            as_ms(seconds / len(right)),
            "ms",
            peer="NumPy, exact, the organisation's alone",
            peer_value=as_ms(exact_seconds / len(right)),
        ),
        Figure("of the ten nearest found", _recall(found, exact), "share", RECALL),
        Figure(
            "candidates of ten a crop gets",
            round(float(np.mean([len(row) for row in found])), 2),
            "candidates",
            min(WANTED, own),
            "pgvector's index with nothing set for tenants",
            plain,
        ),
        Figure(
            "right packshot first",
            round(float((first == right).mean()), 4),
            "share",
            peer="NumPy, exact",
            peer_value=round(float((exact[:, 0] == right).mean()), 4),
        ),
        Figure("room a packshot, index included", round(room / vectors / 1000, 2), "kB"),
        Figure("adding a packshot", as_ms(adding / vectors), "ms"),
    ]


def _vacuum() -> None:
    """Take what was rolled back out of the index, which photos are searched in."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM recognition_referenceembedding")


def _made_up(rng: np.random.Generator, vectors: int) -> FloatArray:
    """(vectors, 256) of unit length, in lines that look alike; every organisation sells some of each line."""
    centres = _unit(rng.normal(size=(-(-vectors // LINE), SIZE)))
    return _unit(centres[rng.integers(0, len(centres), vectors)] + _noise(rng, vectors, SPREAD))


def _noise(rng: np.random.Generator, count: int, length: float) -> FloatArray:
    return (length * _unit(rng.normal(size=(count, SIZE)))).astype(np.float32)


def _unit(rows: np.ndarray) -> FloatArray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _store(name: str, vectors: FloatArray, tick: Callable[[int], object]) -> Gallery:
    """An organisation with a gallery of these (n, 256) packshots, one a product, named by their number."""
    slug = f"gallery-{uuid.uuid4().hex}"
    organisation = Organisation.objects.create(name=name, slug=slug)
    brand = Brand.objects.create(organisation=organisation, name="Brand")
    category = Category.objects.create(organisation=organisation, name="Category")
    gallery = Gallery.objects.create(
        organisation=organisation, embedder="made up", version="1", state=GalleryState.ACTIVE, progress=100
    )
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        skus = Sku.objects.bulk_create(
            Sku(
                organisation=organisation, code=str(start + n), name="Product", brand=brand, category=category
            )
            for n in range(len(part))
        )
        packshots = Packshot.objects.bulk_create(Packshot(sku=sku, sha256=sku.code) for sku in skus)
        rows = zip(skus, packshots, part, strict=True)
        copy_rows(
            ReferenceEmbedding,
            ["organisation", "gallery", "sku", "packshot", "vector"],
            ((organisation.pk, gallery.pk, s.pk, p.pk, as_text(vector)) for s, p, vector in rows),
        )
        tick(len(part))
    return gallery


def _plain(gallery: Gallery, photo: FloatArray) -> float:
    """Candidates that a crop gets, in the mean, from a search by index with nothing set for tenants."""
    counts = []
    with connection.cursor() as cursor:
        for name, value in _DEFAULTS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        for vector in photo:
            cursor.execute(_PLAIN, [gallery.organisation_id, gallery.pk, as_text(vector), WANTED])
            counts.append(len(cursor.fetchall()))
    return round(float(np.mean(counts)), 2)


def _exact(gallery: FloatArray, photo: FloatArray) -> NDArray[np.int64]:
    """The numbers of the WANTED nearest of each crop, nearest first."""
    similar = photo @ gallery.T
    some = np.argpartition(-similar, WANTED - 1, axis=1)[:, :WANTED]
    order = np.argsort(-np.take_along_axis(similar, some, axis=1), axis=1)
    return np.take_along_axis(some, order, axis=1)


def _recall(found: list[list[int]], nearest: NDArray[np.int64]) -> float:
    shared = [len({*row} & {*best}) for row, best in zip(found, nearest.tolist(), strict=True)]
    return round(float(np.mean(shared)) / WANTED, 4)


def _timed(search: Callable[[FloatArray], Any], photos: FloatArray) -> tuple[float, list[Any]]:
    """Seconds for all photos, and what was found on each."""
    began = time.perf_counter()
    found = [search(photo) for photo in photos]
    return time.perf_counter() - began, found


def _room() -> int:
    """Bytes of all packshots' vectors and their indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('recognition_referenceembedding')")
        return int(cursor.fetchone()[0])
