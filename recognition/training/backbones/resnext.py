"""ResNeXt-101 32x8d (Xie et al., 2017), with the parameter names of the checkpoints published for PyTorch.

The ImageNet checkpoint and the one trained on weak labels first (WSL, Mahajan et al., 2018) have the same
names and shapes: ``conv1``, ``bn1``, ``layer1.0.conv1`` ... ``layer4.2.bn3``, ``fc``.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from recognition.training.backbones.base import IMAGENET_MEAN, IMAGENET_SPREAD, Backbone

GROUPS, GROUP_WIDTH = 32, 8
_STAGES = ((64, 3, 1), (128, 4, 2), (256, 23, 2), (512, 3, 2))
"""Base width, blocks, stride of the first."""
EXPANSION = 4


class ResNeXt101(Backbone):
    """ResNeXt-101 32x8d. Input: float32 RGB (n, 3, height, width), ImageNet's mean and spread."""

    channels = 512 * EXPANSION
    mean, spread = IMAGENET_MEAN, IMAGENET_SPREAD
    head = "fc."

    def __init__(self, classes: int = 1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for number, (base, blocks, stride) in enumerate(_STAGES, start=1):
            self.add_module(f"layer{number}", _stage(inputs, base, blocks, stride))
            inputs = base * EXPANSION
        self.fc = nn.Linear(inputs, classes)

    def maps(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, stride=2, padding=1)
        for number in range(1, len(_STAGES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Class logits, (n, classes)."""
        return self.fc(self.maps(x).mean(dim=(2, 3)))


class Bottleneck(nn.Module):
    """Narrow (1x1), GROUPS separate 3x3 paths, widen (1x1); the input is added."""

    def __init__(self, inputs: int, base: int, stride: int):
        super().__init__()
        width, outputs = base * GROUP_WIDTH * GROUPS // 64, base * EXPANSION
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, groups=GROUPS, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def _stage(inputs: int, base: int, blocks: int, stride: int) -> nn.Sequential:
    """Blocks of one width; the first takes the stride and changes the width."""
    rest = [Bottleneck(base * EXPANSION, base, 1) for _ in range(blocks - 1)]
    return nn.Sequential(Bottleneck(inputs, base, stride), *rest)
