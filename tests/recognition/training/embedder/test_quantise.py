"""The embedder in 8 bits says what it says in floats, and is registered beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

pytest.importorskip("onnxruntime.quantization", reason="quantising needs the extra 'train'")

from recognition.runtime.manifest import WEIGHTS, ModelEntry, default_manifest, load_manifest
from recognition.stages.embed import Embedder
from recognition.training.__main__ import main
from recognition.training.embedder.quantise import quantise
from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.crops import distort, prepare
from recognition.training.render.packs import packshot
from recognition.types import ImageArray


@pytest.fixture(scope="module")
def crops() -> list[ImageArray]:
    packs = [prepare(packshot(spec, 200)) for spec in make_catalogue(77, brands=4, skus=10)]
    rng = np.random.default_rng(0)
    return [distort(pack, rng) for pack in packs for _ in range(4)]


@pytest.fixture(scope="module")
def folder(crops: list[ImageArray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models in which the float embedder was quantised by the command, on every other crop."""
    folder = tmp_path_factory.mktemp("weights")
    source = floats()
    shutil.copy(source.path, folder / source.path.name)
    entry = next(
        model
        for model in json.loads((WEIGHTS / "manifest.json").read_text())["models"]
        if model["file"] == source.path.name
    )
    (folder / "manifest.json").write_text(json.dumps({"models": [entry | {"active": True}]}))
    for number, crop in enumerate(crops[::2]):
        cv2.imwrite(str(folder / f"{number}.png"), cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))
    main(["quantise-embedder", "--weights", str(folder), "--version", "8", "--crops", str(folder)])
    return folder


def floats() -> ModelEntry:
    """The shipped embedder that computes in floats."""
    return default_manifest().find("embedder", "2")


def test_the_new_version_takes_over_and_the_old_one_stays(folder: Path) -> None:
    manifest = load_manifest(folder / "manifest.json")
    old, new = manifest.find("embedder", "2"), manifest.active("embedder")
    assert (new.label, old.active) == ("product-embedder-8", False)
    assert new.settings == old.settings
    assert new.path.stat().st_size < 0.35 * old.path.stat().st_size


def test_vectors_hardly_change_on_crops_not_seen_before(folder: Path, crops: list[ImageArray]) -> None:
    exact = Embedder(floats()).run(crops[1::2])
    coarse = Embedder(load_manifest(folder / "manifest.json").active("embedder")).run(crops[1::2])
    assert (exact.embedding * coarse.embedding).sum(axis=1).min() > 0.95
    np.testing.assert_allclose(np.linalg.norm(coarse.embedding, axis=1), 1, atol=1e-5)
    lengths = np.linalg.norm(exact.features, axis=1) * np.linalg.norm(coarse.features, axis=1)
    assert ((exact.features * coarse.features).sum(axis=1) / lengths).min() > 0.95


def test_the_first_convolution_reads_bytes(folder: Path) -> None:
    graph = onnx.load(str(load_manifest(folder / "manifest.json").active("embedder").path)).graph
    kinds = [node.op_type for node in graph.node]
    assert "Sub" not in kinds
    assert "Cast" not in kinds
    first = next(
        node for node in graph.node if node.op_type == "DequantizeLinear" and "crops_zero" in node.input
    )
    assert onnx.numpy_helper.to_array(
        next(part for part in graph.initializer if part.name == first.input[2])
    ) == np.uint8(127)


def test_what_cannot_be_quantised_is_refused(folder: Path, crops: list[ImageArray]) -> None:
    done = load_manifest(folder / "manifest.json").active("embedder")
    with pytest.raises(ValueError, match="in 8 bits already"):
        quantise(done.path, crops, folder / "again.onnx")
    with pytest.raises(ValueError, match="found none"):
        quantise(floats().path, [], folder / "again.onnx")
    with pytest.raises(SystemExit, match="lists no version '9' of 'embedder'; it has 2, 8"):
        main(
            [
                "quantise-embedder",
                "--weights",
                str(folder),
                "--source",
                "9",
                "--version",
                "10",
                "--crops",
                str(folder),
            ]
        )
