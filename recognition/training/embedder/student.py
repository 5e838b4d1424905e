"""A cheaper embedder for 8 bits: the teacher's net behind dense convolutions, for smaller crops.

In 8 bits a depthwise convolution on a large map costs more than a dense one, because it moves as many bytes
and multiplies few of them. To stride 4 the student therefore has three dense convolutions in the place of the
teacher's first one and its first two inverted residuals (as fused blocks have them: Tan and Le, 2021), with
multiples of 16 channels inside, and it sees crops of STUDENT_SIZE pixels.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from recognition.training.backbones import ConvUnit, mobilenetv2
from recognition.training.embedder.heads import FEATURES, EmbedderNet

STUDENT_SIZE = 128


def dense_trunk(teacher: EmbedderNet) -> nn.Sequential:
    """The trunk, to (n, 32, height/8, width/8): new to stride 4, from there it starts as the teacher's."""
    return nn.Sequential(
        ConvUnit(3, 16, 3, stride=2),
        ConvUnit(16, 64, 3, stride=2),
        ConvUnit(64, 24, 1, linear=True),
        *deepcopy(list(teacher.trunk)[3:]),
    )


def student_of(teacher: EmbedderNet) -> EmbedderNet:
    """A net that starts with what can be kept of ``teacher``; all of it learns."""
    student = deepcopy(teacher)
    student.trunk = dense_trunk(teacher)
    return student.requires_grad_(True)


def load_student(run: Path) -> EmbedderNet:
    """The student of a run's checkpoint, with the running average of its weights."""
    student = student_of(EmbedderNet(mobilenetv2(None)))
    student.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["average"])
    return student


def read_exported(file: Path) -> tuple[EmbedderNet, Tensor]:
    """Net and directions (FEATURES, components) of an embedder that ``export_onnx`` wrote in floats.

    Raises ValueError if the file is another net, or in 8 bits.
    """
    parts = {part.name: numpy_helper.to_array(part) for part in onnx.load(str(file)).graph.initializer}
    net = EmbedderNet(mobilenetv2(None))
    state = {name.removeprefix("net."): value for name, value in parts.items() if name.startswith("net.")}
    if "project.weight" in state and "project.bias" not in state:
        state["project.bias"] = np.zeros(len(state["project.weight"]), np.float32)
    try:
        net.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in state.items()})
    except RuntimeError as error:
        raise ValueError(f"{file} is no embedder that train-embedder made, in floats: {error}") from error
    directions = torch.from_numpy(parts["directions"].copy())
    assert directions.shape[0] == FEATURES
    return net, directions
