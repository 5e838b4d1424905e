"""Nets of the recipes: a backbone and what stands on it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.training.backbones import Backbone
from recognition.training.layers.local_concepts import LocalConcepts

WIDTH = 256
"""Numbers of an embedding."""


class Classifier(nn.Module):
    """Backbone, then Local-Concepts-Accumulation or the mean of the map, then class logits (n, classes)."""

    def __init__(self, backbone: Backbone, classes: int, concepts: int = 0):
        """concepts: width of the accumulation layer; 0 for none."""
        super().__init__()
        self.backbone = backbone
        self.concepts = LocalConcepts(backbone.channels, concepts) if concepts else None
        self.linear = nn.Linear(concepts or backbone.channels, classes)

    def forward(self, crops: Tensor) -> Tensor:
        """Logits of uint8 RGB crops (n, h, w, 3)."""
        return self.head(self.backbone.maps(self.backbone.normalise(crops)))

    def head(self, maps: Tensor) -> Tensor:
        """Logits of the backbone's maps (n, channels, h, w)."""
        return self.linear(maps.mean(dim=(2, 3)) if self.concepts is None else self.concepts(maps))


class Embedding(nn.Module):
    """Backbone, flattened map and one dense layer to WIDTH numbers, as Bonci and Galeazzi have it."""

    def __init__(self, backbone: Backbone, size: int):
        """size: side of the crops, a multiple of 32."""
        super().__init__()
        if size % 32:
            raise ValueError(f"the size of crops should be a multiple of 32, got {size}")
        self.backbone = backbone
        self.dense = nn.Linear(backbone.channels * (size // 32) ** 2, WIDTH)

    def forward(self, crops: Tensor) -> Tensor:
        """Unit vectors (n, WIDTH) of uint8 RGB crops (n, size, size, 3)."""
        return self.embed(self.maps(crops))

    def maps(self, crops: Tensor) -> Tensor:
        return self.backbone.maps(self.backbone.normalise(crops))

    def embed(self, maps: Tensor) -> Tensor:
        return F.normalize(self.dense(maps.flatten(1)), dim=1)


class ServedEmbedding(nn.Module):
    """As the product embeds crops: ``embedding``, and the ``features`` that adapted heads start from."""

    def __init__(self, net: Embedding):
        super().__init__()
        self.net = net

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embedding (n, WIDTH), and features (n, 2 * channels + WIDTH): mean, maximum, embedding."""
        maps = self.net.maps(crops)
        embedding = self.net.embed(maps)
        pooled = (F.normalize(part, dim=1) for part in (maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))))
        return embedding, torch.cat([*pooled, embedding], dim=1)


class ServedClassifier(nn.Module):
    """A classifier as it is exported: probabilities (n, classes) of uint8 crops."""

    def __init__(self, net: Classifier):
        super().__init__()
        self.net = net

    def forward(self, crops: Tensor) -> Tensor:
        return F.softmax(self.net(crops), dim=1)
