"""The losses the embedder is trained with; they live in ``recognition.training.losses``."""

from recognition.training.losses.margin import ProxyLoss, angular_margin
from recognition.training.losses.reference import reference_loss
from recognition.training.losses.triplet import HardPairs, batch_hard, soft_margin_triplet

__all__ = [
    "HardPairs",
    "ProxyLoss",
    "angular_margin",
    "batch_hard",
    "reference_loss",
    "soft_margin_triplet",
]
