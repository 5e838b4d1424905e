"""A tiny real ONNX model and its manifest, written to a folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper


def write_model(folder: Path, **changes: Any) -> Path:
    """Write ``twice.onnx`` (y = x + x on a free-length vector) and ``manifest.json``; return the manifest."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "twice", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    content = model.SerializeToString()
    (folder / "twice.onnx").write_bytes(content)
    entry = {
        "name": "twice",
        "role": "detector",
        "version": "1",
        "file": "twice.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "active": True,
        "input_shape": ["n"],
        "preprocessing": {},
        "settings": {"score_threshold": 0.5},
        "licence": "Apache-2.0",
        "card": "twice.md",
    } | changes
    path = folder / "manifest.json"
    path.write_text(json.dumps({"models": [entry]}), encoding="utf-8")
    assert onnx.load(folder / "twice.onnx").graph.name == "twice"
    return path
