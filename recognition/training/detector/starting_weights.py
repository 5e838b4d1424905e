"""Reads the published COCO weights of YOLOX-nano (Apache-2.0, in ncnn's format) into the detector.

ncnn stores the convolutions in the order of its ``.param`` text: for each a tag that says half precision, the
weights as float16 padded to four bytes, and the bias as float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from recognition.training.detector.model import Detector, Head

HALF_TAG = 0x01306B47
RARE = -4.6
"""Logit of a score nothing is known of: one in a hundred."""
Layer = tuple[Tensor, Tensor]


def load_yolox_nano(model: Detector, folder: Path) -> None:
    """Fill ``model`` from ``yolox-nano.param`` and ``yolox-nano.bin`` in ``folder``.

    The 80 class outputs are left out; the first score starts as the objectness, the others low everywhere.
    Raises ValueError if the files do not hold that net.
    """
    published = read_ncnn(folder / "yolox-nano.param", folder / "yolox-nano.bin")
    convolutions = list(_convolutions(model.pyramid))
    _fill(convolutions[0], _without_space_to_depth(*next(published)))
    for convolution in convolutions[1:]:
        _fill(convolution, next(published))
    for head in model.heads:
        assert isinstance(head, Head)
        for convolution in _convolutions(head.enter, head.look):
            _fill(convolution, next(published))
        next(published)
        for convolution in _convolutions(head.measure, head.box):
            _fill(convolution, next(published))
        weight, bias = next(published)
        score = torch.zeros_like(head.score.weight), torch.full_like(head.score.bias, RARE)
        score[0][0, weight.shape[1] :], score[1][0] = weight[0], bias[0]
        _fill(head.score, score)


def load_run(model: Detector, run: Path) -> None:
    """Fill ``model`` with the weights a training run left in its folder, or with those of an exported model.

    run: the folder, or an ``.onnx`` file. One that knew fewer kinds, or no edges, leaves the further scores
    low and the edges as they are.
    """
    exported = run.suffix == ".onnx"
    stored = (
        read_onnx(run)
        if exported
        else torch.load(run / "weights.pt", weights_only=True, map_location="cpu")["weights"]
    )
    fresh = model.state_dict()
    for name, value in stored.items():
        if ".score." in name and len(value) < len(fresh[name]):
            fresh[name].fill_(RARE if name.endswith("bias") else 0.0)[: len(value)] = value
        else:
            fresh[name] = value
    model.load_state_dict(fresh)


def load_mean(model: Detector, runs: Sequence[Path]) -> None:
    """Fill ``model`` with the mean of several runs' weights, one of which went on from the other.

    Such a mean is often better than either (Wortsman et al., "Model soups", 2022). See ``load_run``.
    """
    states = []
    for run in runs:
        load_run(model, run)
        states.append({name: value.clone() for name, value in model.state_dict().items()})
    model.load_state_dict({name: sum(s[name] for s in states) / len(states) for name in states[0]})


def read_onnx(file: Path) -> dict[str, Tensor]:
    """The parameters of an exported detector by their names in ``Detector``."""
    graph = onnx.load(file).graph
    named = {item.name: torch.from_numpy(numpy_helper.to_array(item).copy()) for item in graph.initializer}
    return {name.removeprefix("model."): value for name, value in named.items() if name.startswith("model.")}


def read_ncnn(param: Path, weights: Path) -> Iterator[Layer]:
    """Yield each convolution's weight (outputs, inputs, kernel, kernel) and bias, in the files' order."""
    content = weights.read_bytes()
    at = 0
    for line in param.read_text(encoding="utf-8").splitlines()[2:]:
        kind, _, inputs, outputs, *fields = line.split()
        if not kind.startswith("Convolution"):
            continue
        options = dict(field.split("=") for field in fields[int(inputs) + int(outputs) :])
        channels, kernel, count = int(options["0"]), int(options["1"]), int(options["6"])
        tag = int.from_bytes(content[at : at + 4], "little")
        if tag != HALF_TAG:
            raise ValueError(
                f"{weights}: expected half precision weights at byte {at}, found the tag {tag:#x}"
            )
        weight = np.frombuffer(content, "<f2", count, at + 4).astype(np.float32)
        at += 4 + (2 * count + 3) // 4 * 4
        bias = np.frombuffer(content, "<f4", channels, at).copy()
        at += 4 * channels
        yield torch.from_numpy(weight.reshape(channels, -1, kernel, kernel)), torch.from_numpy(bias)


def _convolutions(*modules: nn.Module) -> Iterator[nn.Conv2d]:
    for module in modules:
        yield from (part for part in module.modules() if isinstance(part, nn.Conv2d))


def _fill(convolution: nn.Conv2d, layer: Layer) -> None:
    if convolution.weight.shape != layer[0].shape or convolution.bias is None:
        raise ValueError(f"expected weights {tuple(convolution.weight.shape)}, found {tuple(layer[0].shape)}")
    with torch.no_grad():
        convolution.weight.copy_(layer[0])
        convolution.bias.copy_(layer[1])


def _without_space_to_depth(weight: Tensor, bias: Tensor) -> Layer:
    """Turn a 3x3 kernel on 2x2 blocks of pixels into the equal 6x6 kernel on pixels.

    A block's pixels come as upper left, lower left, upper right, lower right, three colours each.
    """
    blocks = weight.reshape(16, 2, 2, 3, 3, 3)
    pixels = blocks.permute(0, 3, 4, 2, 5, 1)
    return pixels.reshape(16, 3, 6, 6), bias
