"""Maximum entropy as an auxiliary loss of fine-grained classification (Dubey et al., 2018).

Packs differ in little, so a net soon becomes certain for the wrong reasons; the reward for spread keeps it
from that. ParallelDots average it with the likelihood loss.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def entropy(logits: Tensor) -> Tensor:
    """Entropy H(p) in nats, (n,), of the softmax p of logits (n, classes)."""
    logs = F.log_softmax(logits, dim=1)
    return -(logs.exp() * logs).sum(dim=1)


def maximum_entropy(logits: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """Mean of KL(target || p) - gamma * H(p), p the softmax of logits (n, classes).

    targets: (n, classes) label distributions, rows summing to 1. For one-hot rows the divergence is the
    likelihood loss.
    """
    divergence = F.kl_div(F.log_softmax(logits, dim=1), targets, reduction="none").sum(dim=1)
    return (divergence - gamma * entropy(logits)).mean()


def with_maximum_entropy(
    logits: Tensor, labels: Tensor, gamma: float, weight: float, smoothing: float = 0.0
) -> Tensor:
    """Weighted average of the likelihood loss (1 - ``weight``) and ``maximum_entropy`` (``weight``).

    labels: (n,) int64. smoothing: part of each label's 1 that is shared out among all classes, in the
    divergence.
    """
    classes = logits.shape[1]
    targets = F.one_hot(labels, classes).to(logits.dtype) * (1 - smoothing) + smoothing / classes
    likelihood = F.cross_entropy(logits, labels)
    return torch.lerp(likelihood, maximum_entropy(logits, targets, gamma), weight)
