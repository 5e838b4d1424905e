"""Writes ALIKE as ONNX: from pictures to their best key points with descriptors, in one graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from recognition.training.alike.net import Alike

POINTS = 300
"""Key points a picture; fewer count where the score says so."""
NEAR = 2
"""No two key points are closer than this, pixels of the input."""
BORDER = 3
"""Key points keep this far from the picture's edge, where the padding is seen."""
MULTIPLE = 32


class Served(nn.Module):
    """As it is served: pictures (n, h, w, 3) RGB uint8 with sizes (n, 2) to key points.

    sizes: height and width of each picture's content, at the top left; the rest is padding. Returns points
    (n, k, 2) x, y in pixels, scores (n, k), 0 where there are no more key points, best first, and
    descriptors (n, k, width), unit length.

    The head is linear, so it is applied to the small maps before they are enlarged, and to what is sampled
    at the key points alone: the same numbers for a fifth of the arithmetic.
    """

    def __init__(self, net: Alike, points: int = POINTS) -> None:
        super().__init__()
        self.net, self.points = net, points

    def forward(self, pictures: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        levels = self.net.levels(pictures.permute(0, 3, 1, 2).float() / 255)
        scores = self._scores(levels, sizes)
        best, index = scores.flatten(1).topk(self.points, dim=1)
        height, width = scores.shape[2], scores.shape[3]
        points = torch.stack([index % width, index // width], dim=2).float()
        span = torch.stack([torch.as_tensor(width - 1), torch.as_tensor(height - 1)]).float()
        grid = (2 * points / span - 1)[:, :, None]
        width_of_level = levels[0].shape[1]
        finest = levels[0].flatten(2).gather(2, index[:, None].expand(-1, width_of_level, -1))
        coarser = [functional.grid_sample(level, grid, align_corners=True)[..., 0] for level in levels[1:]]
        head = self.net.convhead2.weight[:-1, :, 0, 0]
        descriptors = torch.cat([finest, *coarser], dim=1).transpose(1, 2) @ head.T
        return points, best, functional.normalize(descriptors, dim=2)

    def _scores(self, levels: list[Tensor], sizes: Tensor) -> Tensor:
        """(n, 1, h, w): the score of each local best inside the content, 0 elsewhere."""
        parts = self.net.convhead2.weight[-1:].split(levels[0].shape[1], dim=1)
        finest = functional.conv2d(levels[0], parts[0])
        for level, part in zip(levels[1:], parts[1:], strict=True):
            small = functional.conv2d(level, part)
            finest = finest + functional.interpolate(
                small, finest.shape[2:], mode="bilinear", align_corners=True
            )
        scores = finest.sigmoid()
        rows = torch.arange(scores.shape[2])[None, :, None]
        columns = torch.arange(scores.shape[3])[None, None, :]
        high, wide = sizes[:, 0, None, None], sizes[:, 1, None, None]
        inside = (rows >= BORDER) & (rows < high - BORDER) & (columns >= BORDER) & (columns < wide - BORDER)
        best = functional.max_pool2d(scores, 2 * NEAR + 1, stride=1, padding=NEAR)
        return scores * ((scores == best) & inside[:, None])


def export_onnx(net: Alike, path: Path, points: int = POINTS) -> None:
    """Write ``net`` as ONNX with free batch, height and width (multiples of MULTIPLE)."""
    torch.onnx.export(
        Served(net, points).eval(),
        (torch.zeros(2, 64, 96, 3, dtype=torch.uint8), torch.tensor([[64, 96], [50, 80]])),
        path,
        input_names=["pictures", "sizes"],
        output_names=["points", "scores", "descriptors"],
        dynamic_axes={
            "pictures": {0: "n", 1: "height", 2: "width"},
            "sizes": {0: "n"},
            **{name: {0: "n"} for name in ("points", "scores", "descriptors")},
        },
        opset_version=17,
        dynamo=False,
    )


def manifest_entry(version: str, name: str) -> dict[str, Any]:
    """The manifest entry of the shipped key-point model, less the digest."""
    return {
        "name": name,
        "role": "keypoints",
        "version": version,
        "file": "keypoints.onnx",
        "input_shape": ["n", "height", "width", 3],
        "preprocessing": {"colour": "RGB", "dtype": "uint8", "multiple": MULTIPLE},
        "settings": {},
        "licence": "BSD-3-Clause",
        "card": "keypoints.md",
    }
