"""Which catalogue products a crop is most like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recognition.types import Candidate, FloatArray


class Gallery(Protocol):
    """All reference embeddings of one catalogue."""

    version: str

    def search(self, vectors: FloatArray, k: int) -> list[list[Candidate]]:
        """For each of (n, 256) unit vectors, the ``k`` nearest SKUs, best first, each with its nearest
        packshot.

        Fewer than ``k`` only when the gallery has fewer SKUs.
        """
        ...


class NumpyGallery:
    """A gallery in memory, searched exactly.

    vectors: (m, 256) float32 unit vectors. skus, packshots: one entry a vector.
    """

    def __init__(
        self, vectors: FloatArray, skus: Sequence[str], packshots: Sequence[str] = (), version: str = "memory"
    ) -> None:
        self.version = version
        self._names, self._rows = np.unique(np.asarray(skus, dtype=object).astype(str), return_inverse=True)
        self._vectors = np.asarray(vectors, np.float32)
        self._packshots = list(packshots) or [""] * len(skus)

    def search(self, vectors: FloatArray, k: int) -> list[list[Candidate]]:
        """See Gallery."""
        if not len(self._rows):
            return [[] for _ in vectors]
        return [self._nearest(row, k) for row in np.asarray(vectors, np.float32) @ self._vectors.T]

    def _nearest(self, similarities: FloatArray, k: int) -> list[Candidate]:
        best: dict[int, int] = {}
        for index in np.argsort(-similarities, kind="stable"):
            best.setdefault(int(self._rows[index]), int(index))
            if len(best) == min(k, len(self._names)):
                break
        return [
            Candidate(str(self._names[sku]), float(similarities[index]), self._packshots[index])
            for sku, index in best.items()
        ]
