"""The question retrieval asks, as a loss: which packshot of the batch does a crop show?"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def reference_loss(
    crops: Tensor, crop_labels: Tensor, packshots: Tensor, labels: Tensor, scale: float
) -> Tensor:
    """Softmax loss of finding each crop's own packshot among the batch's.

    crops: (n, width), packshots: (m, width), both unit vectors. labels: (m,) distinct classes of the
    packshots; every crop label occurs in it.
    """
    target = (crop_labels[:, None] == labels[None]).int().argmax(dim=1)
    return F.cross_entropy(scale * crops @ packshots.T, target)
