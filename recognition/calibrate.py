"""From similarities to the chance that the nearest product is the right one.

A logistic rule (Platt, 1999) on the lead of the most similar product over the next and on how far it stands
above the rest of the gallery, fitted where the truth is known. ``recognition.stages.accept`` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.stages.retrieve import rest_of
from recognition.types import FloatArray

STRANGERS = 0.3
"""Share of a shelf's facings that is taken to be outside the catalogue."""
ACCEPT_AT = 0.5
"""A product is accepted when it is more likely right than wrong: of all that are accepted, 95 % are right."""
UNKNOWN_BELOW = 0.2
"""Less likely ones are named for a person to look at, down to here: photos are harder than the crops that
rules are fitted on, so the chances of what is right come out too low rather than too high."""
RIDGE = 1e-5
EVIDENCE = (
    "evidence_bias",
    "evidence",
    "evidence_lead",
    "evidence_structure",
    "evidence_colour",
    "evidence_rest",
)
"""What re-ranking adds to a rule, as the rule's settings name it."""

Floats = NDArray[np.float64]


def margin_and_standing(similarities: FloatArray) -> Floats:
    """Lead and standing of each query's nearest label, (n, 2), of its similarities (n, k) to all labels.

    They are those of ``recognition.stages.accept.signals`` in a gallery of one reference a label.
    """
    if similarities.shape[1] < 2:
        raise ValueError("calibrating needs at least two labels")
    values = similarities.astype(np.float64)
    best = -np.partition(-values, 1, axis=1)[:, :2]
    mean, spread = rest_of(best, values.sum(axis=1), (values**2).sum(axis=1), values.shape[1])
    return np.stack([best[:, 0] - best[:, 1], (best[:, 0] - mean) / spread], axis=1)


def fit_acceptance(
    known: FloatArray, known_labels: Sequence[int] | NDArray[np.int64], unknown: FloatArray
) -> dict[str, float]:
    """Fit the rule: bias, margin, standing, accept_at, unknown_below.

    known: (n, k) similarities of queries to the k labels, with their true ones; unknown: (m, k), of queries
    outside the catalogue, weighted to be STRANGERS of all.
    """
    inputs = np.concatenate([margin_and_standing(known), margin_and_standing(unknown)])
    right = np.concatenate([known.argmax(axis=1) == np.asarray(known_labels), np.zeros(len(unknown), bool)])
    weights = np.concatenate(
        [np.full(len(known), (1 - STRANGERS) / len(known)), np.full(len(unknown), STRANGERS / len(unknown))]
    )
    design = np.column_stack([np.ones(len(inputs)), inputs])
    rule = _logistic(design, right.astype(np.float64), weights)
    return {
        "bias": float(rule[0]),
        "margin": float(rule[1]),
        "standing": float(rule[2]),
        "accept_at": ACCEPT_AT,
        "unknown_below": UNKNOWN_BELOW,
    }


def fit_evidence(
    scores: Floats, evidence: Floats, right: NDArray[np.bool_] | Floats, weights: Floats | None = None
) -> dict[str, float]:
    """Fit how re-ranking's evidence changes a rule: the settings of ``Acceptance`` named EVIDENCE.

    scores: (n,) log odds by the rule alone (``Acceptance.score`` of candidates without evidence), of crops
    that re-ranking looked at. evidence: (n, 4), see ``recognition.stages.accept.Evidence``. right: (n,) the
    first candidate is right. weights: (n,), equal by default. The scores get a weight, too: close calls are
    less sure than a rule fitted on all crops says.
    """
    design = np.column_stack([np.ones(len(scores)), evidence, scores])
    if weights is None:
        weights = np.full(len(scores), 1 / len(scores))
    rule = _logistic(design, right.astype(np.float64), weights)
    return dict(zip(EVIDENCE, rule.tolist(), strict=True))


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
