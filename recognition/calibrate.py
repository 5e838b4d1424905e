"""From similarities to the chance that the nearest product is the right one.

A logistic rule on the best similarity and its lead over the next product (Platt, 1999), fitted where the
truth is known, and two thresholds chosen by what they do there. ``recognition.stages.accept`` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.types import FloatArray

STRANGERS = 0.3
"""Share of a shelf's facings that is taken to be outside the catalogue."""
PRECISION = 0.9
"""Of the facings accepted, at least so many shall be right."""
RIDGE = 1e-5

Floats = NDArray[np.float64]


def best_two(similarities: FloatArray) -> FloatArray:
    """Best similarity of each query and its lead over the second, (n, 2), of its similarities (n, k)."""
    if similarities.shape[1] < 2:
        raise ValueError("calibrating needs at least two labels")
    ordered = np.partition(similarities, -2, axis=1)
    return np.stack([ordered[:, -1], ordered[:, -1] - ordered[:, -2]], axis=1)


def fit_acceptance(
    known: FloatArray, known_labels: Sequence[int] | NDArray[np.int64], unknown: FloatArray
) -> dict[str, float]:
    """Fit the rule: bias, similarity, margin, accept_at, unknown_below.

    known: (n, k) similarities of queries to the k labels, with their true ones; unknown: (m, k), of queries
    outside the catalogue, weighted to be STRANGERS of all. ``accept_at`` is the lowest chance from which on
    PRECISION of the accepted are right, ``unknown_below`` the chance whose naming has the best F1.
    """
    inputs = np.concatenate([best_two(known), best_two(unknown)]).astype(np.float64)
    right = np.concatenate([known.argmax(axis=1) == np.asarray(known_labels), np.zeros(len(unknown), bool)])
    weights = np.concatenate(
        [np.full(len(known), (1 - STRANGERS) / len(known)), np.full(len(unknown), STRANGERS / len(unknown))]
    )
    design = np.column_stack([np.ones(len(inputs)), inputs])
    rule = _logistic(design, right.astype(np.float64), weights)
    chance = 1 / (1 + np.exp(-design @ rule))
    accept_at, unknown_below = _thresholds(chance, right, weights)
    return {
        "bias": float(rule[0]),
        "similarity": float(rule[1]),
        "margin": float(rule[2]),
        "accept_at": accept_at,
        "unknown_below": min(unknown_below, accept_at),
    }


def _logistic(design: Floats, right: Floats, weights: Floats) -> Floats:
    """Weighted logistic regression by Newton's method; a small ridge keeps separable data finite."""
    rule = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ rule, -30, 30)))
        slope = design.T @ (weights * (right - chance)) - RIDGE * rule
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + RIDGE * np.eye(len(rule)), slope)
        rule += step
        if np.abs(step).max() < 1e-8:
            break
    return rule


def _thresholds(chance: Floats, right: NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """accept_at and unknown_below, see ``fit_acceptance``."""
    order = np.argsort(-chance, kind="stable")
    named = np.cumsum(weights[order])
    hit = np.cumsum((weights * right)[order])
    precise = np.flatnonzero(hit / named >= PRECISION)
    accept_at = chance[order][precise[-1]] if len(precise) else 1.0
    f1 = 2 * hit / (named + (1 - STRANGERS))
    return float(accept_at), float(chance[order][f1.argmax()])
