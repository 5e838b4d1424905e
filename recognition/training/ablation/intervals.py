"""How sure an accuracy is: over seeds, and over the pictures it was measured on. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95
RESAMPLES = 2000


def over_seeds(accuracies: NDArray[np.float64]) -> tuple[float, float]:
    """Student's t interval of the mean accuracy of s seeds, (s,) with s at least 2."""
    mean, error = float(np.mean(accuracies)), float(stats.sem(accuracies))
    if error == 0:  # scipy has no interval of no width
        return mean, mean
    low, high = stats.t.interval(LEVEL, len(accuracies) - 1, mean, error)
    return float(low), float(high)


def over_both(right: NDArray[np.bool_], less: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Bootstrap interval of the mean of ``right`` (s, n), s seeds by n test pictures.

    Seeds and pictures are both drawn anew (Owen, 2007), the same ones in every row. less: another row's,
    taken off: the interval is then that of the difference, pair by pair.
    """
    gained = right.astype(np.float64) - (0.0 if less is None else less.astype(np.float64))
    rng = np.random.default_rng(0)
    seeds, pictures = gained.shape
    means = []
    for _ in range(RESAMPLES):
        drawn = gained[rng.integers(0, seeds, seeds)].mean(axis=0)
        means.append(drawn[rng.integers(0, pictures, pictures)].mean())
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
