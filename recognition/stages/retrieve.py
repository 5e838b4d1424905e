"""Which catalogue products a crop is most like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recognition.types import Candidate, FloatArray

USUAL, USUAL_SPREAD, USUAL_WEIGHT = 0.35, 0.12, 4.0
"""Mean and standard deviation of similarities to a large gallery's products, which count as so many products
of any gallery: a small one says little about what is usual."""


class Gallery(Protocol):
    """All reference embeddings of one catalogue."""

    version: str

    def search(self, vectors: FloatArray, k: int) -> list[list[Candidate]]:
        """For each of (n, 256) unit vectors, the ``k`` nearest SKUs, best first, each with its nearest
        packshot and its standing.

        Fewer than ``k`` only when the gallery has fewer SKUs.
        """
        ...


class Rest:
    """How similar a crop is to a whole gallery, from two sums over the gallery's (m, 256) unit vectors.

    A blurred or dull crop is a little like everything: its best similarity says less than the same similarity
    of a crop that is like nothing else. Speaker recognition calls this zero normalisation. whole: the best
    two products are among the vectors, and are left out of what is usual; a large sample need not know them.
    """

    def __init__(self, vectors: FloatArray, whole: bool = True) -> None:
        self.count = len(vectors)
        self.whole = whole
        self.total = vectors.sum(axis=0)
        self.products = vectors.T @ vectors

    def stand(self, vectors: FloatArray, found: Sequence[list[Candidate]]) -> list[list[Candidate]]:
        """The candidates of (n, 256) unit vectors, best first, with their standing."""
        total = vectors @ self.total
        squares = np.einsum("ni,ni->n", vectors @ self.products, vectors)
        best = np.zeros((len(vectors), 2))
        for row, candidates in zip(best, found, strict=True):
            row[: len(candidates)] = [c.similarity for c in candidates[:2]]
        mean, spread = rest_of(best if self.whole else best[:, :0], total, squares, self.count)
        return [
            [replace(c, standing=(c.similarity - m) / s) for c in candidates]
            for candidates, m, s in zip(found, mean.tolist(), spread.tolist(), strict=True)
        ]


def rest_of(
    best: NDArray[np.floating], total: NDArray[np.floating], squares: NDArray[np.floating], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of n queries' similarities to a gallery without the best few.

    best: (n, few). total, squares: (n,) sums of all ``count`` similarities and of their squares. USUAL_WEIGHT
    usual products are counted in.
    """
    left = max(0, count - best.shape[1])
    weight = left + USUAL_WEIGHT
    rest, rest_squares = (
        (np.asarray(whole, np.float64) - np.asarray(part, np.float64).sum(axis=1))
        if left
        else np.zeros(len(best))
        for whole, part in ((total, best), (squares, best**2))
    )
    mean = (rest + USUAL_WEIGHT * USUAL) / weight
    second = (rest_squares + USUAL_WEIGHT * (USUAL**2 + USUAL_SPREAD**2)) / weight
    return mean, np.sqrt(np.maximum(second - mean**2, 1e-4))


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
        self._rest = Rest(self._vectors)

    def search(self, vectors: FloatArray, k: int) -> list[list[Candidate]]:
        """See Gallery."""
        if not len(self._rows):
            return [[] for _ in vectors]
        queries = np.asarray(vectors, np.float32)
        return self._rest.stand(queries, [self._nearest(row, k) for row in queries @ self._vectors.T])

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
