from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.training.evaluate.photos import read_photos, read_picture


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_folder_holds_labels_and_photos(tmp_path: Path) -> None:
    write(
        tmp_path / "annotations.json",
        {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}]},
    )
    cv2.imwrite(str(tmp_path / "a.png"), np.full((8, 6, 3), (255, 0, 0), np.uint8))

    (photo,) = read_photos(str(tmp_path))

    assert photo.truth.boxes.tolist() == [[1, 2, 4, 6]]
    assert read_picture(photo.path).shape == (8, 6, 3)
    assert read_picture(photo.path)[0, 0].tolist() == [0, 0, 255]


def test_shelf_frames_name_their_ignore_regions_by_corners(tmp_path: Path) -> None:
    frame = {"file": "b.jpg", "boxes": [{"bbox": [10, 20, 30, 40], "sku": "x"}], "ignore": [[1, 2, 3, 4]]}
    labels = write(tmp_path / "labels.json", {"frames": [frame]})

    (photo,) = read_photos(f"{labels}@{tmp_path / 'photos'}")

    assert photo.path == tmp_path / "photos" / "b.jpg"
    assert photo.truth.boxes.tolist() == [[10, 20, 40, 60]]
    assert photo.truth.ignore.tolist() == [[1, 2, 3, 4]]


def test_the_projects_own_labels_can_be_read() -> None:
    labels = Path(__file__).resolve().parents[4] / "recognition" / "training" / "labels"
    for name, boxes in (
        ("price_tags_shelves.json", 60),
        ("price_tags_shelves_held_out.json", 60),
        ("grocery_store_train.json", 250),
        ("grocery_store_held_out.json", 35),
    ):
        photos = read_photos(f"{labels / name}@photos")
        assert len(photos) >= 5
        assert sum(len(photo.truth.boxes) for photo in photos) > boxes


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.jpg is missing or no picture"):
        read_picture(tmp_path / "gone.jpg")


def test_no_photo_is_both_trained_on_and_held_out() -> None:
    labels = Path(__file__).resolve().parents[4] / "recognition" / "training" / "labels"
    for trained, held_out in (
        ("price_tags_shelves.json", "price_tags_shelves_held_out.json"),
        ("grocery_store_train.json", "grocery_store_held_out.json"),
    ):
        seen, measured = ({p.path for p in read_photos(f"{labels / n}@.")} for n in (trained, held_out))
        assert not seen & measured
