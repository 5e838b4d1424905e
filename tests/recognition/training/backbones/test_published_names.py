"""Backbones have the names, shapes and sizes of the checkpoints published for them, and read such files."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.backbones import (
    BACKBONES,
    MobileNetV2,
    MobileNetV3Large,
    ResNeXt101,
    load_checkpoint,
    make_backbone,
    save_checkpoint,
)

# As the published files have them.
RESNEXT = {
    "conv1.weight": (64, 3, 7, 7),
    "layer1.0.conv1.weight": (256, 64, 1, 1),
    "layer1.0.conv2.weight": (256, 8, 3, 3),
    "layer1.0.downsample.0.weight": (256, 64, 1, 1),
    "layer3.22.conv2.weight": (1024, 32, 3, 3),
    "layer4.0.downsample.1.running_var": (2048,),
    "layer4.2.conv3.weight": (2048, 2048, 1, 1),
    "fc.weight": (1000, 2048),
}
MOBILENETV3 = {
    "features.0.0.weight": (16, 3, 3, 3),
    "features.1.block.0.0.weight": (16, 1, 3, 3),
    "features.4.block.2.fc1.weight": (24, 72, 1, 1),
    "features.4.block.3.0.weight": (40, 72, 1, 1),
    "features.13.block.1.0.weight": (672, 1, 5, 5),
    "features.15.block.2.fc2.bias": (960,),
    "features.16.1.running_mean": (960,),
    "classifier.0.weight": (1280, 960),
    "classifier.3.bias": (1000,),
}


@pytest.mark.parametrize(
    ("make", "parameters", "tensors", "known"),
    [(ResNeXt101, 88_791_336, 626, RESNEXT), (MobileNetV3Large, 5_483_032, 312, MOBILENETV3)],
)
def test_has_the_published_layout(
    make: type[torch.nn.Module], parameters: int, tensors: int, known: dict[str, tuple[int, ...]]
) -> None:
    with torch.device("meta"):
        model = make()
    state = model.state_dict()
    assert sum(p.numel() for p in model.parameters()) == parameters
    assert len(state) == tensors
    assert {name: tuple(state[name].shape) for name in known} == known


def test_a_resnext_checkpoint_of_several_devices_loads_by_name(tmp_path: Path) -> None:
    with torch.device("meta"):
        names = ResNeXt101().state_dict()
    # As trainers on several devices write it: wrapped, prefixed, with a classifier of another size. Each
    # tensor repeats one number, its place in the file, so that the file stays small.
    values = {
        name: torch.tensor(0.001 * i).expand(value.shape) for i, (name, value) in enumerate(names.items())
    }
    state = {f"module.{name}": value for name, value in values.items()}
    state |= {"module.fc.weight": torch.zeros(5, 2048), "module.fc.bias": torch.zeros(5)}
    torch.save({"epoch": 90, "state_dict": state}, tmp_path / "wsl.pth")

    model = make_backbone("resnext101-32x8d", tmp_path / "wsl.pth")
    loaded = model.state_dict()

    wrong = [
        name
        for name, value in values.items()
        if not name.startswith("fc.") and not torch.equal(loaded[name], value.to(loaded[name].dtype))
    ]
    assert wrong == []
    assert loaded["fc.weight"].shape == (1000, 2048)
    with torch.no_grad():
        assert model.eval().maps(torch.zeros(1, 3, 64, 96)).shape == (1, 2048, 2, 3)


@pytest.mark.parametrize("name", ["mobilenetv2", "mobilenetv3-large"])
def test_what_is_saved_is_read_again(name: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = BACKBONES[name]().eval()
    save_checkpoint(model, tmp_path / "backbone.pt")
    pictures = model.normalise(torch.randint(0, 255, (2, 64, 96, 3), dtype=torch.uint8))
    with torch.no_grad():
        got = make_backbone(name, tmp_path / "backbone.pt").eval().maps(pictures)
        assert got.shape == (2, model.channels, 2, 3)
        assert torch.equal(got, model.maps(pictures))


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    state = MobileNetV3Large().state_dict()
    state["features.99.weight"] = state.pop("features.0.0.weight")
    state["features.16.0.weight"] = torch.zeros(7, 160, 1, 1)
    torch.save(state, tmp_path / "odd.pth")
    with pytest.raises(ValueError, match="does not fit MobileNetV3Large") as error:
        load_checkpoint(MobileNetV3Large(), tmp_path / "odd.pth")
    message = str(error.value)
    assert "1 missing: features.0.0.weight" in message
    assert "1 unexpected: features.99.weight" in message
    assert "features.16.0.weight (7, 160, 1, 1), expected (960, 160, 1, 1)" in message


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no checkpoint")
    with pytest.raises(ValueError, match="no PyTorch checkpoint"):
        load_checkpoint(MobileNetV2(), tmp_path / "text.pth")
    torch.save([torch.zeros(3)], tmp_path / "list.pth")
    with pytest.raises(ValueError, match="no parameters by name"):
        load_checkpoint(MobileNetV2(), tmp_path / "list.pth")
    with pytest.raises(FileNotFoundError, match=r"gone\.pth"):
        make_backbone("mobilenetv3-large", tmp_path / "gone.pth")
    with pytest.raises(ValueError, match="TensorFlow Lite weights are read for mobilenetv2 only"):
        make_backbone("mobilenetv3-large", tmp_path / "weights.tflite")
    with pytest.raises(ValueError, match="there are mobilenetv2, mobilenetv3-large"):
        make_backbone("alexnet", None)
