"""The net of ALIKE, its parts named as in the published checkpoints.

Zhao, Wu, Miao, Chen, Chen, Li: "ALIKE: Accurate and Lightweight Keypoint Detection and Descriptor
Extraction", IEEE Transactions on Multimedia, 2022. Four blocks see the picture at strides 1, 2, 8 and 32;
each gives a quarter of a feature map, and one linear layer turns the map into a descriptor and a score for
every pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (1, 2, 8, 32)


class Block(nn.Module):
    """Two 3 x 3 convolutions; with ``shortcut``, a 1 x 1 convolution past them."""

    def __init__(self, inputs: int, outputs: int, shortcut: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Conv2d(inputs, outputs, 1) if shortcut else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (inner if self.downsample is None else inner + self.downsample(x)).relu()


class Alike(nn.Module):
    """ALIKE with one linear head, as published in the sizes tiny, small and normal.

    channels: of the four blocks. width: of a descriptor.
    """

    def __init__(self, channels: tuple[int, int, int, int], width: int) -> None:
        super().__init__()
        first, second, third, fourth = channels
        self.block1 = Block(3, first, shortcut=False)
        self.block2 = Block(first, second, shortcut=True)
        self.block3 = Block(second, third, shortcut=True)
        self.block4 = Block(third, fourth, shortcut=True)
        self.conv1 = nn.Conv2d(first, width // 4, 1, bias=False)
        self.conv2 = nn.Conv2d(second, width // 4, 1, bias=False)
        self.conv3 = nn.Conv2d(third, width // 4, 1, bias=False)
        self.conv4 = nn.Conv2d(fourth, width // 4, 1, bias=False)
        self.convhead2 = nn.Conv2d(width, width + 1, 1, bias=False)

    def levels(self, pictures: Tensor) -> list[Tensor]:
        """Feature maps (n, width / 4, h / s, w / s) for s of STRIDES, of pictures (n, 3, h, w), 0..1.

        h and w: multiples of 32.
        """
        one = self.block1(pictures)
        two = self.block2(functional.max_pool2d(one, 2))
        three = self.block3(functional.max_pool2d(two, 4))
        four = self.block4(functional.max_pool2d(three, 4))
        return [
            self.conv1(one).relu(),
            self.conv2(two).relu(),
            self.conv3(three).relu(),
            self.conv4(four).relu(),
        ]

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (n, 1, h, w), 0..1, and unit descriptors (n, width, h, w) of pictures (n, 3, h, w), 0..1."""
        size = pictures.shape[2:]
        maps = [_enlarged(level, size) for level in self.levels(pictures)]
        seen = self.convhead2(torch.cat(maps, dim=1))
        return seen[:, -1:].sigmoid(), functional.normalize(seen[:, :-1], dim=1)


def _enlarged(level: Tensor, size: torch.Size) -> Tensor:
    return functional.interpolate(level, size, mode="bilinear", align_corners=True)


def load_alike(file: Path) -> Alike:
    """The net of a published checkpoint, in its size, ready to serve.

    Raises OSError for a missing file and ValueError for a checkpoint of another net.
    """
    state: Mapping[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    blocks = [f"block{number}.conv1.weight" for number in (1, 2, 3, 4)]
    if not {*blocks, "convhead2.weight"} <= set(state) or "convhead1.weight" in state:
        raise ValueError(f"{file} is no ALIKE checkpoint with a single head (alike-t, alike-s or alike-n)")
    one, two, three, four = (state[name].shape[0] for name in blocks)
    net = Alike((one, two, three, four), state["convhead2.weight"].shape[1])
    net.load_state_dict(state)
    return net.eval()
