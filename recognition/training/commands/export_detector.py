"""Writes a trained detector as ONNX beside the other shipped models, with manifest entry and model card."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recognition.training.evaluate.detection import Labelled
    from recognition.types import Detection

    Judgeable = list[tuple[Sequence[Detection], Labelled]]

help = "write a detector run as ONNX, with its manifest entry and model card"

LOWEST = 0.02
"""Score below which no detection counts, for the average precision and the choice of the threshold."""
TIGHT = {"product": (0.5, 0.7), "price_tag": (0.5,), "gap": (0.5,)}
"""Overlaps at which each kind's threshold is chosen."""
ENOUGH = 20
"""Boxes of a kind that a set needs to have a say in that kind's threshold."""

LOOKS = {"closer": ("below", "less"), "farther": ("above", "more")}
"""Second looks at a photo, and the side of their limit on which the typical package lies."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    source = "NAME=SOURCE, the source as in recognition.training.evaluate.photos"
    parser.add_argument(
        "--run", dest="runs", type=Path, nargs="+", required=True,
        help="folder of the training run, or an exported .onnx file; of several that followed each other, "
        "the mean is taken",
    )  # fmt: skip
    parser.add_argument("--weights", type=Path, help="folder to write to (default: the shipped models)")
    parser.add_argument("--version", required=True, help="version of the model, as results will record it")
    parser.add_argument("--tune", nargs="+", required=True, help=f"sets to choose the threshold on: {source}")
    parser.add_argument("--measure", nargs="*", default=[], help=f"further sets for the card: {source}")
    parser.add_argument("--recipe", type=Path, required=True, help="text for the card: the run's commands")
    parser.add_argument("--remarks", type=Path, required=True, help="text for the card: the figures' limits")
    parser.add_argument("--long-side", type=int, default=1024, help="pixels to scale a photo's long side to")
    for look, (limit, than) in LOOKS.items():
        parser.add_argument(
            f"--{look}", type=int, nargs=2, metavar=(limit.upper(), "LONG_SIDE"),
            help=f"look again at LONG_SIDE where the typical package has {than} than {limit.upper()} pixels",
        )  # fmt: skip


def run(args: Namespace) -> None:
    """Export, choose each kind's score threshold with the best F1, measure, write entry and card."""
    from recognition.runtime.manifest import WEIGHTS, load_manifest
    from recognition.training.detector.card import write_card
    from recognition.training.detector.export import THRESHOLDS, export_onnx, facts, manifest_entry, register
    from recognition.training.detector.model import Detector
    from recognition.training.detector.starting_weights import load_mean
    from recognition.training.evaluate.detection import best_threshold, figures

    folder = args.weights or WEIGHTS
    model = Detector()
    load_mean(model, args.runs)
    entry = manifest_entry(args.version, args.long_side)
    for look, (limit, _) in LOOKS.items():
        if values := getattr(args, look):
            entry["preprocessing"][look] = dict(zip((limit, "long_side"), values, strict=True))
    export_onnx(model, folder / entry["file"])
    register(folder / "manifest.json", entry)
    tuned, measured = _detect(folder, args.tune), _detect(folder, args.measure)
    for kind, setting in THRESHOLDS.items():
        sets = [found[kind] for found in tuned.values() if _boxes(found.get(kind, ())) >= ENOUGH]
        entry["settings"][setting] = best_threshold(*sets, ious=TIGHT[kind])
    register(folder / "manifest.json", entry)
    entry["sha256"] = load_manifest(folder / "manifest.json").active("detector").sha256
    results = {
        f"{name}: {kind}s": figures(photos, entry["settings"][THRESHOLDS[kind]])
        for name, kinds in (tuned | measured).items()
        for kind, photos in kinds.items()
    }
    about = facts(model, args.runs) | {
        "tuned_on": " and ".join(tuned),
        "commands": args.recipe.read_text(encoding="utf-8").strip(),
        "remarks": args.remarks.read_text(encoding="utf-8").strip(),
    }
    (folder / entry["card"]).write_text(write_card(entry, about, results), encoding="utf-8")
    print((folder / entry["card"]).read_text(encoding="utf-8"))


def _boxes(photos: Sequence[tuple[Sequence[Detection], Labelled]]) -> int:
    return sum(len(truth.boxes) for _, truth in photos)


def _detect(folder: Path, sets: list[str]) -> dict[str, dict[str, Judgeable]]:
    """Run the detector of ``folder`` on each NAME=SOURCE; what it found beside the truth, by name and kind.

    Only kinds that the set has labels of.
    """
    from tqdm import tqdm

    from recognition.runtime.manifest import load_manifest
    from recognition.stages.detect import KINDS, Detector
    from recognition.training.evaluate.photos import read_photos, read_picture

    detector = Detector(load_manifest(folder / "manifest.json").active("detector"))
    found: dict[str, dict[str, Judgeable]] = {}
    by_kind: dict[str, Judgeable]
    for name, _, source in (item.partition("=") for item in sets):
        found[name] = by_kind = {}
        for photo in tqdm(read_photos(source), desc=name, unit=" photos"):
            seen = detector.see(read_picture(photo.path), LOWEST)
            truths = {KINDS[0]: photo.truth, **photo.others}
            for kind, detections in zip(KINDS, (seen.products, seen.price_tags, seen.gaps), strict=True):
                if kind in truths:
                    by_kind.setdefault(kind, []).append((detections, truths[kind]))
    return found
