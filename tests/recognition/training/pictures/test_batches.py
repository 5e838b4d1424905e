"""Batches even out unequal classes, repeat for a step, and hold varied pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.training.pictures.augment import TRANSFORMS, augment
from recognition.training.pictures.sampling import BalancedRows, ClassBatches, class_weights
from recognition.training.pictures.sources import labelled, read_source
from recognition.training.pictures.views import Views
from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.packs import packshot

CLASS = np.repeat(np.arange(3), (90, 9, 1))


@pytest.mark.parametrize(
    ("power", "shares"),
    [(0.0, (0.9, 0.09, 0.01)), (1.0, (1 / 3, 1 / 3, 1 / 3)), (0.5, (0.7034, 0.2224, 0.0741))],
)
def test_rare_classes_are_drawn_more_often(power: float, shares: tuple[float, ...]) -> None:
    weights = class_weights(CLASS, power)
    got = [float(weights[value == CLASS].sum()) for value in range(3)]
    assert got == pytest.approx(shares, abs=1e-3)


def test_a_step_draws_the_same_rows_again() -> None:
    rows = BalancedRows(CLASS, 16, seed=4)
    assert rows(7).tolist() == BalancedRows(CLASS, 16, seed=4)(7).tolist()
    assert rows(7).tolist() != rows(8).tolist()


def test_triplet_batches_hold_each_class_several_times() -> None:
    batches = ClassBatches(CLASS, classes=2, each=4, seed=1)
    seen = set()
    for step in range(12):
        rows = batches(step)
        values, counts = np.unique(CLASS[rows], return_counts=True)
        assert counts.tolist() == [4, 4]
        seen |= set(values.tolist())
    assert seen == {0, 1, 2}
    with pytest.raises(ValueError, match="at least 2 classes"):
        ClassBatches(np.zeros(5, np.int64), 2, 4)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("shape", [(90, 40), (17, 64)])
def test_a_transform_changes_a_picture_and_keeps_it_one(name: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (*shape, 3)).astype(np.uint8)
    before = picture.copy()
    varied = [TRANSFORMS[name](picture, rng) for _ in range(5)]
    for changed in varied:
        assert changed.dtype == np.uint8
        assert changed.shape[2] == 3
        assert all(0.7 * side <= got <= side for got, side in zip(changed.shape[:2], shape, strict=True))
    assert any(changed.shape != picture.shape or (changed != picture).any() for changed in varied)
    assert (picture == before).all()


def test_only_the_named_transforms_happen() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    assert (augment(picture, np.random.default_rng(1), ()) == picture).all()
    glared = augment(picture, np.random.default_rng(1), ("glare",), each=1.0)
    assert (glared >= picture).all()
    assert (glared > picture).any()


def test_views_are_square_and_the_same_for_a_step(shelf: Path) -> None:
    pictures = labelled(read_source(str(shelf / "photos")))
    rows = np.array([0, 20, 20])
    views = Views(pictures, 48, seed=2)
    assert views.plain(rows).shape == (3, 48, 48, 3)
    varied = views.varied(rows, step=5)
    assert (varied == Views(pictures, 48, seed=2).varied(rows, step=5)).all()
    assert (varied[1] != varied[2]).any()
    with pytest.raises(ValueError, match="no transform fog; there are framing"):
        Views(pictures, 48, ("fog",))


def test_a_packshot_is_put_on_a_shelf(tmp_path: Path) -> None:
    import cv2

    for sku in "ab":
        (tmp_path / sku).mkdir()
        drawn = packshot(make_catalogue(ord(sku), brands=1, skus=1)[0])
        cv2.imwrite(str(tmp_path / sku / "0.png"), drawn[..., ::-1])
    views = Views(labelled(read_source(str(tmp_path))), 96)
    varied = views.varied(np.array([0, 1]), step=0)
    assert varied.shape == views.plain(np.array([0, 1])).shape == (2, 96, 96, 3)
    assert varied[:, :3, :3].min() < 235  # the white border is gone
