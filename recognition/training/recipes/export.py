"""ONNX files of trained recipes, and running them as they will be served."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from recognition.types import FloatArray, ImageArray

BATCH = 32


def export_onnx(net: nn.Module, file: Path, size: int, outputs: Sequence[str]) -> None:
    """Write ``net``, which takes uint8 ``crops`` (n, size, size, 3), as ONNX with a free n.

    The nets have no branch that depends on values, so tracing them is exact.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # sizes become constants, as they should
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)  # a step it can do without
        torch.onnx.export(
            net.cpu().eval(),
            (torch.zeros(2, size, size, 3, dtype=torch.uint8),),
            file,
            input_names=["crops"],
            output_names=list(outputs),
            dynamic_axes={name: {0: "n"} for name in ("crops", *outputs)},
            opset_version=17,
            dynamo=False,
        )


class Served:
    """An exported net on one thread, and the time it takes."""

    def __init__(self, file: Path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.seconds = 0.0

    def __call__(self, crops: ImageArray) -> FloatArray:
        """First output of uint8 crops (n, size, size, 3), in batches; ``seconds`` is what it took."""
        start = time.perf_counter()
        parts = [
            self.session.run(None, {"crops": crops[i : i + BATCH]})[0] for i in range(0, len(crops), BATCH)
        ]
        self.seconds = time.perf_counter() - start
        return np.concatenate(parts)
