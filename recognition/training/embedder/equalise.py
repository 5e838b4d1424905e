"""Scales of channels moved between layers, so that 8 bits serve every channel alike; the net stays the same.

A tensor in 8 bits has one scale for all its channels, and those that move little are coarse in it. What comes
out of a linear convolution can be multiplied channel by channel, if what reads it divides by as much; so can
what is cut off at 6, as far as a channel never gets there (Nagel et al., 2019, who balance weights).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnx
import onnxruntime
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from recognition.types import FloatArray, ImageArray

MOST = 8.0
"""A channel is scaled up by at most this: what it never did in the crops it may do in others."""
MARGIN = 2.0
"""Room above what a cut-off channel reached in the crops: other crops reach further, and would be cut off."""


def equalise(model: ModelProto, crops: Sequence[ImageArray], batch: int = 16) -> None:
    """Scale the channels of ``model``'s convolutions in place by what they reach for ``crops``.

    crops: (size, size, 3) uint8 each, prepared for the model's input ``crops``.
    """
    net = _Net(model.graph)
    reach = _reach(model, [*net.linear_tensors, *net.cut_tensors], crops, batch)
    for group in net.streams():
        span = np.maximum.reduce([reach[name] for name in group])
        net.scale(group, np.minimum(span.max() / np.maximum(span, 1e-6), MOST))
    for name, limit in net.cut_tensors.items():
        room = limit / np.maximum(MARGIN * reach[name], 1e-6)
        net.scale([name], np.clip(room, 1.0, MOST))
    net.write()


@dataclass(frozen=True)
class _Net:
    """The convolutions of a graph, and what lies between them."""

    graph: GraphProto

    @cached_property
    def weights(self) -> dict[str, FloatArray]:
        return {part.name: numpy_helper.to_array(part).copy() for part in self.graph.initializer}

    @cached_property
    def readers(self) -> Mapping[str, list[NodeProto]]:
        found: dict[str, list[NodeProto]] = defaultdict(list)
        for node in self.graph.node:
            for name in node.input:
                found[name].append(node)
        return found

    @cached_property
    def makers(self) -> dict[str, NodeProto]:
        return {name: node for node in self.graph.node for name in node.output}

    @cached_property
    def cut_tensors(self) -> dict[str, float]:
        """The limit of each Clip from 0 on that a convolution makes and only convolutions read, by output."""
        clips = [node for node in self.graph.node if node.op_type == "Clip"]
        return {
            node.output[0]: float(self.weights[node.input[2]])
            for node in clips
            if self.weights.get(node.input[1]) == 0
            and self._made_by(node.input[0], "Conv")
            and self._read_by(node.output[0], "Conv")
        }

    @cached_property
    def linear_tensors(self) -> list[str]:
        """Outputs of convolutions, and their sums, that nothing but convolutions and sums read."""
        names = [node.output[0] for node in self.graph.node if node.op_type in ("Conv", "Add")]
        return [name for name in names if self._read_by(name, "Conv", "Add")]

    def _made_by(self, name: str, kind: str) -> bool:
        return name in self.makers and self.makers[name].op_type == kind

    def _read_by(self, name: str, *kinds: str) -> bool:
        return bool(self.readers[name]) and all(node.op_type in kinds for node in self.readers[name])

    def streams(self) -> list[list[str]]:
        """Linear tensors that must share their scales, because they are added to each other.

        A stream that something else is added to is left out.
        """
        group_of = {name: {name} for name in self.linear_tensors}
        for node in self.graph.node:
            if node.op_type == "Add":
                parts = [*node.input, *node.output]
                joined = set().union(*(group_of.get(name, {name}) for name in parts))
                group_of |= dict.fromkeys(joined, joined)
        groups = {id(group): group for group in group_of.values()}.values()
        return [sorted(group) for group in groups if group <= set(self.linear_tensors)]

    def scale(self, tensors: Iterable[str], by: FloatArray) -> None:
        """Multiply the channels of ``tensors`` by ``by`` (channels,), and let their readers divide by it."""
        for name in tensors:
            maker = self.makers[name]
            maker = self.makers[maker.input[0]] if maker.op_type == "Clip" else maker
            if maker.op_type == "Conv":
                self.weights[maker.input[1]] *= by[:, None, None, None]
                if len(maker.input) > 2:
                    self.weights[maker.input[2]] *= by
            for node in self.readers[name]:
                if node.op_type == "Conv":
                    weight = self.weights[node.input[1]]
                    depthwise = len(by) > weight.shape[1]
                    weight /= by[:, None, None, None] if depthwise else by[None, :, None, None]

    def write(self) -> None:
        """Put the weights back into the graph."""
        for part in self.graph.initializer:
            part.CopyFrom(numpy_helper.from_array(self.weights[part.name], part.name))


def _reach(
    model: ModelProto, names: Sequence[str], crops: Sequence[ImageArray], batch: int
) -> dict[str, FloatArray]:
    """The largest absolute value of each channel of the named tensors (n, channels, h, w) over the crops."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    there = {output.name for output in watched.graph.output}
    for name in set(names) - there:
        watched.graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options)
    reach: dict[str, FloatArray] = {}
    for start in range(0, len(crops), batch):
        found = session.run(list(names), {"crops": np.stack(crops[start : start + batch])})
        for name, values in zip(names, found, strict=True):
            most = np.abs(values).max(axis=(0, 2, 3))
            reach[name] = np.maximum(reach[name], most) if name in reach else most
    return reach
