from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from torch.nn import functional

from recognition.stages.detect import KINDS
from recognition.training.detector.export import export_onnx
from recognition.training.detector.model import EDGE_STRIDE, STRIDES, Detector, anchor_centres
from recognition.training.detector.starting_weights import (
    RARE,
    _without_space_to_depth,
    load_mean,
    load_run,
    load_yolox_nano,
    read_ncnn,
)

SHARED = Path(__file__).resolve().parents[5] / "shared" / "weights" / "yolox-nano"


def test_every_cell_of_every_level_gives_a_box_and_a_score() -> None:
    rows, edges = Detector()(torch.zeros(2, 3, 64, 96))

    assert rows.shape == (2, sum(64 * 96 // stride**2 for stride in STRIDES), 4 + len(KINDS))
    assert edges.shape == (2, 64 // EDGE_STRIDE, 96 // EDGE_STRIDE)


def test_anchors_and_predictions_are_in_the_same_order() -> None:
    """With outputs of zero, a box starts from its cell's upper left corner and is one stride wide."""
    model = Detector()
    for head in model.heads:
        for part in (head.box, head.score):
            torch.nn.init.zeros_(part.weight)
            torch.nn.init.zeros_(part.bias)

    rows = model(torch.rand(1, 3, 64, 96))[0][0]

    sizes = rows[:, 2:4] - rows[:, :2]
    torch.testing.assert_close(rows[:, 2:4], anchor_centres(64, 96))
    assert sizes.unique().tolist() == list(STRIDES)
    assert (rows[:, 4:] == 0).all()


def test_the_stem_equals_the_published_one_on_blocks() -> None:
    weight, bias = torch.randn(16, 12, 3, 3), torch.randn(16)
    picture = torch.randn(1, 3, 32, 48)
    blocks = torch.cat([picture[:, :, y::2, x::2] for x in (0, 1) for y in (0, 1)], dim=1)

    ours = functional.conv2d(picture, *_without_space_to_depth(weight, bias), stride=2, padding=2)

    torch.testing.assert_close(ours, functional.conv2d(blocks, weight, bias, padding=1), rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the published weights in ../shared/weights/yolox-nano")
def test_the_published_weights_frame_a_bottle_like_thing() -> None:
    model = Detector().eval()
    load_yolox_nano(model, SHARED)
    picture = torch.full((1, 3, 256, 256), 120.0)
    picture[:, :, 60:220, 100:150] = torch.tensor([20.0, 120.0, 30.0]).view(1, 3, 1, 1)
    picture[:, :, 30:60, 115:135] = torch.tensor([230.0, 230.0, 230.0]).view(1, 3, 1, 1)

    with torch.no_grad():
        rows = model(picture)[0][0]

    best = rows[rows[:, 4].argmax()]
    torch.testing.assert_close(best[:4], torch.tensor([99.45, 59.04, 150.80, 222.07]), rtol=0, atol=0.05)
    assert best[4].item() == pytest.approx(-3.310, abs=0.01)
    assert (rows[:, 5:] == RARE).all()


def test_weights_that_are_not_half_precision_are_refused(tmp_path: Path) -> None:
    (tmp_path / "net.param").write_text("7767517\n2 2\nConvolution c 1 1 a b 0=1 1=1 6=1\n", encoding="utf-8")
    (tmp_path / "net.bin").write_bytes(bytes(12))

    with pytest.raises(ValueError, match="expected half precision weights at byte 0, found the tag 0x0"):
        list(read_ncnn(tmp_path / "net.param", tmp_path / "net.bin"))


def test_a_runs_weights_come_back(tmp_path: Path) -> None:
    trained, fresh = Detector(), Detector()
    torch.save({"weights": trained.state_dict()}, tmp_path / "weights.pt")

    load_run(fresh, tmp_path)

    for mine, theirs in zip(fresh.parameters(), trained.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_the_mean_of_two_runs_lies_between_them(tmp_path: Path) -> None:
    runs, mean = [Detector(), Detector()], Detector()
    for number, run in enumerate(runs):
        (tmp_path / str(number)).mkdir()
        torch.save({"weights": run.state_dict()}, tmp_path / str(number) / "weights.pt")

    load_mean(mean, [tmp_path / "0", tmp_path / "1"])

    for mine, first, second in zip(mean.parameters(), *(run.parameters() for run in runs), strict=True):
        torch.testing.assert_close(mine, (first + second) / 2)


def test_training_goes_on_from_an_exported_model(tmp_path: Path) -> None:
    trained, fresh = Detector(), Detector()
    export_onnx(trained, tmp_path / "detector.onnx")

    load_run(fresh, tmp_path / "detector.onnx")

    for mine, theirs in zip(fresh.parameters(), trained.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_a_run_that_knew_one_kind_starts_the_others_low(tmp_path: Path) -> None:
    older, fresh = Detector().state_dict(), Detector()
    older = {name: value[:1] if ".score." in name else value for name, value in older.items()}
    torch.save(
        {"weights": {name: value for name, value in older.items() if not name.startswith("edges.")}},
        tmp_path / "weights.pt",
    )

    load_run(fresh, tmp_path)

    for head, name in zip(fresh.heads, ("heads.0", "heads.1", "heads.2"), strict=True):
        assert torch.equal(head.score.weight[:1], older[f"{name}.score.weight"])
        assert (head.score.weight[1:] == 0).all()
        assert (head.score.bias[1:] == RARE).all()
