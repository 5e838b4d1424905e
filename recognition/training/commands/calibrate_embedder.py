"""Fits the acceptance rule of the embedder in use anew, and writes it into the manifest."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "fit the acceptance rule of the embedder in use anew"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--set", dest="folders", type=Path, required=True, nargs="+", metavar="DIR",
        help="recognition sets (gallery/, queries/, unknown/) that the rule is fitted on",
    )  # fmt: skip
    parser.add_argument("--weights", type=Path, help="folder of the models (default: the shipped ones)")


def run(args: Namespace) -> None:
    """Fit, and write the manifest's entry."""
    from recognition.runtime.manifest import WEIGHTS, ModelError, default_manifest, load_manifest
    from recognition.stages.embed import Embedder
    from recognition.stages.keypoints import Alike
    from recognition.training.detector.export import register
    from recognition.training.evaluate.open_set import calibrate

    file = (args.weights or WEIGHTS) / "manifest.json"
    try:
        embedder = Embedder(load_manifest(file).active("embedder"))
        rule = calibrate(embedder, Alike(default_manifest().active("keypoints")), args.folders)
    except (OSError, ValueError, ModelError) as error:
        raise SystemExit(f"calibrate-embedder: {error}") from error
    models = json.loads(file.read_text(encoding="utf-8"))["models"]
    entry = next(m for m in models if m["name"] == embedder.entry.name and m["active"])
    entry["settings"]["acceptance"] = rule
    register(file, entry)
    print(f"{file}: {embedder.entry.label} accepts by {rule}")
