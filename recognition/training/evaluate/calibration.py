"""Whether a stated confidence can be believed, and how well known and unknown products are told apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recognition.training.evaluate.recognition import unknown_figures


class Bin(NamedTuple):
    """One bar of a reliability curve: facings whose confidence lies in low..high."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean confidence, 0..1; the bin's middle when it is empty."""
    accuracy: float
    """Share that was right, 0..1; 0 when it is empty."""


def reliability(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> list[Bin]:
    """Reliability curve: confidences in ``bins`` equal bins from 0 to 1, and how often each bin was right.

    confidence: (n,) 0..1. correct: (n,) bool. Raises ValueError when they differ in length or leave 0..1.
    """
    chance, right = _checked(confidence, correct)
    place = np.minimum((chance * bins).astype(int), bins - 1)
    curve = []
    for number in range(bins):
        here = place == number
        count = int(here.sum())
        curve.append(
            Bin(
                number / bins,
                (number + 1) / bins,
                count,
                float(chance[here].mean()) if count else (number + 0.5) / bins,
                float(right[here].mean()) if count else 0.0,
            )
        )
    return curve


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> float:
    """Mean distance between confidence and accuracy over the bins, weighted by their counts, 0..1.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015.
    """
    curve = reliability(confidence, correct, bins)
    total = sum(bar.count for bar in curve)
    return sum(bar.count * abs(bar.confidence - bar.accuracy) for bar in curve) / total


def open_set(known_scores: ArrayLike, unknown_scores: ArrayLike) -> dict[str, float]:
    """How well a score tells products of the catalogue from strangers: ``auroc``, ``false_accept_at_95``.

    Higher scores mean "in the catalogue"; see ``recognition.training.evaluate.recognition.unknown_figures``.
    """
    known, unknown = np.asarray(known_scores, np.float64), np.asarray(unknown_scores, np.float64)
    if not len(known) or not len(unknown):
        raise ValueError(f"open_set needs both kinds, got {len(known)} known and {len(unknown)} unknown")
    return unknown_figures(known, unknown)


def _checked(confidence: ArrayLike, correct: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    chance, right = np.asarray(confidence, np.float64), np.asarray(correct, bool)
    if chance.shape != right.shape or chance.ndim != 1 or not len(chance):
        raise ValueError(
            f"confidence and correct must be two rows of equal length, got {chance.shape} and {right.shape}"
        )
    if chance.min() < 0 or chance.max() > 1:
        raise ValueError(f"confidences lie in 0..1, got {chance.min():.3g} to {chance.max():.3g}")
    return chance, right
