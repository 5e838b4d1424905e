"""Triplets of the hardest pairs in a batch, with a soft margin (Hermans et al., 2017).

Bonci and Galeazzi train shelf products with it. ``soft_margin_triplet`` compares cosines, which retrieval
uses; ``soft_margin_distance`` compares distances, as their recipe does.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class HardPairs(NamedTuple):
    """For each anchor the similarity of its least similar positive and most similar negative, (n,) each."""

    positive: Tensor
    negative: Tensor
    valid: Tensor
    """(n,) bool: the anchor has a positive and a negative in the batch."""


def batch_hard(similarities: Tensor, labels: Tensor) -> HardPairs:
    """Mine the hardest positive and negative of every anchor.

    similarities: (n, n) dot products. labels: (n,). An anchor is no positive of itself.
    """
    same = labels[:, None] == labels[None]
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    hardest_positive = similarities.masked_fill(~positive, torch.inf).amin(dim=1)
    hardest_negative = similarities.masked_fill(same, -torch.inf).amax(dim=1)
    return HardPairs(hardest_positive, hardest_negative, positive.any(dim=1) & ~same.all(dim=1))


def soft_margin_triplet(embeddings: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Mean of log(1 + exp(scale * (negative - positive))) over batch-hard triplets; 0 if there are none."""
    pairs = batch_hard(embeddings @ embeddings.T, labels)
    if not pairs.valid.any():
        return embeddings.sum() * 0
    return F.softplus(scale * (pairs.negative - pairs.positive)[pairs.valid]).mean()


def soft_margin_distance(embeddings: Tensor, labels: Tensor) -> Tensor:
    """Mean of log(1 + exp(d(anchor, positive) - d(anchor, negative))) over batch-hard triplets.

    embeddings: (n, width), whose Euclidean distances d are compared; any margin drops out of the soft form.
    0 if there are no triplets.
    """
    squared = (embeddings[:, None] - embeddings[None]).square().sum(dim=2)
    distances = squared.clamp_min(1e-12).sqrt()  # the root's slope at 0 is infinite
    pairs = batch_hard(-distances, labels)
    if not pairs.valid.any():
        return embeddings.sum() * 0
    return F.softplus((pairs.negative - pairs.positive)[pairs.valid]).mean()
