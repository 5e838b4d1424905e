"""Measures whether stated chances can be believed and strangers are told apart, on a recognition set."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "measure calibration and the telling apart of unknown products"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--set", dest="folder", type=Path, required=True, metavar="DIR",
        help="recognition set: gallery/<label>/, queries/<label>/ and unknown/",
    )  # fmt: skip
    parser.add_argument("--weights", type=Path, help="folder of the models (default: the shipped ones)")
    parser.add_argument("--no-adapt", action="store_true", help="by the general embedding")
    parser.add_argument("--no-rerank", action="store_true", help="by retrieval alone")


def run(args: Namespace) -> None:
    """Name the set's pictures as the product does, and print the figures."""
    from recognition.runtime.manifest import WEIGHTS, load_manifest
    from recognition.stages.embed import Embedder
    from recognition.stages.keypoints import Alike
    from recognition.training.evaluate.open_set import figures, name_folder

    manifest = load_manifest((args.weights or WEIGHTS) / "manifest.json")
    finder = None if args.no_rerank else Alike(manifest.active("keypoints"))
    embedder = Embedder(manifest.active("embedder"))
    print(json.dumps(figures(name_folder(embedder, args.folder, finder, not args.no_adapt)), indent=2))
