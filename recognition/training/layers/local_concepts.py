"""Local-Concepts-Accumulation (Srivastava, ParallelDots, 2020): every part of a product has an equal say.

The feature map is averaged over every rectangle larger than one cell, each average goes through one shared
linear layer and ReLU, and the results are averaged: a classifier behind it sees small concepts (a flavour's
fruit) as clearly as the whole pack's look.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LocalConcepts(nn.Module):
    """From a feature map (n, channels, h, w) to accumulated concepts (n, concepts).

    Averaging and the linear layer commute, so the layer is applied once to every cell instead of to every
    rectangle, and the averages are two small matrix products: over rows, then over columns. A map of one cell
    has no rectangle larger than it; ValueError.
    """

    def __init__(self, channels: int, concepts: int):
        super().__init__()
        self.linear = nn.Linear(channels, concepts)

    def forward(self, maps: Tensor) -> Tensor:
        height, width = int(maps.shape[2]), int(maps.shape[3])
        rows, columns = intervals(height, maps.device), intervals(width, maps.device)
        share = _shares(height, width, maps.device)
        cells = F.conv2d(maps, self.linear.weight[:, :, None, None])
        means = rows @ cells @ columns.T  # every rectangle's, (n, concepts, row intervals, column intervals)
        return (F.relu(means + self.linear.bias[:, None, None]) * share).sum(dim=(2, 3))


def accumulate(maps: Tensor, linear: nn.Linear) -> Tensor:
    """The same as the paper describes it, one average pooling after the other; slow, to check against.

    maps: (n, channels, h, w). Returns (n, concepts).
    """
    height, width = maps.shape[2:]
    kernels = [(h, w) for h in range(1, height + 1) for w in range(1, width + 1) if (h, w) != (1, 1)]
    if not kernels:
        raise ValueError(_ONE_CELL)
    vectors = [F.avg_pool2d(maps, kernel, stride=1).flatten(2).transpose(1, 2) for kernel in kernels]
    return F.relu(linear(torch.cat(vectors, dim=1))).mean(dim=1)


def intervals(length: int, device: torch.device | None = None) -> Tensor:
    """Averaging over every run of cells: (length * (length + 1) / 2, length), single cells first."""
    rows = torch.zeros(length * (length + 1) // 2, length, device=device)
    number = 0
    for size in range(1, length + 1):
        for start in range(length - size + 1):
            rows[number, start : start + size] = 1 / size
            number += 1
    return rows


def _shares(height: int, width: int, device: torch.device) -> Tensor:
    """What each rectangle counts: all the same, single cells (the first intervals of both axes) nothing."""
    share = torch.ones(height * (height + 1) // 2, width * (width + 1) // 2, device=device)
    share[:height, :width] = 0
    if not share.any():
        raise ValueError(_ONE_CELL)
    return share / share.sum()


_ONE_CELL = "the feature map has one cell, so there is no larger part to look at: use larger pictures"
