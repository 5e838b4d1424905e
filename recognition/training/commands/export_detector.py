"""Writes a trained detector as ONNX beside the other shipped models, with manifest entry and model card."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "write a detector run as ONNX, with its manifest entry"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--run", dest="source", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--weights", type=Path, help="folder to write to (default: the shipped models)")
    parser.add_argument("--version", required=True, help="version of the model, as results will record it")
    parser.add_argument(
        "--tune", type=Path, metavar="DIR", help="data folder to choose the score threshold on"
    )
    parser.add_argument("--long-side", type=int, default=1280, help="pixels a photo's long side is scaled to")


def run(args: Namespace) -> None:
    """Export, choose the score threshold of the best F1 at IoU 0.7, and write the manifest entry."""
    from recognition.runtime.manifest import WEIGHTS
    from recognition.training.detector.export import export_onnx, manifest_entry, register, tune
    from recognition.training.detector.model import Detector
    from recognition.training.detector.starting_weights import load_run

    folder = args.weights or WEIGHTS
    model = Detector()
    load_run(model, args.source)
    entry = manifest_entry(args.version, args.long_side)
    export_onnx(model, folder / entry["file"])
    register(folder / "manifest.json", entry)
    if args.tune:
        entry["settings"]["score_threshold"] = tune(folder / "manifest.json", args.tune)
        register(folder / "manifest.json", entry)
    print(f"{folder / entry['file']}: {entry['name']}-{entry['version']}, settings {entry['settings']}")
