"""The acceptance rule learns from known and unknown queries what the similarities mean."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.calibrate import best_two, fit_acceptance
from recognition.stages.accept import Acceptance
from recognition.types import Candidate, FacingStatus


def queries(n: int, best: float, lead: float, seed: int) -> np.ndarray:
    """(n, 6) similarities: label 2 leads by about ``lead``, the rest far behind."""
    rng = np.random.default_rng(seed)
    similarities = rng.uniform(-0.2, 0.1, (n, 6))
    similarities[:, 2] = best + rng.normal(0, 0.05, n)
    similarities[:, 4] = similarities[:, 2] - np.abs(lead + rng.normal(0, 0.03, n))
    return similarities.astype(np.float32)


def test_best_two_gives_similarity_and_lead() -> None:
    found = best_two(np.array([[0.1, 0.9, 0.7], [0.5, 0.5, 0.2]], np.float32))
    np.testing.assert_allclose(found, [[0.9, 0.2], [0.5, 0.0]], atol=1e-6)


def test_the_rule_accepts_what_it_saw_right_and_leaves_what_it_saw_strange() -> None:
    known = queries(400, best=0.8, lead=0.3, seed=1)
    rule = fit_acceptance(known, [2] * 400, queries(300, best=0.35, lead=0.05, seed=2))
    acceptance = Acceptance.from_settings(rule)

    def status(first: float, second: float) -> FacingStatus:
        return acceptance.judge([Candidate("a", first), Candidate("b", second)]).status

    assert status(0.8, 0.5) is FacingStatus.ACCEPTED
    assert status(0.35, 0.3) is FacingStatus.UNKNOWN
    assert rule["similarity"] > 0
    assert rule["margin"] > 0
    assert 0 < rule["unknown_below"] <= rule["accept_at"] < 1


def test_chances_are_calibrated() -> None:
    rng = np.random.default_rng(5)
    known = queries(3000, best=0.6, lead=0.2, seed=3)
    truth = np.where(rng.random(3000) < 0.7, 2, 4)  # the nearest is right in seven of ten
    rule = fit_acceptance(known, truth, queries(3000, best=0.6, lead=0.2, seed=4))
    chance = Acceptance.from_settings(rule).chance([Candidate("a", 0.6), Candidate("b", 0.4)])
    assert chance == pytest.approx(0.7 * 0.7, abs=0.03)  # three of ten facings are strangers


def test_one_label_cannot_be_calibrated() -> None:
    with pytest.raises(ValueError, match="at least two labels"):
        best_two(np.zeros((3, 1), np.float32))
