"""A student embedder: its lessons, its net, and a very short run that is exported and goes on."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.runtime.manifest import default_manifest, load_manifest
from recognition.stages.embed import Embedder
from recognition.training.__main__ import main
from recognition.training.embedder import distil, lessons
from recognition.training.embedder.heads import normalise
from recognition.training.embedder.student import STUDENT_SIZE, read_exported, student_of
from recognition.training.runs import read_run, start_run

PARTS = {"DESIGNS": 3, "VIEWS": 3, "PIECES": 12}


@pytest.fixture(scope="module")
def teacher() -> Embedder:
    return Embedder(default_manifest().find("embedder", "2"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders as the photos': one of fruit, one of a packaged product, one shelf, one tag."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in (
        "grocerystore/fruit.jpg",
        "grocerystore/packaged.jpg",
        "price-tags/shelves/a.jpg",
        "price-tags/tags/a.jpg",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        blocks = rng.integers(0, 256, (10, 12, 3), np.uint8)
        cv2.imwrite(str(folder / name), cv2.resize(blocks, (240, 200), interpolation=cv2.INTER_CUBIC))
    (folder / "grocerystore/images.csv").write_text("path,packaged\nfruit.jpg,0\npackaged.jpg,1\n")
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons of a few crops."""
    for name, value in PARTS.items():
        monkeypatch.setattr(lessons, name, value)
    monkeypatch.setattr(distil, "HELD_BACK", 8)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes whenever somebody looks, so that runs have the same steps on any machine."""
    ticks = count()
    monkeypatch.setattr(distil, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    monkeypatch.setattr(distil, "WARM_UP", 1)


def test_no_packaged_product_is_learned_from(data: Path) -> None:
    photos = lessons.Photos.below(data)
    assert [file.name for file in photos.fruit] == ["fruit.jpg"]
    assert len(photos.shelves) == len(photos.tags) == 1


def test_any_photos_will_do_but_some_there_must_be(data: Path, tmp_path: Path) -> None:
    assert len(lessons.Photos.below(data / "price-tags").fruit) == 2
    with pytest.raises(ValueError, match="expected photos, found none"):
        lessons.Photos.below(tmp_path)


@pytest.mark.usefixtures("small")
def test_lessons_are_crops_and_what_the_teacher_says_of_them(
    data: Path, teacher: Embedder, tmp_path: Path
) -> None:
    made = lessons.make_lessons(tmp_path, teacher, lessons.Photos.below(data), STUDENT_SIZE, 2, seed=7)
    assert made.crops.shape == (2 * 24, STUDENT_SIZE, STUDENT_SIZE, 3)
    larger = [cv2.resize(crop, (160, 160), interpolation=cv2.INTER_CUBIC) for crop in made.crops]
    said = teacher.run(larger).features
    lengths = np.linalg.norm(said, axis=1) * np.linalg.norm(made.said.astype(np.float32), axis=1)
    assert np.median((said * made.said).sum(axis=1) / lengths) > 0.95
    (tmp_path / "0001.npz").unlink()
    again = lessons.make_lessons(tmp_path, teacher, lessons.Photos.below(data), STUDENT_SIZE, 2, seed=7)
    np.testing.assert_array_equal(again.crops, made.crops)


def test_an_exported_embedder_is_read_back(teacher: Embedder) -> None:
    net, directions = read_exported(teacher.entry.path)
    crops = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), np.uint8)
    with torch.no_grad():
        pooled = net.features(net.trunk(normalise(torch.from_numpy(crops))))
        said = torch.cat([pooled @ directions, net.embed(pooled)], dim=1).numpy()
    np.testing.assert_allclose(said, teacher.run(list(crops)).features, atol=1e-4)


def test_eight_bits_are_no_teacher() -> None:
    with pytest.raises(ValueError, match="is no embedder that train-embedder made, in floats"):
        read_exported(default_manifest().find("embedder", "3").path)


def test_a_student_keeps_the_teachers_late_layers(teacher: Embedder) -> None:
    net, _ = read_exported(teacher.entry.path)
    student = student_of(net)
    assert all(p.requires_grad for p in student.parameters())
    late = "trunk.6.expand.weight"
    assert torch.equal(student.state_dict()[late], net.state_dict()[late])
    crops = torch.zeros(1, STUDENT_SIZE, STUDENT_SIZE, 3, dtype=torch.uint8)
    assert student.trunk(normalise(crops)).shape == (1, 32, STUDENT_SIZE // 8, STUDENT_SIZE // 8)


@pytest.mark.usefixtures("small", "clock")
def test_a_run_leaves_an_embedder(data: Path, tmp_path: Path) -> None:
    command = ["distil-embedder", "--out", str(tmp_path), "--photos", str(data), "--parts", "2"]
    main([*command, "--version", "5", "--minutes", "0.1", "--trunk-minutes", "0.05"])
    entry = load_manifest(tmp_path / "manifest.json").active("embedder")
    assert (entry.version, entry.input_shape) == ("5", ("n", STUDENT_SIZE, STUDENT_SIZE, 3))
    found = Embedder(entry).run([np.full((90, 60, 3), 200, np.uint8)])
    assert found.features.shape == (1, 768)
    assert np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
    assert set(read_run(tmp_path)["files"]) == {"checkpoint.pt", "embedder-fast.onnx", "manifest.json"}


@pytest.mark.usefixtures("clock")
def test_a_stopped_run_goes_on_and_learns(
    teacher: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "HELD_BACK", 8)
    crops = np.random.default_rng(0).integers(0, 256, (16, 4, 4, 3), np.uint8)
    crops = crops.repeat(STUDENT_SIZE // 4, axis=1).repeat(STUDENT_SIZE // 4, axis=2)
    few = lessons.Lessons(crops, teacher.run(list(crops)).features.astype(np.float16))
    net, directions = read_exported(teacher.entry.path)

    def learn(minutes: float) -> tuple[int, dict[str, float]]:
        recipe = distil.Recipe(minutes, trunk_minutes=0.1, batch=8)
        student = distil.Distillation(net, directions, tmp_path, recipe)
        record = start_run("distil-embedder", recipe, 0, None, tmp_path)
        return student.step, student.learn(few, record)

    start, first = learn(0.15)
    went_on, second = learn(0.5)
    assert start == 0 < went_on
    assert second["error"] < first["error"]
