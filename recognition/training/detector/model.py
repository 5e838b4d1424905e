"""A light anchor-free detector: CSP backbone, path-aggregation neck, decoupled head, and a map of edges.

The layers are those of YOLOX-nano (Ge et al., "YOLOX: Exceeding YOLO series in 2021"), in the order in which
its published weights list them, with three changes: batch norm is folded into the convolutions (as in those
weights; training keeps it that way, so one photo is enough for a step), the space-to-depth stem is the equal
6x6 convolution, and the head has one score for each kind, which reads both towers, in place of 80 classes and
an objectness. Beside the heads, the finest level tells where the boards' front edges run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from recognition.stages.detect import KINDS

STRIDES = (8, 16, 32)
EDGE_STRIDE = STRIDES[0]
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)


class Unit(nn.Module):
    """A biased convolution followed by SiLU; the size is kept, or divided by the stride."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        return functional.silu(self.conv(x))


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 depthwise and a 1x1 convolution."""
    return nn.Sequential(Unit(inputs, inputs, 3, stride, groups=inputs), Unit(inputs, outputs))


class Bottleneck(nn.Module):
    """1x1 and separable 3x3, with a shortcut or without."""

    def __init__(self, width: int, shortcut: bool) -> None:
        super().__init__()
        self.shortcut = shortcut
        self.body = nn.Sequential(Unit(width, width), separable(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.shortcut else self.body(x)


class CrossStage(nn.Module):
    """Half of the channels pass bottlenecks, half do not; both are merged."""

    def __init__(self, inputs: int, outputs: int, depth: int, shortcut: bool = True) -> None:
        super().__init__()
        half = outputs // 2
        self.enter = Unit(inputs, half)
        self.bypass = Unit(inputs, half)
        self.body = nn.Sequential(*[Bottleneck(half, shortcut) for _ in range(depth)])
        self.merge = Unit(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(torch.cat([self.body(self.enter(x)), self.bypass(x)], dim=1))


class PyramidPooling(nn.Module):
    """Max pooling at three sizes beside the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = Unit(width, width // 2)
        self.merge = Unit(width * 2, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        pooled = [functional.max_pool2d(x, size, 1, size // 2) for size in (5, 9, 13)]
        return self.merge(torch.cat([x, *pooled], dim=1))


class Pyramid(nn.Module):
    """Backbone and neck: pictures (n, 3, h, w) to maps of 64, 128, 256 channels at strides 8, 16, 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, 16, 6, 2)
        self.dark2 = nn.Sequential(separable(16, 32, 2), CrossStage(32, 32, 1))
        self.dark3 = nn.Sequential(separable(32, 64, 2), CrossStage(64, 64, 3))
        self.dark4 = nn.Sequential(separable(64, 128, 2), CrossStage(128, 128, 3))
        self.dark5 = nn.Sequential(
            separable(128, 256, 2), PyramidPooling(256), CrossStage(256, 256, 1, False)
        )
        self.lateral5 = Unit(256, 128)
        self.top4 = CrossStage(256, 128, 1, False)
        self.lateral4 = Unit(128, 64)
        self.top3 = CrossStage(128, 64, 1, False)
        self.down3 = separable(64, 64, 2)
        self.out4 = CrossStage(128, 128, 1, False)
        self.down4 = separable(128, 128, 2)
        self.out5 = CrossStage(256, 256, 1, False)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c3 = self.dark3(self.dark2(self.stem(pictures)))
        c4 = self.dark4(c3)
        p5 = self.lateral5(self.dark5(c4))
        p4 = self.lateral4(self.top4(torch.cat([double(p5), c4], dim=1)))
        n3 = self.top3(torch.cat([double(p4), c3], dim=1))
        n4 = self.out4(torch.cat([self.down3(n3), p4], dim=1))
        return n3, n4, self.out5(torch.cat([self.down4(n4), p5], dim=1))


class Head(nn.Module):
    """One pyramid level to (n, 4 + kinds, h, w): centre offset and log size in strides, and score logits."""

    def __init__(self, inputs: int, width: int = 64) -> None:
        super().__init__()
        self.enter = Unit(inputs, width)
        self.look = nn.Sequential(separable(width, width), separable(width, width))
        self.measure = nn.Sequential(separable(width, width), separable(width, width))
        self.box = nn.Conv2d(width, 4, 1)
        self.score = nn.Conv2d(2 * width, len(KINDS), 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        measured = self.measure(x)
        return torch.cat([self.box(measured), self.score(torch.cat([self.look(x), measured], dim=1))], dim=1)


class Detector(nn.Module):
    """RGB pictures (n, 3, h, w) float, 0..255, h and w multiples of 32, to boxes and edges.

    Boxes are (n, anchors, 4 + kinds): x1, y1, x2, y2 in input pixels and the logits of the scores in the
    order of ``KINDS``; anchors run over the levels of ``STRIDES``, row by row. Edges are (n, h / 8, w / 8)
    logits that a board's front edge runs through the cell.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.pyramid = Pyramid()
        self.heads = nn.ModuleList(Head(width) for width in (64, 128, 256))
        self.edges = nn.Sequential(separable(64, 32), nn.Conv2d(32, 1, 1))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        levels = self.pyramid((pictures - self.mean) / self.deviation)
        return torch.cat(list(self.boxes(levels)), dim=1), self.edges(levels[0])[:, 0].float()

    def boxes(self, levels: Sequence[Tensor]) -> Iterator[Tensor]:
        """Yield (n, h * w, 4 + kinds) for each level."""
        for level, head, stride in zip(levels, self.heads, STRIDES, strict=True):
            raw = head(level).float()  # positions need more than half precision
            cells = grid(raw)
            centre = (raw[:, :2] + cells) * stride
            half = raw[:, 2:4].clamp(max=6.0).exp() * (stride / 2)
            yield torch.cat([centre - half, centre + half, raw[:, 4:]], dim=1).flatten(2).transpose(1, 2)


def grid(level: Tensor) -> Tensor:
    """Return the cells' column and row, (1, 2, h, w), of a map (n, c, h, w)."""
    rows = torch.arange(level.shape[2], dtype=level.dtype, device=level.device)
    columns = torch.arange(level.shape[3], dtype=level.dtype, device=level.device)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([x, y])[None]


def anchor_centres(height: int, width: int) -> Tensor:
    """Return the centres of all anchors' cells, (anchors, 2), in pixels of a picture of that size."""
    levels = []
    for stride in STRIDES:
        cells = grid(torch.empty(1, 1, height // stride, width // stride))
        levels.append(((cells + 0.5) * stride).flatten(2)[0].T)
    return torch.cat(levels)


def double(x: Tensor) -> Tensor:
    """Twice the size by repeating pixels."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
