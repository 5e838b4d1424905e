"""The layer that is shipped: principal components of the trained features, partly whitened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recognition.types import FloatArray

WHITENING = 0.3
"""0 keeps the components' spread, 1 evens it out: rare differences should count, but not drown in noise."""
ROUNDS = 6


def principal_layer(features: FloatArray, width: int) -> FloatArray:
    """Matrix (f, width) from features to their strongest components, in order, the strong ones held back.

    features: (n, f) with n and f at least ``width``; not centred: the mean is itself a direction in which
    unit vectors may agree. The cosine of what comes out stays close to that of the features, which a layer
    learned from rendered packs does not: it prefers what tells rendered packs apart (Jegou and Chum, 2012,
    for whitening).
    """
    spread, directions = leading(features, width)
    return (directions / spread ** (WHITENING / 2)).astype(np.float32)


def leading(features: FloatArray, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean squares (count,) and directions (f, count) of the strongest components of (n, f), strongest first.

    Subspace iteration from a random start (Halko, Martinsson and Tropp, 2011): seconds, where a full
    decomposition of thousands of features takes a minute.
    """
    rng = np.random.default_rng(0)
    basis = rng.standard_normal((features.shape[1], min(count + 32, *features.shape))).astype(np.float32)
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(features.T @ (features @ basis))
    inside = (features @ basis).astype(np.float64)
    spread, turn = np.linalg.eigh(inside.T @ inside / len(features))
    strongest = slice(-1, -1 - count, -1)
    return spread[strongest], basis.astype(np.float64) @ turn[:, strongest]
