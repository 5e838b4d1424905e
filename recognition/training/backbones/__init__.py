"""Backbones in plain torch, each with the parameter names of its published starting weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from recognition.training.backbones.base import Backbone
from recognition.training.backbones.checkpoints import load_checkpoint, save_checkpoint
from recognition.training.backbones.mobilenetv2 import (
    MOBILENETV2_FILE,
    STARTING_WEIGHTS,
    ConvUnit,
    MobileNetV2,
    Pyramid,
    load_tflite_weights,
    mobilenetv2,
    read_tflite_constants,
)
from recognition.training.backbones.mobilenetv3 import MobileNetV3Large
from recognition.training.backbones.resnext import ResNeXt101

__all__ = [
    "BACKBONES",
    "MOBILENETV2_FILE",
    "STARTING_WEIGHTS",
    "Backbone",
    "ConvUnit",
    "MobileNetV2",
    "MobileNetV3Large",
    "Pyramid",
    "ResNeXt101",
    "load_checkpoint",
    "load_tflite_weights",
    "make_backbone",
    "mobilenetv2",
    "read_tflite_constants",
    "save_checkpoint",
]

BACKBONES: dict[str, Callable[[], Backbone]] = {
    "mobilenetv2": MobileNetV2,
    "mobilenetv3-large": MobileNetV3Large,
    "resnext101-32x8d": ResNeXt101,
}
"""By the names that commands take."""


def make_backbone(name: str, weights: Path | None) -> Backbone:
    """A backbone of BACKBONES with the starting weights in the file ``weights``, or random ones for None.

    weights: a PyTorch checkpoint with the published parameter names, or for MobileNetV2 a TensorFlow Lite
    file. Raises ValueError or FileNotFoundError, see ``load_checkpoint``.
    """
    if name not in BACKBONES:
        raise ValueError(f"no backbone {name!r}; there are {', '.join(BACKBONES)}")
    model = BACKBONES[name]()
    if weights is None:
        return model
    if weights.suffix == ".tflite":
        if not isinstance(model, MobileNetV2):
            raise ValueError(f"{weights}: TensorFlow Lite weights are read for mobilenetv2 only, not {name}")
        load_tflite_weights(model, weights)
    else:
        load_checkpoint(model, weights)
    return model
