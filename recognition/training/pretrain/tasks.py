"""Two tasks that need no labels: complete the hidden half, and put shuffled quarters in order.

Infilect train on both before few labels. Each task is a head on a backbone's last feature map, and makes its
own input and answer from plain crops.
"""

from __future__ import annotations

from itertools import permutations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ORDERS = torch.tensor(list(permutations(range(4))))
"""(24, 4): which quarter of the whole stands at each place, places and quarters numbered row by row."""
GREY = 127


class Completion(nn.Module):
    """Half of a crop is hidden; the net says how it looks, at an eighth of the resolution.

    The map's cells (stride 32) are spread to 4 x 4 pixels each by a linear layer.
    """

    stride = 8

    def __init__(self, channels: int):
        super().__init__()
        self.paint = nn.Conv2d(channels, 3 * (32 // self.stride) ** 2, 1)

    @staticmethod
    def hide(crops: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
        """Crops with one half grey, and where: uint8 (n, h, w, 3) and bool (n, h, w).

        half: (n,) 0 left, 1 right, 2 upper, 3 lower.
        """
        _, height, width, _ = crops.shape
        right = torch.arange(width, device=crops.device) >= width // 2
        lower = torch.arange(height, device=crops.device) >= height // 2
        halves = torch.stack(
            [part.expand(height, width) for part in (~right, right, ~lower[:, None], lower[:, None])]
        )
        hidden = halves[half]
        return crops.masked_fill(hidden[..., None], GREY), hidden

    def forward(self, maps: Tensor, crops: Tensor, hidden: Tensor) -> Tensor:
        """Mean absolute error, in units of 64 grey levels, over the hidden pixels.

        maps: (n, channels, h/32, w/32) of the crops with a half hidden; crops: the whole ones, (n, h, w, 3)
        uint8.
        """
        painted = F.pixel_shuffle(self.paint(maps), 32 // self.stride)
        truth = F.avg_pool2d((crops.permute(0, 3, 1, 2).float() - GREY) / 64, self.stride)
        asked = F.avg_pool2d(hidden[:, None].float(), self.stride)
        return ((painted - truth).abs() * asked).sum() / (3 * asked.sum())


class Jigsaw(nn.Module):
    """A crop's quarters are shuffled; the net says in which of 24 orders (Noroozi & Favaro, 2016)."""

    def __init__(self, channels: int):
        super().__init__()
        self.order = nn.Linear(4 * channels, len(ORDERS))

    @staticmethod
    def shuffle(crops: Tensor, order: Tensor) -> Tensor:
        """The crops (n, h, w, 3) with quarter ORDERS[order, place] at each place; h and w are even.

        Each quarter gets a grey rim of a sixteenth, so that edges that fit do not give the answer away.
        """
        n, height, width, colours = crops.shape
        tall, wide = height // 2, width // 2
        quarters = crops.view(n, 2, tall, 2, wide, colours).permute(0, 1, 3, 2, 4, 5).flatten(1, 2).clone()
        rim = max(1, wide // 16)
        inside = torch.zeros(tall, wide, dtype=torch.bool, device=crops.device)
        inside[rim:-rim, rim:-rim] = True
        quarters.masked_fill_(~inside[..., None], GREY)
        moved = quarters[torch.arange(n, device=crops.device)[:, None], ORDERS.to(crops.device)[order]]
        return moved.view(n, 2, 2, tall, wide, colours).permute(0, 1, 3, 2, 4, 5).reshape(crops.shape)

    def forward(self, maps: Tensor, order: Tensor) -> Tensor:
        """Mean likelihood loss of the true orders (n,), from shuffled crops' maps (n, channels, h, w)."""
        return F.cross_entropy(self.logits(maps), order)

    def logits(self, maps: Tensor) -> Tensor:
        """(n, 24), from the mean of each quarter of the map."""
        return self.order(_quarter_means(maps).flatten(1))


def _quarter_means(maps: Tensor) -> Tensor:
    """(n, channels, 2, 2); the middle row and column of an odd map belong to both sides."""
    return F.adaptive_avg_pool2d(maps, 2)
