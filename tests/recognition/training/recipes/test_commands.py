"""The recipes as commands, on tiny pictures: they learn, go on, export and write down what they did."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

import onnxruntime

from recognition.training.__main__ import main
from recognition.training.backbones import make_backbone, save_checkpoint
from recognition.training.backbones.checkpoints import read_parameters
from recognition.training.recipes.export import Served, export_onnx
from recognition.training.recipes.nets import Classifier, ServedClassifier
from recognition.training.runs import altered, read_run


def figures(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_classifier_learns_four_flags(flags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = flags / "run"
    command = [
        "train-classifier", "--data", str(flags), "--out", str(out), "--backbone", "mobilenetv2",
        "--size", "64", "--batch", "8", "--augment", "light", "--rate", "0.01",
    ]  # fmt: skip
    main([*command, "--steps", "30"])
    assert figures(capsys)["accuracy"] >= 0.75

    session = onnxruntime.InferenceSession(out / "classifier.onnx")
    crops = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    (said,) = session.run(None, {"crops": crops})
    assert said.shape == (3, 4)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert json.loads((out / "classes.json").read_text()) == [f"flag-{number}" for number in range(4)]
    run = read_run(out)
    assert run["config"]["rate"] == 0.01
    assert run["curves"][-1]["step"] == 30
    assert set(run["data"]["versions"]) == {"train", "test"}
    assert altered(out) == []

    (flags / "test" / "unheard-of").mkdir()
    (flags / "test" / "flag-0" / "0.png").rename(flags / "test" / "unheard-of" / "0.png")
    main([*command, "--steps", "31"])  # goes on: one step, not thirty-one
    assert [point["step"] for point in read_run(out)["curves"]] == [31]
    assert (
        "1 test pictures are left out: the training pictures lack their products" in capsys.readouterr().out
    )


def test_an_embedder_finds_the_gallery_picture(flags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = flags / "run"
    main(
        ["train-triplet", "--data", str(flags), "--out", str(out), "--size", "32", "--batch", "8",
         "--each", "2", "--steps", "20", "--rate", "0.001", "--augment", "light"]
    )  # fmt: skip
    found = figures(capsys)
    assert found["accuracy"] >= 0.75
    assert found["accuracy"] <= found["top5"] <= 1
    assert found["gallery_pictures"] == 12
    assert found["ms_per_picture"] > 0
    assert not (out / "manifest.json").exists()  # nothing was calibrated
    session = onnxruntime.InferenceSession(out / "embedder.onnx")
    embedding, features = session.run(None, {"crops": np.zeros((2, 32, 32, 3), np.uint8)})
    assert embedding.shape == (2, 256)
    assert np.linalg.norm(embedding, axis=1) == pytest.approx(1, abs=1e-4)
    assert features.shape == (2, 2 * 960 + 256)


def test_a_pretrained_backbone_is_a_start(flags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = flags / "pretrained"
    main(
        ["pretrain", "--photos", str(flags / "train"), "--whole", "--out", str(out), "--backbone",
         "mobilenetv2", "--size", "64", "--batch", "4", "--steps", "3"]
    )  # fmt: skip
    found = figures(capsys)
    assert found["crops"] == 12
    assert found["jigsaw"] > 0
    assert found["completion"] > 0
    main(
        ["train-classifier", "--data", str(flags), "--out", str(flags / "run"), "--weights",
         str(out / "backbone.pt"), "--size", "64", "--batch", "4", "--steps", "1"]
    )  # fmt: skip
    assert read_run(flags / "run")["config"]["weights"].endswith("backbone.pt")


def test_labelled_boxes_give_the_crops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (120, 200, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "0.png"), photo)
    boxes = [{"image_id": 0, "bbox": [10 + 60 * i, 10, 50, 90]} for i in range(3)]
    content = {"images": [{"id": 0, "file_name": "0.png"}], "annotations": boxes}
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    main(
        ["pretrain", "--photos", str(tmp_path), "--out", str(tmp_path / "run"), "--backbone", "mobilenetv2",
         "--size", "64", "--batch", "2", "--steps", "1"]
    )  # fmt: skip
    assert figures(capsys)["crops"] == 3


def test_local_concepts_are_exported_as_they_were_trained(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = ServedClassifier(Classifier(make_backbone("mobilenetv2", None), classes=5, concepts=7)).eval()
    crops = torch.randint(0, 256, (3, 96, 96, 3), dtype=torch.uint8)
    with torch.no_grad():
        expected = net(crops).numpy()
    export_onnx(net, tmp_path / "net.onnx", 96, ["probabilities"])
    np.testing.assert_allclose(Served(tmp_path / "net.onnx")(crops.numpy()), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--data", "{0}", "--train", "x", "--test", "y"], "give either --data, or --train and --test"),
        (["--train", "{0}/test"], "give either --data"),
        (["--data", "{0}", "--augment", "fog"], "no transform fog"),
        (["--data", "{0}", "--backbone", "vgg"], "no backbone 'vgg'"),
        (["--data", "{0}", "--weights", "{0}/gone.pt"], "starting weights not found"),
        (
            ["--train", "{0}/test", "--test", "{0}"],
            "no pictures of flag-0, flag-1, flag-2, flag-3; there are those of test, train",
        ),
    ],
)
def test_mistakes_are_named(flags: Path, arguments: list[str], problem: str) -> None:
    given = [argument.format(flags) for argument in arguments]
    with pytest.raises(SystemExit, match=problem):
        main(["train-classifier", *given, "--out", str(flags / "run"), "--size", "64", "--steps", "1"])


def test_the_ablation_prints_its_rows(flags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = flags / "table"
    main(
        ["ablation", "--data", str(flags), "--weights", "random=none", "--shots", "2", "--seeds", "2",
         "--size", "64", "--batch", "4", "--steps", "1", "--concepts", "8", "--out", str(out)]
    )  # fmt: skip
    rows = json.loads((out / "ablation.json").read_text())
    names = [row["name"] for row in rows]
    assert names[0].startswith("key points (")
    assert names[1:] == ["random", "random + local concepts", "random + local concepts + maximum entropy"]
    assert all(row["interval"][0] <= row["accuracy"] <= row["interval"][1] for row in rows)
    assert all(len(row["seeds"]) == 2 for row in rows)
    assert rows[2]["gain"] == pytest.approx(rows[2]["accuracy"] - rows[1]["accuracy"])
    printed = capsys.readouterr().out
    assert "4 products, 8 training and 8 test pictures" in printed
    assert all(name in printed for name in names)


def test_a_missing_calibration_is_told_before_training(flags: Path) -> None:
    (flags / "sets" / "gallery").mkdir(parents=True)
    command = ["train-triplet", "--data", str(flags), "--calibrate", str(flags / "sets")]
    with pytest.raises(SystemExit, match="no pictures in gallery, queries, unknown"):
        main([*command, "--out", str(flags / "run"), "--size", "32"])
    assert not (flags / "run").exists()


def test_a_frozen_backbone_keeps_its_weights(flags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_checkpoint(make_backbone("mobilenetv2", None), flags / "start.pt")
    main(
        ["train-classifier", "--data", str(flags), "--out", str(flags / "run"), "--frozen", "2", "--weights",
         str(flags / "start.pt"), "--size", "64", "--batch", "8", "--augment", "light", "--steps", "20"]
    )  # fmt: skip
    before, after = (read_parameters(flags / name) for name in ("start.pt", "run/backbone.pt"))
    kept = [name for name in before if not name.startswith("classifier.")]
    assert len(kept) > 50
    assert all(torch.equal(before[name], after[name]) for name in kept)
    learnt = torch.load(flags / "run" / "checkpoint.pt", weights_only=True)["model"]
    assert learnt["linear.bias"].tolist() != pytest.approx([0] * 4, abs=1e-3)
    assert 0 <= figures(capsys)["accuracy"] <= 1


def test_a_run_does_not_go_on_with_other_settings_or_pictures(
    flags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = flags / "pretrained"
    command = ["pretrain", "--whole", "--out", str(out), "--backbone", "mobilenetv2", "--size", "64"]
    command += ["--batch", "2", "--steps", "1", "--photos"]
    main([*command, str(flags / "train")])
    with pytest.raises(SystemExit, match=r"has a run with --photos \['.*train'\]; give the same again"):
        main([*command, str(flags / "test")])
    train = ["train-triplet", "--data", str(flags), "--out", str(flags / "run"), "--size", "32"]
    train += ["--batch", "4", "--each", "2", "--steps", "1"]
    main(train)
    (flags / "train" / "flag-0" / "0.png").unlink()
    with pytest.raises(SystemExit, match="has a run with training pictures of version"):
        main(train)


def test_pictures_that_were_trained_on_measure_nothing(
    flags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (flags / "train" / "flag-0" / "0.png").rename(flags / "test" / "flag-0" / "0.png")
    (flags / "train" / "flag-0" / "0.png").write_bytes((flags / "test" / "flag-0" / "0.png").read_bytes())
    command = ["train-classifier", "--train", str(flags / "train"), "--out", str(flags / "run")]
    command += ["--size", "64", "--batch", "4", "--steps", "1"]
    main([*command, "--test", str(flags / "test")])
    said = capsys.readouterr().out
    assert "1 test pictures are left out: they are among the pictures to learn from" in said
    assert json.loads(said.splitlines()[-1])["test_pictures"] == 7
    with pytest.raises(SystemExit, match="all 12 test pictures are among those to learn from"):
        main([*command[:-1], "2", "--test", str(flags / "train")])


@pytest.mark.parametrize(("name", "problem"), [("none", "none is no folder"), ("empty", "empty has no pict")])
def test_a_folder_without_photos_is_named(flags: Path, name: str, problem: str) -> None:
    (flags / "empty").mkdir()
    folders = [str(flags / "train"), str(flags / name)]
    with pytest.raises(SystemExit, match=problem):
        main(["pretrain", "--whole", "--out", str(flags / "run"), "--photos", *folders])


def test_weights_that_are_none_are_told_without_advice_to_run_them(flags: Path) -> None:
    (flags / "notes.pt").write_text("{}")
    command = ["train-classifier", "--data", str(flags), "--out", str(flags / "run")]
    with pytest.raises(SystemExit, match=r"notes\.pt is no PyTorch checkpoint of plain tensors$"):
        main([*command, "--weights", str(flags / "notes.pt")])


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (
            ["train-detector", "--data", "nowhere", "--start", "x", "--minutes", "1", "--out", "run"],
            "nowhere",
        ),
        (["calibrate-embedder", "--weights", "nowhere", "--set", "judge"], "nowhere/manifest.json"),
        (["measure-speed", "--weights", "nowhere"], "nowhere/manifest.json"),
    ],
)
def test_what_is_missing_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=rf"^{command[0]}: .*{problem}"):
        main(command)
