"""What the recipes need of a backbone."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Backbone(nn.Module, ABC):
    """A convolutional net that ends in a feature map and a classifier.

    channels: of the last feature map, whose stride is 32. mean, spread: of each colour, in grey levels
    0..255, that published weights expect taken off and divided by. head: what the names of the classifier's
    parameters begin with; recipes put their own layers in its place.
    """

    channels: int
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    head: str

    @abstractmethod
    def maps(self, x: Tensor) -> Tensor:
        """The last feature map (n, channels, h/32, w/32) of prepared pictures (n, 3, h, w)."""

    def normalise(self, crops: Tensor) -> Tensor:
        """Prepared pictures, float32 (n, 3, h, w), of uint8 RGB crops (n, h, w, 3)."""
        mean = torch.tensor(self.mean, device=crops.device).view(3, 1, 1)
        spread = torch.tensor(self.spread, device=crops.device).view(3, 1, 1)
        return (crops.permute(0, 3, 1, 2).float() - mean) / spread


IMAGENET_MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)
IMAGENET_SPREAD = (0.229 * 255, 0.224 * 255, 0.225 * 255)
"""Of ImageNet's pictures: what PyTorch's published weights were trained with."""
