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
    share: float
    """Its part of all facings, by weight, 0..1."""


def reliability(
    confidence: ArrayLike, correct: ArrayLike, bins: int = 10, weights: ArrayLike | None = None
) -> list[Bin]:
    """Reliability curve: confidences in ``bins`` equal bins from 0 to 1, and how often each bin was right.

    confidence: (n,) 0..1. correct: (n,) bool. weights: (n,), equal by default. Raises ValueError when they
    differ in length or leave 0..1.
    """
    chance, right, weight = _checked(confidence, correct, weights)
    place = np.minimum((chance * bins).astype(int), bins - 1)
    curve = []
    for number in range(bins):
        here = (place == number) & (weight > 0)
        middle = (number + 0.5) / bins
        curve.append(
            Bin(
                number / bins,
                (number + 1) / bins,
                int(here.sum()),
                float(np.average(chance[here], weights=weight[here])) if here.any() else middle,
                float(np.average(right[here], weights=weight[here])) if here.any() else 0.0,
                float(weight[here].sum()),
            )
        )
    return curve


def expected_calibration_error(
    confidence: ArrayLike, correct: ArrayLike, bins: int = 10, weights: ArrayLike | None = None
) -> float:
    """Mean distance between confidence and accuracy over the bins, by their share of all, 0..1.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015.
    """
    return sum(
        bar.share * abs(bar.confidence - bar.accuracy)
        for bar in reliability(confidence, correct, bins, weights)
    )


def open_set(known_scores: ArrayLike, unknown_scores: ArrayLike) -> dict[str, float]:
    """How well a score tells products of the catalogue from strangers: ``auroc``, ``false_accept_at_95``.

    Higher scores mean "in the catalogue"; see ``recognition.training.evaluate.recognition.unknown_figures``.
    """
    known, unknown = np.asarray(known_scores, np.float64), np.asarray(unknown_scores, np.float64)
    if not len(known) or not len(unknown):
        raise ValueError(f"open_set needs both kinds, got {len(known)} known and {len(unknown)} unknown")
    return unknown_figures(known, unknown)


def _checked(
    confidence: ArrayLike, correct: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """The three as arrays, the weights with the sum 1."""
    chance, right = np.asarray(confidence, np.float64), np.asarray(correct, bool)
    weight = np.ones(chance.shape) if weights is None else np.asarray(weights, np.float64)
    if not chance.shape == right.shape == weight.shape or chance.ndim != 1 or not len(chance):
        raise ValueError(
            f"confidence and correct must be rows of equal length, got {chance.shape} and {right.shape}"
        )
    if chance.min() < 0 or chance.max() > 1:
        raise ValueError(f"confidences lie in 0..1, got {chance.min():.3g} to {chance.max():.3g}")
    return chance, right, weight / weight.sum()
