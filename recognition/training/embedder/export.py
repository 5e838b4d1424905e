"""Writes a trained embedder as ONNX, and describes it for the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor

from recognition.training.backbones import mobilenetv2
from recognition.training.embedder import MAX_STRETCH, PAD, SIZE
from recognition.training.embedder.data import CropSet
from recognition.training.embedder.heads import EmbedderNet, ServingNet
from recognition.training.embedder.maps import TrunkMaps
from recognition.training.embedder.principal import leading
from recognition.training.embedder.train import sample_features

COMPONENTS = 512


def load_run(run: Path) -> EmbedderNet:
    """The net of a training run's checkpoint."""
    net = EmbedderNet(mobilenetv2(None))
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True))
    return net


def strongest(net: EmbedderNet, run: Path) -> Tensor:
    """Directions (FEATURES, COMPONENTS) of the pooled features' strongest components on the run's crops.

    Heads adapted to them find as much as heads on all features, in a third of the time, and a crop's
    features take a kilobyte.
    """
    features, _ = sample_features(net, TrunkMaps(net, [CropSet.load(run / "crops")], threads=1))
    return torch.from_numpy(leading(features, COMPONENTS)[1].astype(np.float32))


def export_onnx(net: EmbedderNet, directions: Tensor, file: Path, size: int = SIZE) -> None:
    """Write ``net`` as ONNX: uint8 ``crops`` (n, size, size, 3) to ``embedding`` and ``features``."""
    program = torch.onnx.export(
        ServingNet(net, directions).eval(),
        (torch.zeros(2, size, size, 3, dtype=torch.uint8),),
        input_names=["crops"],
        output_names=["embedding", "features"],
        dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    proto = program.model_proto
    for part in (*proto.graph.node, *proto.graph.value_info, proto.graph, proto):
        del part.metadata_props[:]  # stack traces with this machine's paths
    onnx.save(proto, str(file))


def manifest_entry(version: str, size: int = SIZE, file: str = "embedder.onnx") -> dict[str, Any]:
    """The manifest entry of an embedder for crops of ``size`` pixels, less the digest."""
    return {
        "name": "product-embedder",
        "role": "embedder",
        "version": version,
        "file": file,
        "input_shape": ["n", size, size, 3],
        "preprocessing": {
            "colour": "RGB",
            "dtype": "uint8",
            "size": size,
            "max_stretch": MAX_STRETCH,
            "pad": PAD,
        },
        "settings": {"acceptance": {}},
        "licence": "Apache-2.0",
        "card": "embedder.md",
    }
