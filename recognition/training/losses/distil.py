"""Distillation: a small net learns what a larger one says (Hinton et al., 2015)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def distil_logits(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T squared times the mean KL(softmax(teacher / T) || softmax(student / T)); logits (n, classes)."""
    said = F.log_softmax(student / temperature, dim=1)
    taught = F.softmax(teacher / temperature, dim=1)
    return temperature**2 * F.kl_div(said, taught, reduction="batchmean")


def distil_similarities(student: Tensor, teacher: Tensor, scale: float) -> Tensor:
    """As ``distil_logits``, over what each row of a batch resembles: widths may differ.

    student, teacher: unit vectors (n, width) of the same n crops. scale: of the cosines, before the softmax;
    a row's cosine to itself is left out (Tung and Mori, 2019, for the idea).
    """
    return distil_logits(scale * _others(student), scale * _others(teacher), 1.0)


def _others(vectors: Tensor) -> Tensor:
    """Cosines (n, n - 1) of each row to the other rows."""
    n = len(vectors)
    cosines = vectors @ vectors.T
    return cosines.flatten()[1:].view(n - 1, n + 1)[:, :-1].reshape(n, n - 1)
