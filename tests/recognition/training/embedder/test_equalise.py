"""Equalising moves scales between layers and leaves what the net says alone."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from recognition.training.embedder.equalise import equalise
from recognition.types import FloatArray, ImageArray

SIDE = 12


def conv(name: str, source: str, weight: FloatArray, bias: FloatArray, groups: int = 1) -> tuple[list, list]:
    """A convolution node reading ``source``, and its constants."""
    pad = weight.shape[2] // 2
    node = helper.make_node("Conv", [source, f"{name}.w", f"{name}.b"], [name], group=groups, pads=[pad] * 4)
    return [node], [numpy_helper.from_array(weight, f"{name}.w"), numpy_helper.from_array(bias, f"{name}.b")]


def cut(source: str) -> list:
    return [helper.make_node("Clip", [source, "low", "high"], [f"{source}.cut"])]


@pytest.fixture
def model() -> ModelProto:
    """Two inverted residuals and a last layer, whose channels differ a hundredfold in what they reach."""
    rng = np.random.default_rng(0)

    def weight(*shape: int) -> FloatArray:
        values = rng.normal(0, 1, shape) / np.sqrt(np.prod(shape[1:]))
        return (values * np.geomspace(0.05, 2, shape[0])[:, None, None, None]).astype(np.float32)

    def bias(width: int) -> FloatArray:
        return rng.normal(0.1, 0.05, width).astype(np.float32)

    parts = [
        ([helper.make_node("Transpose", ["crops"], ["moved"], perm=[0, 3, 1, 2])], []),
        ([helper.make_node("Cast", ["moved"], ["floats"], to=TensorProto.FLOAT)], []),
        ([helper.make_node("Sub", ["floats", "mean"], ["shifted"])], []),
        ([helper.make_node("Div", ["shifted", "spread"], ["prepared"])], []),
        conv("stem", "prepared", weight(8, 3, 3, 3), bias(8)),
    ]
    source = "stem"
    for block in "ab":
        parts += [
            conv(f"{block}.expand", source, weight(16, 8, 1, 1), bias(16)),
            (cut(f"{block}.expand"), []),
            conv(f"{block}.deep", f"{block}.expand.cut", 3 * weight(16, 1, 3, 3), bias(16), groups=16),
            (cut(f"{block}.deep"), []),
            conv(f"{block}.project", f"{block}.deep.cut", weight(8, 16, 1, 1), bias(8)),
            ([helper.make_node("Add", [source, f"{block}.project"], [f"{block}.sum"])], []),
        ]
        source = f"{block}.sum"
    parts.append(conv("out", source, weight(4, 8, 1, 1), bias(4)))
    limits = {"low": 0, "high": 6, "mean": 127, "spread": 127.5}
    constants = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in limits.items()]
    graph = helper.make_graph(
        [node for nodes, _ in parts for node in nodes],
        "blocks",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 4, SIDE, SIDE])],
        [*constants, *(part for _, constants in parts for part in constants)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(made)
    return made


@pytest.fixture
def crops() -> list[ImageArray]:
    return list(np.random.default_rng(1).integers(0, 256, (40, SIDE, SIDE, 3), np.uint8))


def seen(model: ModelProto, name: str, crops: list[ImageArray]) -> FloatArray:
    """What the tensor ``name`` is for the crops."""
    watched = ModelProto()
    watched.CopyFrom(model)
    if name != "out":
        watched.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(watched.SerializeToString())
    return session.run([name], {"crops": np.stack(crops)})[0]


def unevenness(values: FloatArray) -> float:
    """How much more the channel that reaches furthest does than the one that reaches least."""
    reach = np.abs(values).max(axis=(0, 2, 3))
    return float(reach.max() / reach.min())


def test_the_net_says_the_same(model: ModelProto, crops: list[ImageArray]) -> None:
    before = seen(model, "out", crops)
    equalise(model, crops[:30])
    np.testing.assert_allclose(seen(model, "out", crops), before, atol=1e-4 * np.abs(before).max())


@pytest.mark.parametrize("name", ["stem", "a.sum", "b.sum", "a.expand.cut", "b.deep.cut"])
def test_channels_reach_more_evenly_far(model: ModelProto, crops: list[ImageArray], name: str) -> None:
    before = unevenness(seen(model, name, crops))
    equalise(model, crops)
    assert unevenness(seen(model, name, crops)) < 0.7 * before
