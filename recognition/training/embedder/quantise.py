"""An exported embedder in 8-bit integers: the same net, weights by channel and activations by tensor.

A processor with 8-bit dot products multiplies four times as many bytes as floats. No training is needed: the
channels are equalised, and ranges come from crops like those to come (Krishnamoorthi, 2018). No torch.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from recognition.training.embedder.equalise import equalise
from recognition.types import ImageArray

INPUT = "crops"
KINDS = ["Conv", "Add", "Clip", "Gemm", "MatMul"]
"""Nodes that compute in 8 bits. Pooling and scaling to unit length stay in floats, and so do the results."""
BATCH = 16


def quantise(model: Path, crops: Sequence[ImageArray], file: Path) -> None:
    """Write the exported float embedder ``model`` to ``file``, in 8 bits.

    crops: (size, size, 3) each, prepared for its input; some hundreds, with what the
    darkest, brightest and busiest ones make of the net's activations. Raises ValueError if there are none, or
    if the model is in 8 bits already.
    """
    if not len(crops):
        raise ValueError("quantising needs crops to learn the ranges of values from, found none")
    if any(node.op_type == "QuantizeLinear" for node in onnx.load(str(model)).graph.node):
        raise ValueError(f"{model} is in 8 bits already")
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder, "prepared.onnx")
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        balanced = onnx.load(str(prepared))
        equalise(balanced, crops)
        onnx.save(balanced, str(prepared))
        quantize_static(
            prepared,
            file,
            _Batches(crops),
            op_types_to_quantize=KINDS,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"]},
        )
    written = onnx.load(str(file))
    take_bytes(written.graph)
    onnx.checker.check_model(written)
    onnx.save(written, str(file))


class _Batches(CalibrationDataReader):
    """The crops, BATCH at a time."""

    def __init__(self, crops: Sequence[ImageArray]):
        starts = range(0, len(crops), BATCH)
        self.batches: Iterator[ImageArray] = (np.stack(crops[i : i + BATCH]) for i in starts)

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self.batches, None)
        return None if batch is None else {INPUT: batch}


def take_bytes(graph: GraphProto) -> None:
    """Let the first convolution read the crops' bytes, if nothing but a shift and a scale is done to them.

    (byte - mean) / spread in 8 bits is the byte itself, with 1 / spread for the scale and the mean, if whole,
    for the zero point: preparing and quantising need not be computed.
    """
    users = {name: node for node in graph.node for name in node.input}
    constants = {part.name: numpy_helper.to_array(part) for part in graph.initializer}
    chain: list[NodeProto] = [
        node for node in graph.node if node.op_type == "Transpose" and INPUT in node.input
    ]
    for kind in ("Cast", "Sub", "Div", "QuantizeLinear", "DequantizeLinear"):
        following = users.get(chain[-1].output[0]) if chain else None
        if following is None or following.op_type != kind:
            return
        chain.append(following)
    transpose, _, shift, scale, _, ready = chain
    mean, spread = (constants[node.input[1]] for node in (shift, scale))
    if mean.size != 1 or spread.size != 1 or not 0 <= (zero := float(mean.item())) <= 255 or zero % 1:
        return
    given = {"crops_scale": np.float32(1 / spread.item()), "crops_zero": np.uint8(zero)}
    graph.initializer.extend(numpy_helper.from_array(np.asarray(v), k) for k, v in given.items())
    direct = helper.make_node("DequantizeLinear", [transpose.output[0], *given], [ready.output[0]])
    place = list(graph.node).index(chain[1])
    for node in chain[1:]:
        graph.node.remove(node)
    graph.node.insert(place, direct)
