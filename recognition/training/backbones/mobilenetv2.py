"""MobileNetV2, and the reading of its published starting weights.

MobileNetV2 (Sandler et al., 2018) without batch normalisation: the published checkpoint has it folded into
the convolutions, so every convolution here carries a bias. Strided convolutions pad as TensorFlow's SAME does
for even sizes (nothing left and above, one pixel right and below); sizes must be multiples of 32.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.training.backbones.base import Backbone
from recognition.training.backbones.checkpoints import load_checkpoint
from recognition.types import FloatArray

STARTING_WEIGHTS = Path("../shared/weights")
"""Folder of published checkpoints, beside the project; every loader takes another one as an argument."""

MOBILENETV2_FILE = "mobilenetv2/tf2_mobilenet_v2_1.0_224_ptq.tflite"

# expansion, output channels, repeats, stride of the first: table 2 of the paper.
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_STRIDE_8, _STRIDE_16, _STRIDE_32 = 6, 13, 17
"""Blocks (1-based) whose outputs are the pyramid levels: the last of their stride."""


class Pyramid(NamedTuple):
    """Feature maps, float32 (n, channels, height/stride, width/stride)."""

    stride8: Tensor
    """32 channels."""
    stride16: Tensor
    """96 channels."""
    stride32: Tensor
    """320 channels."""


class ConvUnit(nn.Conv2d):
    """Convolution with bias, SAME padding, and ReLU6 unless ``linear``."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, linear: bool = False
    ):
        same = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride=stride, padding=same, groups=groups)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 2:
            x = F.pad(x, (0, 1, 0, 1))
        x = super().forward(x)
        return x if self.linear else F.relu6(x)


class InvertedResidual(nn.Module):
    """Expand (1x1), depthwise (3x3), project (1x1, linear); the input is added when shapes allow."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int):
        super().__init__()
        hidden = inputs * expansion
        self.expand = ConvUnit(inputs, hidden, 1) if expansion > 1 else None
        self.depthwise = ConvUnit(hidden, hidden, 3, stride, groups=hidden)
        self.project = ConvUnit(hidden, outputs, 1, linear=True)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.residual else y


class MobileNetV2(Backbone):
    """MobileNetV2 1.0. Input: float32 RGB (n, 3, height, width), ``(pixel - 127) / 127.5``."""

    channels = 1280
    mean, spread = (127.0, 127.0, 127.0), (127.5, 127.5, 127.5)
    head = "classifier."

    def __init__(self, classes: int = 1001):
        super().__init__()
        self.stem = ConvUnit(3, 32, 3, stride=2)
        blocks: list[InvertedResidual] = []
        width = 32
        for expansion, outputs, repeats, stride in _STAGES:
            for i in range(repeats):
                blocks.append(InvertedResidual(width, outputs, expansion, stride if i == 0 else 1))
                width = outputs
        self.blocks = nn.ModuleList(blocks)
        self.top = ConvUnit(width, 1280, 1)
        self.classifier = nn.Linear(1280, classes)
        for unit in self.modules():
            if isinstance(unit, ConvUnit):  # nothing normalises, so a careful start keeps the signal alive
                nn.init.kaiming_normal_(unit.weight, nonlinearity="linear" if unit.linear else "relu")
                nn.init.zeros_(unit.bias)

    def pyramid(self, x: Tensor) -> Pyramid:
        """Feature maps at strides 8, 16 and 32, for detectors and local evidence."""
        x = self.stem(x)
        levels: list[Tensor] = []
        for number, block in enumerate(self.blocks, start=1):
            x = block(x)
            if number in (_STRIDE_8, _STRIDE_16, _STRIDE_32):
                levels.append(x)
        return Pyramid(*levels)

    def maps(self, x: Tensor) -> Tensor:
        """The last feature map, (n, 1280, height/32, width/32)."""
        return self.top(self.pyramid(x).stride32)

    def forward(self, x: Tensor) -> Tensor:
        """Class logits, (n, classes)."""
        return self.classifier(self.maps(x).mean(dim=(2, 3)))


def mobilenetv2(starting_weights: Path | None = STARTING_WEIGHTS) -> MobileNetV2:
    """MobileNetV2 with ImageNet weights read from the published int8 file, or random ones for ``None``.

    starting_weights: the folder of published weights, or a checkpoint file (``.pt``) of an own training.
    Raises FileNotFoundError when the file is missing, ValueError when its tensors are not MobileNetV2's.
    """
    model = MobileNetV2()
    if starting_weights is not None and starting_weights.suffix == ".pt":
        load_checkpoint(model, starting_weights)
    elif starting_weights is not None:
        load_tflite_weights(model, starting_weights / MOBILENETV2_FILE)
    return model


def load_tflite_weights(model: MobileNetV2, file: Path) -> None:
    """Fill ``model`` with the dequantised constants of a TensorFlow Lite MobileNetV2, in layer order.

    The file stores weights and biases alternately from input to output, with one scale a channel.
    """
    constants = read_tflite_constants(file)
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    if len(constants) != 2 * len(layers):
        raise ValueError(f"{file}: {len(constants)} constant tensors, expected {2 * len(layers)}")
    for layer, weight, bias in zip(layers, constants[::2], constants[1::2], strict=True):
        _fill(layer, weight, bias, file)


def read_tflite_constants(file: Path) -> list[FloatArray]:
    """Dequantised weights (4-d, TensorFlow's axis order) and biases (1-d) of ``file``, in its own order."""
    from ai_edge_litert.interpreter import Interpreter  # slow to import, needed by nothing else

    if not file.is_file():
        raise FileNotFoundError(f"starting weights not found: {file}")
    interpreter = Interpreter(str(file))
    constants = []
    for tensor in interpreter.get_tensor_details():
        scales = tensor["quantization_parameters"]["scales"]
        ranks = {np.int8: 4, np.int32: 1}
        if len(scales) < 2 or len(tensor["shape"]) != ranks.get(tensor["dtype"]):
            continue  # activations and shapes carry at most one scale
        values = interpreter.get_tensor(tensor["index"]).astype(np.float32)
        axis = tensor["quantization_parameters"]["quantized_dimension"]
        constants.append(values * np.expand_dims(scales, [a for a in range(values.ndim) if a != axis]))
    return constants


def _fill(layer: nn.Conv2d | nn.Linear, weight: FloatArray, bias: FloatArray, file: Path) -> None:
    """Copy one layer: TensorFlow orders (out, h, w, in), depthwise (1, h, w, channels)."""
    depthwise = isinstance(layer, nn.Conv2d) and layer.groups > 1
    tensor = torch.from_numpy(weight.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)).copy())
    if isinstance(layer, nn.Linear):
        tensor = tensor.flatten(1)
    if tensor.shape != layer.weight.shape:
        raise ValueError(
            f"{file}: a layer of shape {tuple(tensor.shape)}, expected {tuple(layer.weight.shape)}"
        )
    layer.weight = nn.Parameter(tensor)
    layer.bias = nn.Parameter(torch.from_numpy(bias))
