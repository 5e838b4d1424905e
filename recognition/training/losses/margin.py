"""Softmax over classes with an additive angular margin (ArcFace, Deng et al., 2019), one proxy a class."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def angular_margin(cosines: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Add ``margin`` radians to the angle between each row and its own class.

    cosines: (n, classes) in -1..1. labels: (n,) int64. Past the half circle the cosine would rise again, so
    there the penalty continues as a straight line.
    """
    own = cosines.gather(1, labels[:, None])
    safe = own.clamp(-1 + 1e-6, 1 - 1e-6)
    shifted = torch.cos(torch.acos(safe) + margin)
    straight = own - margin * torch.sin(torch.tensor(margin))
    past = own < torch.cos(torch.tensor(torch.pi - margin))
    return cosines.scatter(1, labels[:, None], torch.where(past, straight, shifted))


class ProxyLoss(nn.Module):
    """Softmax over cosines to one learned unit proxy a class, with an angular margin."""

    def __init__(self, proxies: Tensor, scale: float, margin: float):
        """proxies: (classes, width), the starting point, such as the packshots' embeddings."""
        super().__init__()
        self.proxies = nn.Parameter(proxies.clone())
        self.scale = scale
        self.margin = margin

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of unit ``embeddings`` (n, width) with classes ``labels`` (n,)."""
        cosines = embeddings @ F.normalize(self.proxies, dim=1).T
        return F.cross_entropy(self.scale * angular_margin(cosines, labels, self.margin), labels)
