from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.runtime.manifest import ModelEntry, load_manifest
from recognition.runtime.sessions import session
from recognition.training.detector.export import export_onnx, manifest_entry, register
from recognition.training.detector.model import Detector


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Detector, ModelEntry]:
    torch.manual_seed(0)
    folder, model, entry = tmp_path_factory.mktemp("weights"), Detector().eval(), manifest_entry("7", 640)
    export_onnx(model, folder / entry["file"])
    register(folder / "manifest.json", entry)
    return model, load_manifest(folder / "manifest.json").active("detector")


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 224)])
def test_the_exported_graph_answers_as_the_trained_net(
    exported: tuple[Detector, ModelEntry], height: int, width: int
) -> None:
    model, entry = exported
    pictures = np.random.default_rng(1).integers(0, 255, (1, height, width, 3), dtype=np.uint8)

    boxes, scores, edges = session(entry).run(None, {"pictures": pictures})

    with torch.no_grad():
        rows, map_of_edges = model(torch.from_numpy(pictures).permute(0, 3, 1, 2).float())
    np.testing.assert_allclose(boxes, rows[..., :4], atol=1e-2)
    np.testing.assert_allclose(scores, rows[..., 4:].sigmoid(), atol=1e-4)
    np.testing.assert_allclose(edges, map_of_edges.sigmoid(), atol=1e-4)


def test_a_registered_model_replaces_its_older_version_and_retires_its_rivals(tmp_path: Path) -> None:
    def entry(name: str, role: str, version: str) -> dict[str, Any]:
        (tmp_path / f"{name}.onnx").write_bytes(version.encode())
        return manifest_entry(version, 640) | {"name": name, "role": role, "file": f"{name}.onnx"}

    path = tmp_path / "manifest.json"
    for item in (
        ("a", "detector", "1"),
        ("e", "embedder", "1"),
        ("b", "detector", "1"),
        ("a", "detector", "2"),
    ):
        register(path, entry(*item))

    manifest = load_manifest(path)
    assert [(model.label, model.active) for model in manifest.models] == [
        ("a-2", True),
        ("b-1", False),
        ("e-1", True),
    ]
    assert manifest.active("detector").read() == b"2"
    assert json.loads(path.read_text(encoding="utf-8"))["models"][0]["preprocessing"]["long_side"] == 640
