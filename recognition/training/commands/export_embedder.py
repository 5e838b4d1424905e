"""Writes a trained embedder as ONNX beside the other shipped models, with its manifest entry."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "write an embedder run as ONNX, with its manifest entry"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--run", dest="source", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--weights", type=Path, help="folder to write to (default: the shipped models)")
    parser.add_argument(
        "--calibrate", type=Path, required=True, nargs="+", metavar="DIR",
        help="recognition sets (gallery/, queries/, unknown/) that the acceptance rule is fitted on",
    )  # fmt: skip
    parser.add_argument("--version", required=True, help="version of the model, as results will record it")


def run(args: Namespace) -> None:
    """Export the run's checkpoint, fit the acceptance rule, and write the manifest entry."""
    from recognition.runtime.manifest import WEIGHTS, default_manifest, load_manifest
    from recognition.stages.embed import Embedder
    from recognition.stages.keypoints import Alike
    from recognition.training.detector.export import register
    from recognition.training.embedder.export import export_onnx, load_run, manifest_entry, strongest
    from recognition.training.evaluate.open_set import calibrate

    folder = args.weights or WEIGHTS
    entry = manifest_entry(args.version)
    net = load_run(args.source)
    export_onnx(net, strongest(net, args.source), folder / entry["file"])
    register(folder / "manifest.json", entry)
    embedder = Embedder(load_manifest(folder / "manifest.json").active("embedder"))
    finder = Alike(default_manifest().active("keypoints"))
    entry["settings"]["acceptance"] = calibrate(embedder, finder, args.calibrate)
    register(folder / "manifest.json", entry)
    print(f"{folder / entry['file']}: {entry['name']}-{entry['version']}, settings {entry['settings']}")
