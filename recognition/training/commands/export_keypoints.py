"""Writes ALIKE with its published weights as ONNX beside the shipped models, with its manifest entry."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "write published ALIKE weights as ONNX, with their manifest entry"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--alike", type=Path, required=True, metavar="FILE", help="checkpoint, such as alike-n.pth"
    )
    parser.add_argument("--weights", type=Path, help="folder to write to (default: the shipped models)")
    parser.add_argument("--version", default="1", help="version of the model, as results will record it")


def run(args: Namespace) -> None:
    """Export the checkpoint and write the manifest entry."""
    from recognition.runtime.manifest import WEIGHTS
    from recognition.training.alike.export import export_onnx, manifest_entry
    from recognition.training.alike.net import load_alike
    from recognition.training.detector.export import register

    folder = args.weights or WEIGHTS
    entry = manifest_entry(args.version, args.alike.stem)
    export_onnx(load_alike(args.alike), folder / entry["file"])
    register(folder / "manifest.json", entry)
    print(f"{folder / entry['file']}: {entry['name']}-{entry['version']}")
