"""A run's folder as a candidate model: ONNX file, manifest and model card, as the product registers them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recognition.runtime.manifest import load_manifest
from recognition.stages.embed import Embedder
from recognition.training.detector.export import register
from recognition.training.evaluate.recognition import calibrate_folders, pictures
from recognition.training.pictures.views import MAX_STRETCH, PAD

FILE, CARD, MANIFEST = "embedder.onnx", "embedder.md", "manifest.json"


def check_calibration(folder: Path) -> None:
    """Raise ValueError unless there are pictures in gallery/, queries/ and unknown/ of ``folder``."""
    empty = [part for part in ("gallery", "queries", "unknown") if not pictures(folder / part)]
    if empty:
        raise ValueError(f"{folder}: no pictures in {', '.join(empty)}; calibrating needs all three folders")


def write_candidate(out: Path, size: int, version: str, licence: str, calibrate: Path) -> list[str]:
    """Write manifest and card for the embedder exported to ``out``; return the files of the candidate.

    calibrate: folder with gallery/, queries/ and unknown/, which the rule of what to accept is fitted on;
    its products should be none of the training's.
    """
    preparation = {"colour": "RGB", "dtype": "uint8", "size": size, "max_stretch": MAX_STRETCH, "pad": PAD}
    entry: dict[str, Any] = {
        "name": "triplet-embedder",
        "role": "embedder",
        "version": version,
        "file": FILE,
        "input_shape": ["n", size, size, 3],
        "preprocessing": preparation,
        "settings": {"acceptance": {}},
        "licence": licence,
        "card": CARD,
    }
    register(out / MANIFEST, entry)
    embedder = Embedder(load_manifest(out / MANIFEST).active("embedder"))
    entry["settings"]["acceptance"] = calibrate_folders(embedder, calibrate)
    register(out / MANIFEST, entry)
    return [FILE, MANIFEST, CARD]


def write_card(
    out: Path, version: str, licence: str, config: Mapping[str, Any], figures: Mapping[str, float]
) -> None:
    """Write the model card: what made the model, and what it measured."""
    made = "\n".join(f"| {name} | {value} |" for name, value in config.items())
    measured = "\n".join(f"| {name} | {value:.4g} |" for name, value in figures.items())
    text = f"""# triplet-embedder {version}

A 256-d embedder of product crops, trained by `python -m recognition.training train-triplet` (batch-hard
triplets with a soft margin; the recipe of Bonci & Galeazzi). Licence of the weights: {licence}. `run.json`
beside this card has the commit, the machine and the data sets' versions.

| setting | value |
|---|---|
{made}

Figures on the test pictures, which nothing was trained on:

| figure | value |
|---|---|
{measured}
"""
    (out / CARD).write_text(text, encoding="utf-8")
