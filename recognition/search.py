"""Retrieval from PostgreSQL with pgvector: the gallery of one organisation among those of all the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count

from recognition.models import Gallery, ReferenceEmbedding
from recognition.stages.retrieve import Rest
from recognition.types import Candidate, FloatArray

EXACT_UP_TO = 10_000
"""Up to this many embeddings a gallery is compared whole: exact, and well under a second a photo."""
SAMPLE = 1000
"""References of a gallery that tell what is usual in it."""
_NEAREST = """
    SELECT query.number, sku.code, nearest.packshot_id, nearest.distance
    FROM unnest(%(vectors)s::text[]::vector[]) WITH ORDINALITY AS query (vector, number)
    CROSS JOIN LATERAL (
        SELECT sku_id, packshot_id, vector <=> query.vector AS distance
        FROM {source}
        ORDER BY vector <=> query.vector
        LIMIT %(rows)s
    ) AS nearest
    JOIN catalog_sku AS sku ON sku.id = nearest.sku_id
    ORDER BY query.number, nearest.distance, nearest.packshot_id
"""
_OWN = """(
    SELECT sku_id, packshot_id, vector FROM recognition_referenceembedding
    WHERE gallery_id = %(gallery)s AND organisation_id = %(organisation)s
) AS own"""
BY_INDEX = _NEAREST.format(source=_OWN)
EXACT = f"WITH own AS MATERIALIZED {_OWN.removesuffix(' AS own')}{_NEAREST.format(source='own')}"
_SETTINGS = """
    SELECT set_config('hnsw.iterative_scan', 'strict_order', true),
           set_config('hnsw.ef_search', '200', true),
           set_config('hnsw.max_scan_tuples', '100000', true)
"""


class PgvectorGallery:
    """The embeddings of one gallery, by cosine similarity; see ``recognition.stages.retrieve.Gallery``.

    The index holds all organisations' vectors, so a plain nearest-neighbour scan would spend its rows on
    other organisations'. The iterative scan goes on until enough of our own are found, and should even that
    end too early, the gallery is compared whole. With at most r references a SKU, the nearest k · r
    references contain at least k SKUs.
    """

    def __init__(self, gallery: Gallery) -> None:
        self.gallery_id = gallery.pk
        self.organisation_id = gallery.organisation_id
        self.version = gallery.version
        counts = list(
            gallery.embeddings.values("sku")
            .annotate(references=Count("pk"))
            .values_list("references", flat=True)
        )
        self._skus, self._most, self._size = len(counts), max(counts, default=0), sum(counts)

    def search(self, vectors: FloatArray, k: int) -> list[list[Candidate]]:
        """For each of (n, 256) unit vectors the ``k`` nearest SKUs, best first, in one round trip.

        Fewer only if the gallery has fewer SKUs. The packshot of a candidate is its database id as text.
        """
        wanted = min(k, self._skus)
        if not wanted or not len(vectors):
            return [[] for _ in vectors]
        found = self._query(BY_INDEX, vectors, wanted) if self._size > EXACT_UP_TO else []
        if not found or any(len(candidates) < wanted for candidates in found):
            found = self._query(EXACT, vectors, wanted)
        return _rest(self.gallery_id, self.version).stand(np.asarray(vectors, np.float32), found)

    def _query(self, sql: str, vectors: FloatArray, wanted: int) -> list[list[Candidate]]:
        texts = [as_text(vector) for vector in vectors]
        values: dict[str, Any] = {
            "vectors": texts,
            "rows": wanted * self._most,
            "gallery": self.gallery_id,
            "organisation": self.organisation_id,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
            cursor.execute(sql, values)
            return _best_by_sku(cursor.fetchall(), len(texts), wanted)


def as_text(vector: FloatArray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.7g}" for value in vector.tolist()) + "]"


@lru_cache(maxsize=32)
def _rest(gallery_id: int, version: str) -> Rest:
    """What is usual in a gallery, by SAMPLE of its references; ``version`` changes with what it holds."""
    references = ReferenceEmbedding.objects.filter(gallery_id=gallery_id).order_by("pk")
    sample = list(references.values_list("vector", flat=True)[: SAMPLE + 1])
    return Rest(np.array(sample[:SAMPLE], np.float32), whole=len(sample) <= SAMPLE)


def _best_by_sku(
    rows: Sequence[tuple[int, str, int, float]], queries: int, wanted: int
) -> list[list[Candidate]]:
    """The first ``wanted`` SKUs of each query, nearest packshot each; rows come by query and distance."""
    found: list[dict[str, Candidate]] = [{} for _ in range(queries)]
    for number, sku, packshot, distance in rows:
        best = found[number - 1]
        if sku not in best and len(best) < wanted:
            best[sku] = Candidate(sku, min(1.0, max(-1.0, 1.0 - distance)), str(packshot))
    return [list(best.values()) for best in found]
