"""Overlap of boxes in torch. Boxes are (..., 4): x1, y1, x2, y2."""

from __future__ import annotations

import torch
from torch import Tensor


def areas(boxes: Tensor) -> Tensor:
    """Return the areas, (...)."""
    return (boxes[..., 2] - boxes[..., 0]).clamp(min=0) * (boxes[..., 3] - boxes[..., 1]).clamp(min=0)


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the intersection over union of every pair: (n, 4) and (m, 4) to (n, m)."""
    upper = torch.maximum(first[:, None, :2], second[None, :, :2])
    lower = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (lower - upper).clamp(min=0).prod(dim=2)
    return shared / (areas(first)[:, None] + areas(second)[None] - shared).clamp(min=1e-9)


def generalised_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the generalised IoU of equal rows, (n,), -1..1 (Rezatofighi et al., 2019)."""
    shared = areas(
        torch.cat([torch.maximum(first, second)[:, :2], torch.minimum(first, second)[:, 2:]], dim=1)
    )
    union = (areas(first) + areas(second) - shared).clamp(min=1e-9)
    hull = areas(torch.cat([torch.minimum(first, second)[:, :2], torch.maximum(first, second)[:, 2:]], dim=1))
    return shared / union - (hull - union) / hull.clamp(min=1e-9)
