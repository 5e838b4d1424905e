from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recognition.stages.rectify import camera_matrix, rectify, rectify_boxes, warp_boxes, warp_points
from recognition.stages.shelves import find_rows

WIDTH, HEIGHT = 1200, 900
ROWS = [row for row in range(5) for _ in range(10)]
"""The rows of ``straight_shelf``."""
Matrix = NDArray[np.float64]


def turn(yaw: float, pitch: float, roll: float) -> Matrix:
    """(3, 3) rotation of the camera, degrees."""
    rotation = np.eye(3)
    for axis, angle in ((1, yaw), (0, pitch), (2, roll)):
        rotation = cv2.Rodrigues(np.radians(angle) * np.eye(3)[axis])[0] @ rotation
    return rotation


def view(yaw: float, pitch: float, roll: float) -> Matrix:
    """Homography from a straight photo of a shelf to one taken at an angle from the same place."""
    camera = camera_matrix(WIDTH, HEIGHT, None)
    return np.asarray(camera @ turn(yaw, pitch, roll) @ np.linalg.inv(camera))


def straight_shelf() -> tuple[Matrix, Matrix]:
    """Boxes (n, 4) and segments (m, 4) of five full shelves seen straight on, well inside the photo."""
    boards = [230.0 + 130 * i for i in range(5)]
    boxes = [(x, y - 90, x + 55, y) for y in boards for x in np.arange(320, 880, 60.0)]
    rails = [(300.0, y + offset, 900.0, y + offset) for y in boards for offset in (3, 12)]
    sides = [(x, y1, x, y2) for x1, y1, x2, y2 in boxes for x in (x1, x2)]
    uprights = [(x, 150.0, x, 780.0) for x in (300.0, 900.0)]
    return np.array(boxes), np.array([*rails, *sides, *uprights])


def seen(homography: Matrix, segments: Matrix) -> Matrix:
    return warp_points(homography, segments.reshape(-1, 2)).reshape(-1, 4)


@settings(max_examples=60, deadline=None)
@given(st.floats(-32, 32), st.floats(-18, 18), st.floats(-10, 10))
def test_a_shelf_seen_at_an_angle_comes_out_straight_and_in_proportion(
    yaw: float, pitch: float, roll: float
) -> None:
    boxes, segments = straight_shelf()
    tilted = view(yaw, pitch, roll)
    photo_boxes = warp_boxes(tilted, boxes)

    plane = rectify(seen(tilted, segments).astype(np.float32), photo_boxes, WIDTH, HEIGHT)

    whole = plane.homography @ tilted
    corners = warp_points(whole, np.array([[320.0, 230], [875, 230], [320, 750], [875, 750]]))
    right, down = corners[1] - corners[0], corners[2] - corners[0]
    assert plane.confidence > 0.5
    assert abs(right[1] / right[0]) < 0.02
    assert abs(down[0] / down[1]) < 0.02
    assert np.allclose(corners[3] - corners[2], right, rtol=0.03, atol=3)
    assert right[0] / down[1] == pytest.approx(555 / 520, rel=0.03)
    assert find_rows(rectify_boxes(plane.homography, photo_boxes)).tolist() == [
        i for i in range(5) for _ in range(10)
    ]


@settings(max_examples=60, deadline=None)
@given(st.floats(-30, 30), st.floats(-15, 15), st.floats(-12, 12))
def test_rectified_boxes_have_the_packs_true_size(yaw: float, pitch: float, roll: float) -> None:
    boxes, _ = straight_shelf()
    tilted = view(yaw, pitch, roll)

    found = rectify_boxes(np.asarray(np.linalg.inv(tilted)), warp_boxes(tilted, boxes))

    assert np.abs(found - boxes).max() < 6


@settings(max_examples=40, deadline=None)
@given(st.floats(-30, 30), st.floats(-15, 15), st.floats(-12, 12), st.integers(0, 10**6))
def test_points_come_back_from_the_rectified_plane(yaw: float, pitch: float, roll: float, seed: int) -> None:
    boxes, segments = straight_shelf()
    tilted = view(yaw, pitch, roll)
    plane = rectify(seen(tilted, segments).astype(np.float32), warp_boxes(tilted, boxes), WIDTH, HEIGHT)
    points = warp_points(tilted, np.random.default_rng(seed).uniform((320, 150), (880, 760), (20, 2)))

    back = warp_points(np.asarray(np.linalg.inv(plane.homography)), warp_points(plane.homography, points))

    assert np.allclose(back, points, atol=1e-3)


def test_without_lines_the_photo_stays_as_it_is() -> None:
    boxes, _ = straight_shelf()
    rng = np.random.default_rng(3)
    noise = rng.uniform(0, 900, (60, 4)).astype(np.float32)
    nothing = np.zeros((0, 4), np.float32)

    for segments in (nothing, None, noise[:, [0, 1, 0, 1]] + np.array([0, 0, 3, 60], np.float32)):
        plane = rectify(segments, boxes, WIDTH, HEIGHT)
        assert plane.confidence == 0
        assert np.array_equal(plane.homography, np.eye(3))
    assert rectify(noise, np.zeros((0, 4)), WIDTH, HEIGHT).confidence == 0


def test_rows_of_a_shelf_seen_from_the_side_are_found_only_after_rectifying() -> None:
    boxes, segments = straight_shelf()
    tilted = view(38, 12, 14)
    photo_boxes = warp_boxes(tilted, boxes)
    plane = rectify(seen(tilted, segments).astype(np.float32), photo_boxes, WIDTH, HEIGHT)

    assert find_rows(photo_boxes).tolist() != ROWS
    assert find_rows(rectify_boxes(plane.homography, photo_boxes)).tolist() == ROWS


def test_points_behind_the_camera_are_refused() -> None:
    with pytest.raises(ValueError, match="behind the camera"):
        warp_points(np.array([[1.0, 0, 0], [0, 1, 0], [-0.01, 0, 1]]), np.array([[0.0, 0], [500, 0]]))
