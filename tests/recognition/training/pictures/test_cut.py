"""Labelled shelf photos become folders of crops."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.training import datasets
from recognition.training.__main__ import main
from recognition.training.evaluate.recognition import read_rgb
from recognition.training.pictures.cut import read_boxes

FRAMES = {
    "frames": [
        {
            "file": "a.png",
            "boxes": [
                {"bbox": [10, 20, 40, 60], "sku": "tea/green"},
                {"bbox": [60, 20, 40, 60], "sku": "other"},
                {"bbox": [-20, 90, 60, 60], "sku": "rice"},
                {"bbox": [100, 20, 4, 60], "sku": "rice"},
            ],
        },
        {"file": "b.png", "boxes": [{"bbox": [0, 0, 120, 100], "sku": "rice"}]},
    ]
}
COCO = {
    "images": [{"id": 7, "file_name": "a.png"}],
    "categories": [{"id": 1, "name": "rice"}],
    "annotations": [
        {"image_id": 7, "category_id": 1, "bbox": [10, 20, 40, 60]},
        {"image_id": 7, "category_id": 1, "bbox": [60, 20, 40, 60], "sku": "tea"},
        {"image_id": 7, "category_id": 1, "bbox": [0, 0, 120, 100], "iscrowd": 1},
    ],
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in "ab":
        picture = np.zeros((160, 120, 3), np.uint8)
        picture[20:80, 10:50] = 200
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
    return tmp_path


def test_each_product_gets_a_folder_and_each_photo_a_group(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "labels.json").write_text(json.dumps(FRAMES))
    out = photos / "crops"
    main(["cut-crops", "--photos", str(photos), "--labels", str(photos / "labels.json"), "--out", str(out)])

    data = datasets.read(out)
    assert [(item.label, item.group) for item in data.items] == [
        ("rice", "a.png"),
        ("rice", "b.png"),
        ("tea/green", "a.png"),
    ]
    assert datasets.verify(data) == []
    assert "3 crops of 2 products" in capsys.readouterr().out
    crop = read_rgb(data.path(data.items[2]))
    assert crop.shape == (60, 40, 3)
    assert crop.mean() == pytest.approx(200, abs=3)
    assert read_rgb(data.path(data.items[0])).shape == (60, 40, 3)  # what is left of a box over the edge


def test_coco_names_products_by_field_or_category(photos: Path) -> None:
    (photos / "labels.json").write_text(json.dumps(COCO))
    assert [box.sku for box in read_boxes(photos / "labels.json")] == ["rice", "tea"]


def test_other_files_are_refused(photos: Path) -> None:
    (photos / "labels.json").write_text("[]")
    with pytest.raises(ValueError, match='expected an object with "frames"'):
        read_boxes(photos / "labels.json")
    (photos / "labels.json").write_text('{"frames": [{"file": "a.png", "boxes": []}]}')
    with pytest.raises(ValueError, match="0 boxes, none of them with a SKU"):
        read_boxes(photos / "labels.json")
