"""A run's folder with an embedder that differs from the shipped one only in its name and description."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx

from recognition.runtime.manifest import default_manifest
from recognition.training.runs import start_run


def make_embedder_run(folder: Path, version: str, note: str = "retrained") -> Path:
    """A finished run with a model that can be registered."""
    shipped = default_manifest().active("embedder")
    run = start_run("train-embedder", {"note": note}, 0, "crops of a test", folder)
    model = onnx.load(str(shipped.path))
    model.doc_string = note
    onnx.save(model, str(folder / "embedder.onnx"))
    (folder / "embedder.md").write_text("# A model for tests\n")
    entry = {
        "name": "test-embedder",
        "role": "embedder",
        "version": version,
        "file": "embedder.onnx",
        "sha256": hashlib.sha256((folder / "embedder.onnx").read_bytes()).hexdigest(),
        "active": True,
        "input_shape": list(shipped.input_shape),
        "preprocessing": dict(shipped.preprocessing),
        "settings": dict(shipped.settings),
        "licence": "Apache-2.0",
        "card": "embedder.md",
    }
    (folder / "manifest.json").write_text(json.dumps({"models": [entry]}))
    run.finish(["embedder.onnx"], {"hit1": 0.5})
    return folder
