from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from recognition.training.evaluate.shelves import read_labels
from retail_exec.accounts.models import Organisation
from retail_exec.trial.agreement import as_labelled, compare, planogram_of
from retail_exec.trial.gallery import open_trial
from retail_exec.trial.labelled import read_frames
from tests.rendered import products
from tests.retail_exec.trial.files import PLAN, Files, write_files

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("files"))


def evaluate(kind: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate", kind, stdout=out, **options)
    return dict(json.loads(out.getvalue()))


def labelled(files: Files) -> dict[str, Any]:
    return {
        "photos": files.photos,
        "labels": files.labels,
        "catalog": files.catalogue,
        "packshots": files.packshots,
        "no_adapt": True,
    }


def test_shelves_are_evaluated_end_to_end(files: Files, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    found = evaluate("shelves", **labelled(files), json=tmp_path / "figures.json", report=page)

    names = (
        "detection facing_precision facing_recall facing_f1 strict lenient hit1_true_boxes hit10_true_boxes "
        "share_of_shelf_error shelf_row_accuracy ms_per_photo versions machine"
    )
    assert set(names.split()) <= set(found)
    assert found["detection"]["f1_50"] > 0.8
    assert found["hit10_true_boxes"] == 1.0
    assert found["shelf_row_accuracy"] > 0.9
    assert found["counts"]["photos"] == 2
    assert json.loads((tmp_path / "figures.json").read_text()) == found
    assert not Organisation.objects.filter(slug__startswith="trial-").exists()
    written = page.read_text()
    assert all(part in written for part in ("facing_f1", "detector, IoU 0.7", "Expected calibration error"))
    assert "Change of scale across the photo" in written


def test_compliance_from_recognition_is_laid_beside_that_from_labels(files: Files) -> None:
    found = evaluate("compliance", **labelled(files))

    (comparison,) = found["comparisons"]
    assert comparison["photo"] == "2.jpg"
    assert comparison["planogram"] == "1.jpg"
    assert comparison["assessed"] == found["positions"] == 8
    assert set(comparison["kpis"]) >= {"planogram_presence", "planogram_position"}
    assert comparison["kpis"]["planogram_presence"]["labels"] == 1.0
    assert 0 <= found["same_status"] <= 1
    assert found["share_error"] >= 0


def test_labels_against_labels_agree_in_everything(files: Files) -> None:
    frames = read_labels(files.labels)
    with open_trial(files.catalogue, files.packshots, adapted=False) as trial:
        readings = read_frames(trial, files.photos, frames)
        first, second = (as_labelled(r, f) for r, f in zip(readings, frames, strict=True))
        plan = planogram_of(first, "plan")
        found = compare(plan, second, second, trial.products)

    assert [(p.shelf, p.position, p.sku, p.facings_wide) for p in plan.positions] == [
        (shelf, position, sku, wide)
        for shelf, row in enumerate(PLAN)
        for position, (sku, wide, _) in enumerate(row)
    ]
    assert found["same_status"] == found["assessed"] == 8
    assert found["statuses"] == {"correct -> correct": 8}


def test_detection_and_recognition_folders_are_evaluated(files: Files, tmp_path: Path) -> None:
    frames = json.loads(files.labels.read_text())["frames"]
    coco = {
        "images": [{"id": i, "file_name": frame["file"]} for i, frame in enumerate(frames)],
        "annotations": [
            {"image_id": i, "bbox": box["bbox"], "iscrowd": 0}
            for i, frame in enumerate(frames)
            for box in frame["boxes"]
        ],
    }
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    for part in ("gallery", "queries"):
        for spec in products()[:3]:
            folder = tmp_path / part / spec.sku
            folder.mkdir(parents=True)
            with Image.open(files.packshots / f"{spec.sku}.png") as shot:
                shot.save(folder / "1.png")

    detection = evaluate(
        "detection", images=files.photos, coco=tmp_path / "coco.json", report=tmp_path / "detection.html"
    )
    recognition = evaluate(
        "recognition",
        gallery=tmp_path / "gallery",
        queries=tmp_path / "queries",
        no_adapt=True,
        report=tmp_path / "recognition.html",
    )

    assert detection["images"] == 2
    assert detection["f1_50"] > 0.8
    assert recognition["hit1"] == recognition["embedding"]["hit5"] == 1.0
    assert recognition["embedding"]["hit1"] > 0.5
    assert recognition["gallery_labels"] == recognition["queries"] == 3
    assert "detector" in detection["versions"]
    assert "embedder" in recognition["versions"]
    assert "Width, pixels" in (tmp_path / "detection.html").read_text()
    assert "precision" in (tmp_path / "recognition.html").read_text()


def test_missing_photos_and_bad_labels_are_named(files: Files, tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{"frames": [{"file": "gone.jpg", "boxes": []}]}')
    with pytest.raises(CommandError, match=r"no such file: .*gone\.jpg"):
        evaluate("shelves", **labelled(files) | {"labels": tmp_path / "labels.json"})

    (tmp_path / "labels.json").write_text("{}")
    with pytest.raises(CommandError, match='a list "frames"'):
        evaluate("shelves", **labelled(files) | {"labels": tmp_path / "labels.json"})
