"""Intervals and rows of the ablation, by hand and by known formulas."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.stages.keypoints import Sift
from recognition.training.ablation.intervals import over_both, over_seeds
from recognition.training.ablation.matching import matching_ranks
from recognition.training.ablation.table import make_row
from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.packs import packshot


def test_the_interval_over_seeds_is_students() -> None:
    # Three seeds: mean 0.6, standard error 0.1 / sqrt(3), t of 2 degrees at 97.5 % = 4.3027.
    low, high = over_seeds(np.array([0.5, 0.6, 0.7]))
    assert (low, high) == pytest.approx((0.6 - 4.3027 * 0.057735, 0.6 + 4.3027 * 0.057735), abs=1e-4)
    assert over_seeds(np.array([0.25, 0.25])) == (0.25, 0.25)


def test_the_bootstrap_covers_what_a_binomial_says() -> None:
    right = (np.arange(400) % 4 != 0)[None].repeat(3, axis=0)
    low, high = over_both(right)
    width = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - width, 0.75 + width), abs=0.008)


def test_a_difference_is_taken_pair_by_pair() -> None:
    before = np.tile([True, False], (2, 100))
    after = before.copy()
    after[:, 1:20:2] = True  # ten pictures more, none lost
    low, high = over_both(after, before)
    assert 0 < low < 0.05 < high < 0.09
    assert over_both(before, before) == (0, 0)


def test_a_row_says_what_it_gained() -> None:
    before = [np.array([0, 1, 2, 7]), np.array([0, 0, 2, 7])]
    row = make_row("after", [np.array([0, 0, 2, 7]), np.array([0, 0, 0, 4])], before)
    assert row.seeds == (0.5, 0.75)
    assert row.accuracy == pytest.approx(0.625)
    assert row.top5 == pytest.approx(7 / 8)
    assert row.gain == pytest.approx(0.25)
    assert "62.5%" in row.line()
    assert "gain +25.0" in row.line()


def test_key_points_name_the_product_with_the_most_agreeing_points() -> None:
    packs = [packshot(spec) for spec in make_catalogue(4, brands=3, skus=3)]
    finder = Sift()
    train = finder.find(packs)
    views = finder.find([pack[20:-20, 10:] for pack in packs])
    label = np.arange(3)
    assert matching_ranks(train, label, views, label).tolist() == [0, 0, 0]
    blank = finder.find([np.full((60, 60, 3), 255, np.uint8)])
    assert matching_ranks(train, label, blank, np.array([1])).tolist() == [2]
