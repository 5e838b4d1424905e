from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.detector.data import Batches
from recognition.training.detector.model import Detector
from recognition.training.detector.train import Recipe, Run, train
from recognition.training.evaluate.photos import Photo, read_photos

RECIPE = Recipe(minutes=1, size=128, batch=2, rate=1e-3, warmup=1, half=False, seed=3)


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    """Two pictures of coloured packs in a row."""
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for number in range(2):
        picture = np.full((160, 240, 3), 120, np.uint8)
        for column in range(5):
            box = (10 + 45 * column, 40, 40, 90)
            cv2.rectangle(picture, box, rng.integers(0, 255, 3).tolist(), -1)
            annotations.append({"image_id": number, "bbox": list(box)})
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
        images.append({"id": number, "file_name": f"{number}.png"})
    content = {"images": images, "annotations": annotations}
    (tmp_path / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    return read_photos(str(tmp_path))


def test_a_steps_batch_is_always_the_same(photos: list[Photo]) -> None:
    first, again = Batches(photos, 128, 2, seed=5), Batches(photos, 128, 2, seed=5)
    again(1)

    pictures, truths = first(2)

    assert pictures.shape == (2, 3, 128, 128)
    assert torch.equal(pictures, again(2)[0])
    assert not torch.equal(pictures, again(3)[0])
    assert all(truth.boxes.shape[1] == 4 for truth in truths)


def test_steps_lower_the_loss_on_one_batch(photos: list[Photo]) -> None:
    torch.manual_seed(0)
    run = Run(Detector(), RECIPE)
    pictures, truths = Batches(photos, 128, 2, seed=1)(0)

    losses = [run.learn(pictures, truths)["total"] for _ in range(8)]

    assert losses[-1] < 0.8 * losses[0]
    assert run.step == 8


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(photos: list[Photo], tmp_path: Path) -> None:
    torch.manual_seed(0)
    run = Run(Detector(), RECIPE)
    batches = Batches(photos, 128, 2, seed=1)
    run.learn(*batches(0))
    run.save(tmp_path / "checkpoint.pt")
    resumed = Run(Detector(), RECIPE)
    resumed.resume(tmp_path / "checkpoint.pt")
    assert (resumed.step, resumed.minutes) == (run.step, run.minutes)

    assert resumed.learn(*batches(1))["total"] == pytest.approx(run.learn(*batches(1))["total"], rel=1e-5)


def test_a_run_leaves_weights_log_and_recipe(photos: list[Photo], tmp_path: Path) -> None:
    out = tmp_path / "run"
    model = train(Detector(), photos, out, Recipe(minutes=0.01, size=64, batch=1, half=False))

    stored = torch.load(out / "weights.pt", weights_only=True)

    assert stored["recipe"]["seed"] == 1
    assert stored["steps"] >= 1
    assert torch.equal(stored["weights"]["heads.0.box.bias"], model.heads[0].box.bias)
    assert (out / "log.jsonl").exists()
