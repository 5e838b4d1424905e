from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.training.evaluate.detection import (
    Judged,
    Labelled,
    as_boxes,
    average_precision,
    best_threshold,
    evaluate_detection,
    figures,
    iou_matrix,
    judge,
    precision_recall,
    read_coco,
)
from recognition.types import Detection, ImageArray

NONE = as_boxes([])


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def labelled(boxes: list[list[float]], ignore: list[list[float]] | None = None) -> Labelled:
    return Labelled("a.jpg", as_boxes(boxes), as_boxes(ignore or []))


def test_iou_of_half_overlapping_squares_is_a_third() -> None:
    overlap = iou_matrix(
        as_boxes([[0, 0, 10, 10]]), as_boxes([[5, 0, 15, 10], [20, 20, 30, 30], [0, 0, 10, 10]])
    )

    np.testing.assert_allclose(overlap, [[1 / 3, 0, 1]], rtol=1e-6)


def test_a_true_box_is_taken_once_by_the_better_score() -> None:
    found = judge(
        as_boxes([[0, 0, 10, 9], [0, 0, 10, 10]]), scores(0.6, 0.9), as_boxes([[0, 0, 10, 10]]), NONE, 0.5
    )

    assert found.right.tolist() == [True, False]
    assert found.scores.tolist() == pytest.approx([0.9, 0.6])
    assert found.boxes == 1


def test_a_wrong_detection_counts_unless_its_centre_is_ignored() -> None:
    boxes = as_boxes([[0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10]])

    found = judge(boxes, scores(0.9, 0.8, 0.7), as_boxes([[0, 0, 10, 10]]), as_boxes([[0, 0, 120, 20]]), 0.5)

    assert found.right.tolist() == [True, False]
    assert found.scores.tolist() == pytest.approx([0.9, 0.7])


def test_precision_and_recall_by_hand() -> None:
    photos = [Judged(scores(0.9, 0.5), np.array([True, False]), 3), Judged(scores(0.8), np.array([True]), 1)]

    assert precision_recall(photos, 0.6) == pytest.approx((1.0, 0.5, 2 / 3))
    assert precision_recall(photos, 0.4) == pytest.approx((2 / 3, 0.5, 4 / 7))
    assert precision_recall([], 0.4) == (0.0, 0.0, 0.0)


def test_average_precision_by_hand() -> None:
    """Right, wrong, right of two boxes: precision 1 up to recall 0.5, then 2/3."""
    photo = Judged(scores(0.9, 0.8, 0.7), np.array([True, False, True]), 2)

    assert average_precision([photo]) == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_average_precision_stops_at_the_recall_reached() -> None:
    assert average_precision([Judged(scores(0.9), np.array([True]), 2)]) == pytest.approx(51 / 101)
    assert average_precision([Judged(scores(), np.zeros(0, bool), 2)]) == 0.0


def test_figures_separate_tight_from_loose_boxes() -> None:
    """One box is met exactly, one with IoU 0.6."""
    truth = labelled([[0, 0, 10, 10], [50, 0, 60, 10]])
    found = [Detection((0, 0, 10, 10), 0.9), Detection((50, 0, 56, 10), 0.8)]

    result = figures([(found, truth)], threshold=0.5)

    assert result["f1_50"] == 1.0
    assert result["precision_70"] == result["recall_70"] == result["f1_70"] == 0.5
    assert result["ap75"] == pytest.approx(51 / 101)
    assert result["ap"] == pytest.approx((3 * 1 + 7 * 51 / 101) / 10)
    assert (result["images"], result["boxes"]) == (1, 2)


def test_the_best_threshold_parts_right_from_wrong() -> None:
    truth = labelled([[0, 0, 10, 10]])
    found = [Detection((0, 0, 10, 10), 0.805), Detection((50, 0, 60, 10), 0.405)]

    assert best_threshold([(found, truth)]) == pytest.approx(0.61)


def test_evaluation_loads_detects_and_counts() -> None:
    pictures = {"a.jpg": np.zeros((20, 30, 3), np.uint8)}

    def detect(picture: ImageArray) -> list[Detection]:
        return [Detection((0, 0, float(picture.shape[1]), float(picture.shape[0])), 0.9)]

    result = evaluate_detection(detect, pictures.__getitem__, [labelled([[0, 0, 30, 20]])], 0.5)

    assert result["f1_70"] == 1.0
    assert result["ms_per_image"] >= 0


def test_coco_crowds_are_ignore_regions(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 7, "file_name": "b.jpg"}, {"id": 3, "file_name": "a.jpg"}],
        "annotations": [
            {"image_id": 7, "bbox": [1, 2, 3, 4]},
            {"image_id": 7, "bbox": [10, 20, 30, 40], "iscrowd": 1},
        ],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    first, second = read_coco(path)

    assert (first.file, second.file) == ("b.jpg", "a.jpg")
    assert first.boxes.tolist() == [[1, 2, 4, 6]]
    assert first.ignore.tolist() == [[10, 20, 40, 60]]
    assert second.boxes.shape == second.ignore.shape == (0, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"images": []}, 'a list "annotations"'),
        ([], 'a list "images"'),
        ({"images": [], "annotations": [{"image_id": 5, "bbox": [0, 0, 1, 1]}]}, "unknown image 5"),
    ],
)
def test_a_file_that_is_no_coco_is_refused(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(ValueError, match=message):
        read_coco(path)


@given(st.lists(st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 40)] * 2), max_size=12))
def test_the_truth_as_detections_is_perfect_at_any_iou(rows: list[tuple[int, int, int, int]]) -> None:
    boxes = as_boxes(sorted({(x, y, x + w, y + h) for x, y, w, h in rows}))

    found = judge(boxes, np.linspace(1, 0.5, len(boxes), dtype=np.float32), boxes, NONE, 0.95)

    assert found.right.all()
    assert found.boxes == len(found.right) == len(boxes)
