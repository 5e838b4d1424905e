"""Reliability, calibration error and the telling apart of strangers, on scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.training.evaluate.calibration import expected_calibration_error, open_set, reliability


def test_bins_hold_their_own_confidences_and_accuracy() -> None:
    curve = reliability([0.05, 0.15, 0.17, 1.0], [False, True, False, True], bins=10)
    assert [bar.count for bar in curve] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert curve[1].confidence == pytest.approx(0.16)
    assert curve[1].accuracy == 0.5
    assert curve[9].accuracy == 1.0
    assert (curve[2].low, curve[2].high, curve[2].confidence) == (0.2, 0.3, 0.25)


def test_believable_confidences_have_a_small_error_and_boasting_a_large_one() -> None:
    rng = np.random.default_rng(0)
    chance = rng.random(20_000)
    right = rng.random(20_000) < chance
    assert expected_calibration_error(chance, right) < 0.02
    boasting = np.full(20_000, 0.9)
    assert expected_calibration_error(boasting, right) == pytest.approx(0.4, abs=0.02)


def test_weights_say_how_much_each_confidence_counts() -> None:
    confidence, correct = [0.9, 0.9, 0.3], [True, False, False]
    curve = reliability(confidence, correct, weights=[3, 1, 4])
    assert (curve[9].accuracy, curve[9].share, curve[3].share) == (0.75, 0.5, 0.5)
    error = expected_calibration_error(confidence, correct, weights=[3, 1, 4])
    assert error == pytest.approx(0.5 * 0.15 + 0.5 * 0.3)


def test_strangers_below_all_known_are_told_apart_wholly() -> None:
    assert open_set([0.8, 0.9, 0.7], [0.1, 0.6]) == {"auroc": 1.0, "false_accept_at_95": 0.0}
    assert open_set([0.5, 0.9], [0.5, 0.1])["auroc"] == pytest.approx(0.875)


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [([0.5], [True, False]), ([1.2], [True]), ([], [])],
    ids=["length", "range", "none"],
)
def test_what_cannot_be_judged_is_refused(confidence: list[float], correct: list[bool]) -> None:
    with pytest.raises(ValueError, match=r"equal length|0\.\.1"):
        reliability(confidence, correct)
    with pytest.raises(ValueError, match="both kinds"):
        open_set([], [0.5])
