"""MobileNetV3-Large (Howard et al., 2019), with the parameter names of the checkpoint published for PyTorch.

``features.0`` is the stem, ``features.1`` to ``features.15`` are the blocks and ``features.16`` the last
convolution; a block's units are ``block.0`` (expand, where there is one), depthwise, squeeze-and-excitation
(``fc1``, ``fc2``, where there is one) and project.
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from recognition.training.backbones.base import IMAGENET_MEAN, IMAGENET_SPREAD, Backbone

Activation = Callable[[], nn.Module]

# kernel, expanded and output channels, squeeze-and-excitation, hard swish, stride: table 1 of the paper.
_BLOCKS = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)


class MobileNetV3Large(Backbone):
    """MobileNetV3-Large 1.0. Input: float32 RGB (n, 3, height, width), ImageNet's mean and spread."""

    channels = 960
    mean, spread = IMAGENET_MEAN, IMAGENET_SPREAD
    head = "classifier."

    def __init__(self, classes: int = 1000):
        super().__init__()
        layers: list[nn.Module] = [_unit(3, 16, 3, nn.Hardswish, stride=2)]
        width = 16
        for kernel, expanded, outputs, squeeze, swish, stride in _BLOCKS:
            layers.append(InvertedResidual(width, expanded, outputs, kernel, squeeze, swish, stride))
            width = outputs
        layers.append(_unit(width, self.channels, 1, nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(self.channels, 1280), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(1280, classes)
        )

    def maps(self, x: Tensor) -> Tensor:
        return self.features(x)

    def forward(self, x: Tensor) -> Tensor:
        """Class logits, (n, classes)."""
        return self.classifier(self.maps(x).mean(dim=(2, 3)))


class InvertedResidual(nn.Module):
    """Expand (1x1), depthwise, weigh the channels, project (1x1, linear); the input is added if it fits."""

    def __init__(
        self, inputs: int, expanded: int, outputs: int, kernel: int, squeeze: bool, swish: bool, stride: int
    ):
        super().__init__()
        activation: Activation = nn.Hardswish if swish else nn.ReLU
        units: list[nn.Module] = []
        if expanded != inputs:
            units.append(_unit(inputs, expanded, 1, activation))
        units.append(_unit(expanded, expanded, kernel, activation, stride, groups=expanded))
        if squeeze:
            units.append(SqueezeExcitation(expanded))
        units.append(_unit(expanded, outputs, 1, None))
        self.block = nn.Sequential(*units)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        return x + y if self.residual else y


class SqueezeExcitation(nn.Module):
    """Weighs each channel by what the whole map holds (Hu et al., 2018), with a quarter of the channels."""

    def __init__(self, channels: int):
        super().__init__()
        squeezed = _multiple_of_8(channels / 4)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.fc2(F.relu(self.fc1(x.mean(dim=(2, 3), keepdim=True))))
        return x * F.hardsigmoid(weights)


def _multiple_of_8(channels: float) -> int:
    """The nearest multiple of 8 that is at least nine tenths of ``channels``."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _unit(
    inputs: int, outputs: int, kernel: int, activation: Activation | None, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Convolution (``0``), batch normalisation (``1``) and, unless linear, the activation."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    layers = [convolution, nn.BatchNorm2d(outputs, eps=0.001, momentum=0.01)]
    return nn.Sequential(*layers, *([activation()] if activation else []))
