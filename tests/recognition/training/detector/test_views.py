from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.detector.data import edge_map, points_along
from recognition.training.detector.looks import restyle
from recognition.training.detector.views import Scene, compose, view
from recognition.training.evaluate.detection import as_boxes, iou_matrix

RED, GREY = (255, 0, 0), (90, 90, 90)


def scene(
    box: tuple[int, int, int, int] = (120, 80, 200, 230), ignore: list[list[float]] | None = None
) -> Scene:
    """A red pack, and a board's edge along its bottom."""
    image = np.full((300, 400, 3), GREY, np.uint8)
    image[box[1] : box[3], box[0] : box[2]] = RED
    edge = points_along([np.array([[box[0], box[3] - 1], [box[2] - 1, box[3] - 1]], np.float32)])
    return Scene(image, as_boxes([box]), as_boxes(ignore or []), np.zeros(1, int), np.ones(4, bool), edge)


def red_box(image: np.ndarray) -> np.ndarray:
    """The bounding box of the red pixels."""
    rows, columns = np.nonzero((image[:, :, 0] > 170) & (image[:, :, 1] < 60))
    return as_boxes([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]])


@pytest.mark.parametrize("seed", range(25))
def test_the_box_goes_where_its_pixels_go(seed: int) -> None:
    shown = view(scene(), 320, 256, np.random.default_rng(seed))

    assert shown.image.shape == (256, 320, 3)
    for box in shown.boxes:
        np.testing.assert_allclose(box, red_box(shown.image)[0], atol=2.5)


def test_edges_go_where_their_pixels_go_and_none_leaves_the_picture() -> None:
    for seed in range(25):
        shown = view(scene(), 320, 256, np.random.default_rng(seed))
        rows, columns = np.nonzero(edge_map(shown))

        assert (shown.edges >= 0).all()
        assert (shown.edges < [320, 256]).all()
        for box in shown.boxes[: len(rows)]:
            assert np.abs(rows * 8 + 4 - box[3]).max() < 9
            assert np.abs([columns.min() * 8 + 4 - box[0], columns.max() * 8 + 4 - box[2]]).max() < 9


def test_a_mosaic_knows_only_what_all_its_parts_know() -> None:
    half_known = replace(scene(), known=np.array([True, False, True, True]))
    made = [compose([half_known, *[scene()] * 3], 256, np.random.default_rng(seed)) for seed in range(12)]

    assert all(part.known.tolist() == [True, False, True, True] for part in made)
    assert all(len(part.kinds) == len(part.boxes) for part in made)


def test_a_product_mostly_outside_becomes_an_ignore_region() -> None:
    """Over many views some cut the product; no box may show less than half of its product."""
    cut = 0
    for seed in range(60):
        shown = view(scene(), 96, 96, np.random.default_rng(seed))
        assert len(shown.boxes) + len(shown.ignore) <= 1
        if len(shown.ignore) and (shown.ignore[0, 2:] - shown.ignore[0, :2]).min() > 5:
            cut += 1
            assert iou_matrix(shown.ignore, red_box(shown.image)).max() > 0.5
    assert cut > 5


def test_ignore_regions_move_with_the_picture() -> None:
    shown = view(scene(ignore=[[120, 80, 200, 230]]), 320, 256, np.random.default_rng(3))

    np.testing.assert_allclose(shown.ignore, shown.boxes, atol=1e-3)


def test_a_mosaic_shows_parts_of_four_scenes() -> None:
    scenes = [scene(), scene((20, 20, 60, 90)), scene((220, 10, 300, 100)), scene((10, 200, 90, 280))]
    found = [compose(scenes, 256, np.random.default_rng(seed)) for seed in range(30)]

    assert max(len(made.boxes) for made in found) > 1
    for made in found:
        assert made.image.shape == (256, 256, 3)
        assert (made.boxes >= 0).all()
        assert (made.boxes <= 256).all()


@pytest.mark.parametrize("seed", range(12))
def test_restyling_keeps_the_shape_and_repeats_by_seed(seed: int) -> None:
    image = np.random.default_rng(0).integers(0, 255, (64, 80, 3), dtype=np.uint8)

    first = restyle(image, np.random.default_rng(seed))

    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, restyle(image, np.random.default_rng(seed)))
    assert not np.array_equal(first, image)
