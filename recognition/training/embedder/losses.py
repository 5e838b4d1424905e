"""Losses on unit embeddings, composed from small parts.

``angular_margin`` and ``ProxyLoss``: additive angular margin softmax (ArcFace, Deng et al., 2019) with one
proxy a class. ``soft_margin_triplet`` with ``batch_hard``: Hermans et al., 2017, the recipe Bonci and
Galeazzi use for shelf products. ``reference_loss``: each crop must find its packshot among the batch's
packshots, which is the very question retrieval asks.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class HardPairs(NamedTuple):
    """For each anchor the similarity of its least similar positive and most similar negative, (n,) each."""

    positive: Tensor
    negative: Tensor
    valid: Tensor
    """(n,) bool: the anchor has a positive and a negative in the batch."""


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


def batch_hard(similarities: Tensor, labels: Tensor) -> HardPairs:
    """Mine the hardest positive and negative of every anchor.

    similarities: (n, n) dot products. labels: (n,). An anchor is no positive of itself.
    """
    same = labels[:, None] == labels[None]
    positive = same & ~torch.eye(len(labels), dtype=torch.bool)
    hardest_positive = similarities.masked_fill(~positive, torch.inf).amin(dim=1)
    hardest_negative = similarities.masked_fill(same, -torch.inf).amax(dim=1)
    return HardPairs(hardest_positive, hardest_negative, positive.any(dim=1) & ~same.all(dim=1))


def soft_margin_triplet(embeddings: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Mean of log(1 + exp(scale * (negative - positive))) over batch-hard triplets; 0 if there are none."""
    pairs = batch_hard(embeddings @ embeddings.T, labels)
    if not pairs.valid.any():
        return embeddings.sum() * 0
    return F.softplus(scale * (pairs.negative - pairs.positive)[pairs.valid]).mean()


def reference_loss(
    crops: Tensor, crop_labels: Tensor, packshots: Tensor, labels: Tensor, scale: float
) -> Tensor:
    """Softmax loss of finding each crop's own packshot among the batch's.

    crops: (n, width), packshots: (m, width), both unit vectors. labels: (m,) distinct classes of the
    packshots; every crop label occurs in it.
    """
    target = (crop_labels[:, None] == labels[None]).int().argmax(dim=1)
    return F.cross_entropy(scale * crops @ packshots.T, target)
