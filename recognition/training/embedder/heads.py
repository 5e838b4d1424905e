"""The embedder's net: MobileNetV2, pooled three ways, and one linear layer to 256 unit-length numbers.

Average and maximum of the last feature map say what the pack is made of and what occurs anywhere on it. The
local branch looks at stride 16 (small print, a flavour's fruit) and keeps the maximum of each learned
concept, wherever it stands: near-identical packs differ there. Each pooled part is scaled to unit length,
so that none drowns the others and exposure cancels out.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.training.backbones import ConvUnit, MobileNetV2

WIDTH = 256
LOCAL_CONCEPTS = 384
FEATURES = 2 * 1280 + LOCAL_CONCEPTS
_STRIDE_16_BLOCKS = 13


class EmbedderNet(nn.Module):
    """Trunk (frozen, to stride 8) and everything after it.

    The trunk keeps ImageNet's edges and textures: they hold for real photos, which rendered packs cannot
    teach, and its output can be computed once for a training set.
    """

    trunk_blocks = 6

    def __init__(self, backbone: MobileNetV2):
        super().__init__()
        self.trunk = nn.Sequential(backbone.stem, *backbone.blocks[: self.trunk_blocks]).requires_grad_(False)
        self.stride16 = nn.Sequential(*backbone.blocks[self.trunk_blocks : _STRIDE_16_BLOCKS])
        self.stride32 = nn.Sequential(*backbone.blocks[_STRIDE_16_BLOCKS:])
        self.top = backbone.top
        self.local = ConvUnit(96, LOCAL_CONCEPTS, 1)
        self.project = nn.Linear(FEATURES, WIDTH)

    def features(self, trunk_map: Tensor) -> Tensor:
        """Pooled features (n, FEATURES) of the trunk's output (n, 32, height/8, width/8)."""
        middle = self.stride16(trunk_map)
        last = self.top(self.stride32(middle))
        parts = (last.mean(dim=(2, 3)), last.amax(dim=(2, 3)), self.local(middle).amax(dim=(2, 3)))
        return torch.cat([F.normalize(part, dim=1) for part in parts], dim=1)

    def embed(self, features: Tensor) -> Tensor:
        """Unit vectors (n, WIDTH) of pooled features."""
        return F.normalize(self.project(features), dim=1)

    def forward(self, trunk_map: Tensor) -> Tensor:
        """Unit vectors (n, WIDTH) of the trunk's output."""
        return self.embed(self.features(trunk_map))


class ServingNet(nn.Module):
    """What is exported: uint8 crops in, embedding and features out.

    Input ``crops``: uint8 RGB (n, size, size, 3), prepared by ``recognition.stages.embed.fit``.
    """

    def __init__(self, net: EmbedderNet, directions: Tensor):
        """directions: (FEATURES, k), the pooled features' strongest components, which adapted heads see."""
        super().__init__()
        self.net = net
        self.directions = nn.Parameter(directions, requires_grad=False)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embedding (n, WIDTH), unit length, and features (n, k + WIDTH): components, then the embedding.

        With the embedding among its features, a catalogue's adapted head can start as the general one.
        """
        pooled = self.net.features(self.net.trunk(normalise(crops)))
        embedding = self.net.embed(pooled)
        return embedding, torch.cat([pooled @ self.directions, embedding], dim=1)


def normalise(crops: Tensor) -> Tensor:
    """The backbone's input, float32 (n, 3, h, w) in -1..1, of uint8 RGB crops (n, h, w, 3)."""
    return (crops.permute(0, 3, 1, 2).float() - 127) / 127.5
