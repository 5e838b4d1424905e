from __future__ import annotations

import numpy as np
import pytest

from recognition.training.evaluate.rectification import evaluate_rectification, row_agreement, share_error


def test_rows_are_compared_whatever_their_numbers() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])

    assert row_agreement(np.array([1, 1, 1, 2, 2, 3]), truth) == 1.0
    assert row_agreement(np.array([0, 0, 1, 1, 1, 1]), truth) == pytest.approx(4 / 6)


def test_shares_are_compared_in_points() -> None:
    assert share_error([10, 30], [20, 20], ["A", "B"]) == pytest.approx(25)
    assert share_error([5, 5, 10], [1, 1, 2], ["A", "A", "B"]) == pytest.approx(0)


def test_photos_at_an_angle_gain_from_being_rectified() -> None:
    (found,) = evaluate_rectification([40.0], photos=6)

    assert found["photos"] >= 4
    assert found["rows_after"] > found["rows_before"]
    assert found["share_error_after"] < found["share_error_before"]
    assert found["unevenness_after"] < found["unevenness_before"]
