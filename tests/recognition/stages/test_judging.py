"""Quality, orientation, crops, acceptance, retrieval in memory and scale."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.stages import quality
from recognition.stages.accept import Acceptance
from recognition.stages.crop import cut
from recognition.stages.lines import count_rails, find_segments
from recognition.stages.orient import find_turn, turn_back, turn_image
from recognition.stages.rectify import identity, warp_points
from recognition.stages.retrieve import USUAL, USUAL_SPREAD, NumpyGallery
from recognition.stages.scale import cm_per_px
from recognition.types import (
    Box,
    Candidate,
    Detection,
    Facing,
    FacingStatus,
    Gap,
    ImageArray,
    PriceTag,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)

RULE = Acceptance(bias=-8, similarity=12, margin=10, standing=0.2, accept_at=0.6, unknown_below=0.3)
GOOD = Quality(True, 500.0, 120.0)


def shelf_photo() -> ImageArray:
    """Dark rails on a light wall, with packs between them."""
    photo = np.full((900, 1200, 3), 200, np.uint8)
    rng = np.random.default_rng(1)
    for board in (250, 500, 750):
        cv2.rectangle(photo, (0, board), (1200, board + 20), (60, 60, 60), -1)
        for x in range(30, 1150, 90):
            cv2.rectangle(photo, (x, board - 130), (x + 70, board), rng.integers(0, 255, 3).tolist(), -1)
            cv2.putText(photo, "PACK", (x + 5, board - 60), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 2)
    return photo


def test_a_clear_photo_has_no_problems() -> None:
    judged = quality.assess(shelf_photo())

    assert judged.usable
    assert judged.problems == ()


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (np.asarray(cv2.GaussianBlur(shelf_photo(), (0, 0), 15), np.uint8), quality.BLURRED),
        ((shelf_photo() * 0.04).astype(np.uint8), quality.DARK),
        (np.clip(shelf_photo().astype(int) + 240, 0, 255).astype(np.uint8), quality.BRIGHT),
        (np.asarray(cv2.resize(shelf_photo(), (200, 150)), np.uint8), "200 × 150 pixels"),
    ],
    ids=["blurred", "dark", "bright", "small"],
)
def test_a_spoilt_photo_is_refused_with_what_to_do(spoilt: ImageArray, message: str) -> None:
    judged = quality.assess(spoilt)

    assert not judged.usable
    assert message in judged.problems[0]


def test_a_soft_photo_is_used_with_a_hint() -> None:
    judged = quality.assess(np.asarray(cv2.GaussianBlur(shelf_photo(), (0, 0), 1.5), np.uint8))

    assert judged.usable
    assert judged.problems == (quality.BLURRED,)


@pytest.mark.parametrize(
    ("seen", "rails", "usable", "message"),
    [
        (0, 5, False, quality.NO_SHELF),
        (2, 0, False, quality.NO_SHELF),
        (2, 4, True, quality.FEW_PRODUCTS),
        (3, 0, True, None),
    ],
)
def test_a_photo_without_a_shelf_is_refused(seen: int, rails: int, usable: bool, message: str | None) -> None:
    judged = quality.assess_detections(GOOD, [Detection((0, 0, 9, 9), 0.9)] * seen, rails)

    assert judged.usable is usable
    assert judged.problems == ((message,) if message else ())


def test_rails_are_counted_once_each() -> None:
    photo = shelf_photo()

    assert count_rails(find_segments(photo), photo.shape) >= 3
    assert count_rails(np.zeros((0, 4), np.float32), photo.shape) == 0
    assert len(find_segments(np.full((100, 100, 3), 9, np.uint8))) == 0


@pytest.mark.parametrize("quarters", [0, 1, 3])
def test_a_photo_on_its_side_is_found_and_its_layout_turned_back(quarters: int) -> None:
    upright = shelf_photo()
    taken = turn_image(upright, 4 - quarters if quarters else 0)

    def detect(image: ImageArray) -> list[Detection]:
        """Tells packs lying down from packs standing up, but not from packs standing on their heads."""
        return [Detection((100, 120, 170, 250), 0.9)] * (20 if image.shape == upright.shape else 4)

    def likeness(image: ImageArray, detections: object) -> float:
        return float(np.array_equal(image, upright))

    turn, found = find_turn(taken, find_segments(taken), detect(taken), detect, likeness)

    assert turn == quarters
    assert len(found) == 20
    layout = turn_back(one_facing((100, 120, 170, 250), upright.shape), turn)
    x1, y1, x2, y2 = (round(v) for v in layout.facings[0].box)
    assert (layout.height, layout.width) == taken.shape[:2]
    assert np.array_equal(turn_image(taken[y1:y2, x1:x2], quarters), upright[120:250, 100:170])
    there = warp_points(layout.rectified.homography, np.array([[(x1 + x2) / 2, (y1 + y2) / 2]]))
    assert there[0] == pytest.approx([135, 185])
    assert layout.gaps[0].box == layout.price_tags[0].box == layout.facings[0].box


def one_facing(box: Box, shape: tuple[int, ...], sku: str = "A", rect_box: Box | None = None) -> ShelfLayout:
    facing = Facing(box, rect_box or box, 0, 0, 0, 0.9, FacingStatus.ACCEPTED, sku, 0.9)
    plane = identity(shape[1], shape[0])
    return ShelfLayout(
        shape[1],
        shape[0],
        GOOD,
        plane,
        1,
        (facing,),
        (Gap(box, box, 0),),
        price_tags=(PriceTag(box, box, 0),),
    )


def test_crops_have_their_perspective_taken_away_only_where_it_is_known() -> None:
    photo = shelf_photo()
    shear = np.array([[1.0, 0.1, 0], [0, 1, 0], [0, 0, 1]])
    boxes = np.array([[100.0, 120, 170, 250], [1190, 890, 1230, 930]])
    rect = np.array([[115.0, 120, 185, 250], [1190, 890, 1200, 900]])

    plain = cut(photo, boxes, rect, RectifiedShelf(shear, 1300, 900, (), 0.1))
    straight = cut(photo, boxes, rect, RectifiedShelf(shear, 1300, 900, (), 0.9))

    assert np.array_equal(plain[0], photo[120:250, 100:170])
    assert plain[1].shape == (10, 10, 3)
    assert straight[0].shape == (130, 70, 3)
    assert not np.array_equal(straight[0], plain[0])


def test_acceptance_grows_with_similarity_and_margin() -> None:
    clear = [Candidate("A", 0.9), Candidate("B", 0.4)]
    close = [Candidate("A", 0.65), Candidate("B", 0.64)]
    poor = [Candidate("A", 0.3), Candidate("B", 0.29)]

    statuses = [RULE.judge(c) for c in (clear, close, poor, [])]

    assert [(v.status, v.sku) for v in statuses] == [
        (FacingStatus.ACCEPTED, "A"),
        (FacingStatus.AMBIGUOUS, "A"),
        (FacingStatus.UNKNOWN, None),
        (FacingStatus.UNKNOWN, None),
    ]
    assert RULE.chance(clear) > RULE.chance(close) > RULE.chance(poor)
    assert statuses[2].confidence == pytest.approx(1 - RULE.chance(poor))
    assert statuses[3].confidence == 1.0


def test_standing_above_the_rest_of_the_gallery_counts() -> None:
    def chance(standing: float | None) -> float:
        return RULE.chance([Candidate("A", 0.6, standing=standing), Candidate("B", 0.5)])

    usual = (0.6 - USUAL) / USUAL_SPREAD
    assert chance(usual - 1) < chance(None) < chance(usual + 1)
    assert chance(None) == pytest.approx(chance(usual))


def test_the_memory_gallery_says_how_far_each_candidate_stands_above_the_rest() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((400, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[:1] + 0.02 * rng.standard_normal((1, 256)).astype(np.float32)
    query /= np.linalg.norm(query)

    (found,) = NumpyGallery(vectors, [f"{i:03d}" for i in range(400)]).search(query, 3)

    rest = np.r_[np.sort((query @ vectors.T)[0])[:-2], rng.normal(USUAL, USUAL_SPREAD, 4)]
    assert found[0].standing == pytest.approx((found[0].similarity - rest.mean()) / rest.std(), rel=0.05)
    assert found[0].standing > found[1].standing > found[2].standing


def test_a_small_gallery_says_little_about_what_is_usual() -> None:
    (found,) = NumpyGallery(np.eye(2, 256, dtype=np.float32), ["A", "B"]).search(
        np.eye(1, 256, dtype=np.float32), 2
    )

    assert found[0].standing == pytest.approx((1 - USUAL) / USUAL_SPREAD)


def test_a_rule_without_a_field_is_refused() -> None:
    with pytest.raises(KeyError, match="margin"):
        Acceptance.from_settings({"bias": 1, "similarity": 1})


def test_the_memory_gallery_gives_the_best_view_of_each_sku() -> None:
    vectors = np.eye(4, dtype=np.float32)
    gallery = NumpyGallery(vectors, ["A", "A", "B", "C"], ["a1", "a2", "b", "c"])
    query = np.array([[0.1, 0.7, 0.6, 0.2]], np.float32)

    (found,) = gallery.search(query, 2)

    assert [(c.sku, c.packshot) for c in found] == [("A", "a2"), ("B", "b")]
    assert NumpyGallery(np.zeros((0, 4), np.float32), []).search(query, 2) == [[]]


def facing(sku: str, width: float) -> Facing:
    return Facing((0, 0, 9, 9), (0, 0, width, 100), 0, 0, 0, 0.9, FacingStatus.ACCEPTED, sku, 0.9)


def test_the_scale_is_the_median_of_known_widths_and_ignores_half_hidden_packs() -> None:
    facings = [facing("A", 100), facing("A", 40), facing("B", 200), facing("C", 150), facing("D", 7)]
    widths = {"A": 10.0, "B": 20.0, "C": 30.0}

    assert cm_per_px(facings, widths) == pytest.approx(0.1)
    assert cm_per_px(facings[:1], {}, bay_width_cm=90) == pytest.approx(0.9)
    assert cm_per_px(facings, {}) is None
    assert cm_per_px([], widths, bay_width_cm=90) is None
