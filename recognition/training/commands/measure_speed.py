"""Measures what embedding a crop costs, as served and in eager PyTorch."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "measure the processor time of embedding a crop, beside the shipped net in eager PyTorch"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--weights", type=Path, help="folder with manifest.json (default: the shipped models)"
    )
    parser.add_argument("--crops", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=12, help="the best of so many counts")


def run(args: Namespace) -> None:
    """Print milliseconds a crop of every embedder of the manifest, on one thread."""
    from recognition.runtime.manifest import WEIGHTS, ModelError, load_manifest
    from recognition.stages.embed import BATCH, Embedder
    from recognition.training.embedder.speed import OURS, eager_ms, example_crops, model_ms, served_ms

    try:
        models = load_manifest((args.weights or WEIGHTS) / "manifest.json").models
    except ModelError as error:
        raise SystemExit(f"measure-speed: {error}") from error
    crops = example_crops(args.crops)
    for entry in models:
        if entry.role == "embedder":
            embedder = Embedder(entry)
            served = served_ms(embedder, crops, args.rounds)
            alone = model_ms(embedder, BATCH, args.rounds)
            found = f"{entry.label}: {served:.2f} ms a crop, {alone:.2f} ms without preparing crops"
            if entry.name == OURS:
                eager = eager_ms(crops[:16], embedder.size, args.rounds)
                found += f"; {eager:.2f} ms in eager PyTorch, one crop at a time: {eager / served:.1f} times"
            print(found)
