"""Writes a trained detector as ONNX beside the other shipped models, with manifest entry and model card."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recognition.training.evaluate.detection import Labelled
    from recognition.types import Detection

help = "write a detector run as ONNX, with its manifest entry and model card"

LOWEST = 0.02
"""Score below which no detection counts, for the average precision and the choice of the threshold."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    source = "NAME=SOURCE, the source as in recognition.training.evaluate.photos"
    parser.add_argument("--run", dest="source", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--weights", type=Path, help="folder to write to (default: the shipped models)")
    parser.add_argument("--version", required=True, help="version of the model, as results will record it")
    parser.add_argument("--tune", nargs="+", required=True, help=f"sets to choose the threshold on: {source}")
    parser.add_argument("--measure", nargs="*", default=[], help=f"further sets for the card: {source}")
    parser.add_argument("--recipe", type=Path, required=True, help="text for the card: the run's commands")
    parser.add_argument("--remarks", type=Path, required=True, help="text for the card: the figures' limits")
    parser.add_argument("--long-side", type=int, default=1280, help="pixels to scale a photo's long side to")


def run(args: Namespace) -> None:
    """Export, choose the score threshold with the best F1 at IoU 0.7, measure, write entry and card."""
    from recognition.runtime.manifest import WEIGHTS, load_manifest
    from recognition.training.detector.card import write_card
    from recognition.training.detector.export import export_onnx, facts, manifest_entry, register
    from recognition.training.detector.model import Detector
    from recognition.training.detector.starting_weights import load_run
    from recognition.training.evaluate.detection import best_threshold, figures

    folder = args.weights or WEIGHTS
    model = Detector()
    load_run(model, args.source)
    entry = manifest_entry(args.version, args.long_side)
    export_onnx(model, folder / entry["file"])
    register(folder / "manifest.json", entry)
    tuned, measured = _detect(folder, args.tune), _detect(folder, args.measure)
    threshold = best_threshold(*tuned.values())
    entry["settings"]["score_threshold"] = threshold
    register(folder / "manifest.json", entry)
    entry["sha256"] = load_manifest(folder / "manifest.json").active("detector").sha256
    results = {name: figures(photos, threshold) for name, photos in (tuned | measured).items()}
    about = facts(model, args.source) | {
        "tuned_on": " and ".join(tuned),
        "commands": args.recipe.read_text(encoding="utf-8").strip(),
        "remarks": args.remarks.read_text(encoding="utf-8").strip(),
    }
    (folder / entry["card"]).write_text(write_card(entry, about, results), encoding="utf-8")
    print((folder / entry["card"]).read_text(encoding="utf-8"))


def _detect(folder: Path, sets: list[str]) -> dict[str, list[tuple[Sequence[Detection], Labelled]]]:
    """Run the detector of ``folder`` on each NAME=SOURCE; its detections beside the truth, by name."""
    from tqdm import tqdm

    from recognition.runtime.manifest import load_manifest
    from recognition.stages.detect import Detector
    from recognition.training.evaluate.photos import read_photos, read_picture

    detector = Detector(load_manifest(folder / "manifest.json").active("detector"))
    found = {}
    for name, _, source in (item.partition("=") for item in sets):
        photos = tqdm(read_photos(source), desc=name, unit=" photos")
        found[name] = [(detector.detect(read_picture(p.path), LOWEST), p.truth) for p in photos]
    return found
