"""Writes a trained detector as ONNX, with its entry in the manifest."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from recognition.training.detector.model import Detector

MULTIPLE = 32
THRESHOLDS = {
    "product": "score_threshold",
    "price_tag": "price_tag_threshold",
    "gap": "gap_threshold",
}
"""The setting that holds each kind's operating point."""


class Served(nn.Module):
    """As it is served: pictures (n, h, w, 3) RGB uint8 to boxes (n, a, 4), scores (n, a, kinds) and edges
    (n, h / 8, w / 8), both 0..1."""

    def __init__(self, model: Detector) -> None:
        super().__init__()
        self.model = model

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        rows, edges = self.model(pictures.permute(0, 3, 1, 2).float())
        return rows[..., :4], rows[..., 4:].sigmoid(), edges.sigmoid()


def export_onnx(model: Detector, path: Path) -> None:
    """Write ``model`` as ONNX with free height and width (multiples of 32) and a batch of one.

    The net has no branch, so tracing it is exact; torch's newer exporter takes twenty times as long for the
    same graph, and writes this machine's paths into it.
    """
    torch.onnx.export(
        Served(model).eval(),
        (torch.zeros(1, 64, 96, 3, dtype=torch.uint8),),
        path,
        input_names=["pictures"],
        output_names=["boxes", "scores", "edges"],
        dynamic_axes={
            "pictures": {1: "height", 2: "width"},
            "boxes": {1: "anchors"},
            "scores": {1: "anchors"},
            "edges": {1: "rows", 2: "columns"},
        },
        opset_version=17,
        dynamo=False,
    )


def register(manifest: Path, entry: dict[str, Any]) -> None:
    """Put ``entry`` into the manifest as the active model of its role, in place of the one in its file.

    ``sha256`` is taken from the file the entry names, beside the manifest.
    """
    content = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {"models": []}
    digest = hashlib.sha256((manifest.parent / entry["file"]).read_bytes()).hexdigest()
    others = [model for model in content["models"] if model["file"] != entry["file"]]
    retired = [m | {"active": False} if m["role"] == entry["role"] else m for m in others]
    models = sorted(
        [*retired, entry | {"sha256": digest, "active": True}],
        key=lambda m: (m["role"], m["name"], m["version"]),
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
        "settings": dict.fromkeys(THRESHOLDS.values(), 0.45) | {"nms_iou": 0.6, "vote_iou": 0.65},
        "licence": "Apache-2.0",
        "card": "detector.md",
    }


def _story(run: Path) -> str:
    if run.suffix == ".onnx":
        return f"`{run.name}`, as exported before."
    stored = torch.load(run / "weights.pt", weights_only=True, map_location="cpu")
    recipe = stored["recipe"]
    return (
        f"{stored['steps']} steps of {recipe['batch']} pictures of {recipe['size']} pixels in "
        f"{recipe['minutes']:.0f} minutes on one CPU core, AdamW at {recipe['rate']:g} with a cosine, "
        f"running average {recipe['average']}, seed {recipe['seed']}."
    )


def facts(model: Detector, runs: Sequence[Path]) -> dict[str, Any]:
    """Return what the model card says about how ``model`` came out of the training runs in ``runs``."""
    text = "\n".join(_story(run) for run in runs)
    if len(runs) > 1:
        text += "\nThe weights are the mean of these runs'."
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "recipe_text": text,
        "commit": commit.stdout.strip(),
    }
