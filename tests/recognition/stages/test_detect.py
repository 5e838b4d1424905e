from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.runtime.manifest import default_manifest
from recognition.runtime.sessions import session
from recognition.stages.detect import DOUBTFUL, KINDS, Detector, prepare, suppress, vote
from recognition.training.evaluate.detection import as_boxes, iou_matrix, judge
from recognition.training.render.fixture import scenery
from recognition.training.render.paint import put_text
from recognition.training.render.scene import render_scene
from recognition.types import ImageArray

SHELF = render_scene(11, size=(1200, 900), quality="phone", products=(20, 60), angle=0.0)
boxes_strategy = st.lists(
    st.tuples(*[st.integers(0, 80)] * 2, *[st.integers(1, 60)] * 2, st.integers(1, 100)), max_size=20
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(default_manifest().active("detector"))


def test_a_photo_is_scaled_to_the_long_side_and_padded_at_the_right_and_below() -> None:
    photo = np.full((100, 300, 3), 200, np.uint8)

    prepared = prepare(photo, long_side=640, multiple=32)

    assert prepared.picture.shape == (1, 224, 640, 3)
    assert prepared.scale == pytest.approx(640 / 300)
    assert (prepared.picture[0, :213] == 200).all()
    assert (prepared.picture[0, 213:] == 114).all()


def test_suppression_keeps_the_better_of_two_that_overlap_too_much() -> None:
    boxes = as_boxes([[0, 0, 10, 10], [1, 0, 11, 10], [10, 0, 20, 10]])

    assert suppress(boxes, np.array([0.5, 0.9, 0.4], np.float32), 0.6).tolist() == [1, 2]
    assert suppress(as_boxes([]), np.zeros(0, np.float32), 0.6).tolist() == []


@given(boxes_strategy, st.sampled_from([0.3, 0.6, 0.9]))
def test_what_suppression_keeps_is_apart_and_what_it_drops_is_not(
    rows: list[tuple[int, int, int, int, int]], iou: float
) -> None:
    boxes = as_boxes([[x, y, x + w, y + h] for x, y, w, h, _ in rows])
    scores = np.array([score / 100 for *_, score in rows], np.float32)

    kept = suppress(boxes, scores, iou)
    dropped = np.setdiff1d(np.arange(len(rows)), kept)
    overlap = iou_matrix(boxes, boxes)

    assert (np.diff(scores[kept]) <= 0).all()
    assert (np.triu(overlap[np.ix_(kept, kept)], 1) <= iou + 1e-6).all()
    for row in dropped:
        better = kept[scores[kept] >= scores[row]]
        assert overlap[row, better].max() > iou - 1e-6


def test_boxes_that_see_the_same_package_are_averaged_by_score_and_overlap() -> None:
    boxes = as_boxes([[0, 0, 10, 10], [0, 0, 10, 8], [30, 0, 40, 10]])
    scores = np.array([0.8, 0.5, 0.9], np.float32)

    voted = vote(boxes, scores, np.array([2, 0]), iou=0.65)

    lower = (0.8 * 1.0 * 10 + 0.5 * 0.8 * 8) / (0.8 * 1.0 + 0.5 * 0.8)
    np.testing.assert_allclose(voted, [[30, 0, 40, 10], [0, 0, 10, lower]], rtol=1e-6)
    assert vote(as_boxes([]), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.65).shape == (0, 4)


def test_most_packages_of_a_rendered_shelf_are_found_tightly(detector: Detector) -> None:
    found = detector.detect(SHELF.image)

    judged = judge(
        as_boxes([item.box for item in found]),
        np.array([item.score for item in found], np.float32),
        SHELF.boxes,
        as_boxes([]),
        iou=0.7,
    )
    assert judged.right.sum() / judged.boxes > 0.6


def test_detections_lie_on_the_photo_best_first_above_the_threshold(detector: Detector) -> None:
    found = detector.detect(SHELF.image)

    height, width = SHELF.image.shape[:2]
    scores = [item.score for item in found]
    assert found
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] >= detector.threshold
    for item in found:
        assert 0 <= item.box[0] < item.box[2] <= width
        assert 0 <= item.box[1] < item.box[3] <= height
    assert len(detector.detect(SHELF.image, threshold=0.9)) < len(found)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (900, 7), (33, 32)])
def test_awkward_sizes_are_handled(detector: Detector, size: tuple[int, int]) -> None:
    for item in detector.detect(np.full((*size, 3), 90, np.uint8)):
        assert item.box[2] <= size[1]
        assert item.box[3] <= size[0]


def test_an_even_picture_holds_no_package(detector: Detector) -> None:
    assert detector.detect(np.full((480, 640, 3), 128, np.uint8)) == []


def pictures_without_packs() -> dict[str, ImageArray]:
    """Things people photograph by mistake, drawn: walls, floors, print, noise, and a shop out of focus."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:600, 0:800]
    checks = np.where(((x // 80) + (y // 60)) % 2, 200, 60).astype(np.uint8)
    tiles = np.where((x % 120 < 4) | (y % 120 < 4), 90, 205).astype(np.uint8)
    page = np.full((600, 800, 3), 250, np.uint8)
    for line in range(18):
        put_text(
            page, "shelf ends and other words " * 2, "", (0.05, 0.05 * line + 0.03, 0.9, 0.03), (20, 20, 20)
        )
    return {
        "checks": np.dstack([checks] * 3),
        "tiles": np.dstack([tiles] * 3),
        "page": page,
        "noise": rng.integers(0, 255, (600, 800, 3), dtype=np.uint8),
        "slope": np.dstack([(x * 255 // 800).astype(np.uint8)] * 3),
        "shop": scenery(rng, 800, 600, (150, 140, 120)),
    }


@pytest.mark.parametrize("name", ["checks", "tiles", "page", "noise", "slope", "shop"])
def test_pictures_without_packs_hold_almost_none(detector: Detector, name: str) -> None:
    assert len(detector.detect(pictures_without_packs()[name])) <= 2


def test_an_empty_shelf_has_gaps_and_tags_but_no_packages(detector: Detector) -> None:
    shelf = render_scene(3, plan=[[(None, 120.0, 0)]] * 3, size=(1200, 900), quality="phone", angle=0.0)

    seen = detector.see(shelf.image)

    assert len(seen.products) <= 1
    found = as_boxes([gap.box for gap in seen.gaps])
    assert (
        iou_matrix(as_boxes([box for box, _ in shelf.gaps]), found).max(axis=1, initial=0) > 0.4
    ).sum() >= 2


def test_doubtful_boxes_are_those_below_the_operating_point(detector: Detector) -> None:
    image = render_scene(5, size=(900, 700), quality="varied").image

    seen = detector.see(image)

    assert seen.products == detector.detect(image)
    assert seen.doubtful == [d for d in detector.detect(image, DOUBTFUL) if d.score < detector.threshold]
    assert seen.doubtful


@pytest.mark.parametrize(("below", "above", "long_side"), [(0, 1, 640), (0, 2000, 1024), (2000, 3000, 1408)])
def test_large_packs_are_looked_at_from_farther_and_small_ones_from_closer(
    detector: Detector, below: int, above: int, long_side: int
) -> None:
    entry = detector.entry
    looks = {
        "closer": {"below": below, "long_side": 1408},
        "farther": {"above": above, "long_side": 640},
    }
    one = {name: entry.preprocessing[name] for name in ("colour", "dtype", "multiple")}
    image = render_scene(11, size=(1600, 1200), quality="phone", products=(10, 30), angle=0.0).image

    found = Detector(replace(entry, preprocessing=one | {"long_side": 1024} | looks)).detect(image)

    assert found == Detector(replace(entry, preprocessing=one | {"long_side": long_side})).detect(image)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(detector: Detector, picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected an RGB picture"):
        detector.detect(picture)


def test_the_shipped_model_says_what_it_said_when_it_was_exported(detector: Detector) -> None:
    y, x = np.mgrid[0:96, 0:128]
    pattern = [(x * 2) % 256, (y * 2 + x) % 256, np.where((x // 16 + y // 24) % 2, 220, 40)]
    picture = np.dstack(pattern).astype(np.uint8)[None]

    boxes, scores, edges = session(detector.entry).run(None, {"pictures": picture})

    assert (boxes.shape, scores.shape, edges.shape) == ((1, 252, 4), (1, 252, len(KINDS)), (1, 12, 16))
    assert scores[0, :, 0].argmax() == 246
    np.testing.assert_allclose(boxes[0, 246], [-0.46, 0.91, 127.43, 95.85], atol=0.05)
    np.testing.assert_allclose(scores[0, 246], [0.1547, 0.0051, 0.0484], atol=2e-3)
    np.testing.assert_allclose(edges[0, 3, :4], [0.0660, 0.0305, 0.0300, 0.0402], atol=2e-3)
