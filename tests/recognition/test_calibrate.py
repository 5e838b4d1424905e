"""The acceptance rule learns from known and unknown queries what the similarities mean."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.calibrate import fit_acceptance, fit_evidence, margin_and_standing
from recognition.stages.accept import Acceptance, Verdict, signals
from recognition.stages.retrieve import NumpyGallery
from recognition.types import Agreement, Candidate, FacingStatus


def queries(n: int, best: float, lead: float, seed: int) -> np.ndarray:
    """(n, 6) similarities: label 2 leads by about ``lead``, the rest far behind."""
    rng = np.random.default_rng(seed)
    similarities = rng.uniform(-0.2, 0.1, (n, 6))
    similarities[:, 2] = best + rng.normal(0, 0.05, n)
    similarities[:, 4] = similarities[:, 2] - np.abs(lead + rng.normal(0, 0.03, n))
    return similarities.astype(np.float32)


def test_calibration_sees_the_signals_that_acceptance_sees() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((31, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query, references = vectors[:1], vectors[1:]
    (found,) = NumpyGallery(references, [f"{i:02d}" for i in range(30)]).search(query, 10)
    seen = signals(found)
    np.testing.assert_allclose(
        margin_and_standing(query @ references.T), [[seen.margin, seen.standing]], atol=1e-4
    )


def test_the_rule_accepts_what_it_saw_right_and_leaves_what_it_saw_strange() -> None:
    known = queries(400, best=0.8, lead=0.3, seed=1)
    rule = fit_acceptance(known, [2] * 400, queries(300, best=0.35, lead=0.05, seed=2))
    acceptance = Acceptance.from_settings(rule)

    def judged(similarities: np.ndarray) -> Verdict:
        order = np.argsort(-similarities)
        margin, standing = margin_and_standing(similarities[None])[0]
        first = Candidate("a", float(similarities[order[0]]), standing=float(standing))
        return acceptance.judge([first, Candidate("b", first.similarity - float(margin))])

    assert judged(known[0]).status is FacingStatus.ACCEPTED
    assert judged(queries(1, best=0.3, lead=0.05, seed=9)[0]).status is FacingStatus.UNKNOWN
    assert rule["margin"] > 0
    assert 0 < rule["unknown_below"] <= rule["accept_at"] < 1


def test_chances_are_calibrated() -> None:
    rng = np.random.default_rng(5)
    known = queries(3000, best=0.6, lead=0.2, seed=3)
    truth = np.where(rng.random(3000) < 0.7, 2, 4)  # the nearest is right in seven of ten
    rule = fit_acceptance(known, truth, queries(3000, best=0.6, lead=0.2, seed=4))
    margin, standing = np.median(margin_and_standing(known), axis=0).tolist()
    nearest = [Candidate("a", 0.6, standing=standing), Candidate("b", 0.6 - margin)]
    chance = Acceptance.from_settings(rule).chance(nearest)
    assert chance == pytest.approx(0.7 * 0.7, abs=0.03)  # three of ten facings are strangers


def test_one_label_cannot_be_calibrated() -> None:
    with pytest.raises(ValueError, match="at least two labels"):
        margin_and_standing(np.zeros((3, 1), np.float32))


def test_evidence_adds_to_a_rule_what_the_rule_does_not_know() -> None:
    rng = np.random.default_rng(1)
    right = rng.random(4000) < 0.5
    scores = rng.normal(np.where(right, 0.5, -0.5), 1.0)
    found = rng.normal(np.where(right, 3.5, 2.0), 0.5)
    agrees = rng.normal(np.where(right, 0.7, 0.4), 0.15)
    weights = fit_evidence(scores, np.stack([found, found - 2.0, agrees, 0 * agrees], axis=1), right)
    rule = Acceptance(0.0, 0.0, 0.5, 0.5, **weights)

    def chance(evidence: float | None, structure: float) -> float:
        first = Candidate("a", 0.5, evidence=evidence, agreement=Agreement(structure, 0.0))
        return rule.chance([first, Candidate("b", 0.5, evidence=2.0)])

    assert chance(None, 0.9) == 0.5
    assert chance(4.0, 0.7) > 0.9
    assert chance(1.5, 0.4) < 0.1
    assert chance(2.75, 0.8) > 0.8 > 0.2 > chance(2.75, 0.3)
    assert weights["evidence_rest"] == pytest.approx(1.0, abs=0.25)  # these scores are log odds
