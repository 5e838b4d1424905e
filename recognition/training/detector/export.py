"""Writes a trained detector as ONNX, with its entry in the manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from recognition.runtime.manifest import load_manifest
from recognition.stages.detect import Detector as ServedDetector
from recognition.training.detector.data import read_folder, read_picture
from recognition.training.detector.model import Detector
from recognition.training.evaluate.detection import best_threshold

MULTIPLE = 32
LOWEST = 0.02
"""Score below which no detection counts, when the threshold is chosen."""


class Served(nn.Module):
    """As it is served: pictures (n, h, w, 3) RGB uint8 to boxes (n, a, 4) and scores (n, a), 0..1."""

    def __init__(self, model: Detector) -> None:
        super().__init__()
        self.model = model

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        rows = self.model(pictures.permute(0, 3, 1, 2).float())
        return rows[..., :4], rows[..., 4].sigmoid()


def export_onnx(model: Detector, path: Path) -> None:
    """Write ``model`` as ONNX with free height and width (multiples of 32) and a batch of one."""
    rows, columns = torch.export.Dim("rows", min=2, max=128), torch.export.Dim("columns", min=2, max=128)
    program = torch.onnx.export(
        Served(model).eval(),
        (torch.zeros(1, 256, 320, 3, dtype=torch.uint8),),
        input_names=["pictures"],
        output_names=["boxes", "scores"],
        dynamic_shapes=({1: MULTIPLE * rows, 2: MULTIPLE * columns},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(path), include_initializers=True, keep_initializers_as_inputs=False)


def register(manifest: Path, entry: dict[str, Any]) -> None:
    """Put ``entry`` into the manifest as the active model of its role, in place of an older one of its name.

    ``sha256`` is taken from the file the entry names, beside the manifest.
    """
    content = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {"models": []}
    digest = hashlib.sha256((manifest.parent / entry["file"]).read_bytes()).hexdigest()
    others = [model for model in content["models"] if model["name"] != entry["name"]]
    retired = [m | {"active": False} if m["role"] == entry["role"] else m for m in others]
    models = sorted(
        [*retired, entry | {"sha256": digest, "active": True}], key=lambda m: (m["role"], m["name"])
    )
    fresh = manifest.with_suffix(".new")
    fresh.write_text(json.dumps({"models": models}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(manifest)


def manifest_entry(version: str, long_side: int) -> dict[str, Any]:
    """Return the manifest entry of the shipped detector, less the digest."""
    return {
        "name": "shelf-detector",
        "role": "detector",
        "version": version,
        "file": "detector.onnx",
        "input_shape": [1, "height", "width", 3],
        "preprocessing": {"colour": "RGB", "dtype": "uint8", "long_side": long_side, "multiple": MULTIPLE},
        "settings": {"score_threshold": 0.4, "nms_iou": 0.6},
        "licence": "Apache-2.0",
        "card": "detector.md",
    }


def tune(manifest: Path, folder: Path) -> float:
    """Return the score threshold that gives the manifest's detector its best F1 at IoU 0.7 on a folder."""
    detector = ServedDetector(load_manifest(manifest).active("detector"))
    photos = read_folder(folder)
    found = [(detector.detect(read_picture(photo.path), LOWEST), photo.truth) for photo in photos]
    return best_threshold(found)
