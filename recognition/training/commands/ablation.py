"""ParallelDots' table on your own pictures: key-point matching, backbone, local concepts, maximum entropy."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from recognition.training.commands import _recipes

if TYPE_CHECKING:
    from recognition.stages.keypoints import Finder
    from recognition.training.ablation.rows import Setting
    from recognition.training.ablation.table import Row
    from recognition.training.pictures.sources import Labelled
    from recognition.training.recipes.classifier import Recipe

help = "print ParallelDots' table (matching, backbone, local concepts, maximum entropy) on labelled pictures"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    _recipes.add_data_arguments(parser)
    parser.add_argument("--shots", type=int, help="pictures of each product to learn from (default: all)")
    parser.add_argument(
        "--backbone", default="mobilenetv2", help="backbone of the rows (default mobilenetv2)"
    )
    parser.add_argument(
        "--weights", nargs="+", required=True, metavar="NAME=FILE",
        help="a row each: its name and starting weights ('none': random); tricks are added to the last",
    )  # fmt: skip
    _recipes.add_frozen_argument(parser)
    parser.add_argument("--no-matching", action="store_true", help="leave the key-point row out")
    parser.add_argument(
        "--seeds", type=int, default=5, help="repetitions with other pictures and starts (default 5)"
    )
    parser.add_argument("--size", type=int, default=160, help="side of the crops, pixels (default 160)")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument(
        "--concepts", type=int, default=512, help="width of the local-concepts layer (default 512)"
    )
    parser.add_argument(
        "--entropy", type=float, default=0.3, help="weight of the maximum-entropy loss (default 0.3)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run: run.json and ablation.json"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default auto)")
    parser.add_argument("--threads", type=int, default=1)


def run(args: Namespace) -> None:
    """Train and measure every row; print the table as it grows."""
    from recognition.training.ablation.rows import few, recipes
    from recognition.training.recipes.classifier import Recipe
    from recognition.training.runs import start_run

    try:
        pictures, versions = _recipes.read_data(args)
        base = Recipe(args.backbone, size=args.size, batch=args.batch, steps=args.steps, frozen=args.frozen)
        chosen = recipes(base, dict(map(_weights, args.weights)), args.concepts, args.entropy)
    except (OSError, ValueError) as error:
        raise SystemExit(f"ablation: {error}") from error
    record = start_run("ablation", _recipes.config(args), 0, versions, args.out)
    settings, test = few(pictures["train"], args.shots, range(args.seeds)), pictures["test"]
    print(f"{len(test.names)} products, {len(settings[0].train)} training and {len(test)} test pictures")
    rows = []
    for row in _rows(args, chosen, settings, test):
        print(row.line(), flush=True)
        rows.append(asdict(row))
        (args.out / "ablation.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    record.finish(["ablation.json"], {row["name"]: row["accuracy"] for row in rows})


def _rows(
    args: Namespace, chosen: Mapping[str, Recipe], settings: Sequence[Setting], test: Labelled
) -> Iterator[Row]:
    from recognition.training.ablation.rows import matched, trained
    from recognition.training.ablation.table import make_row
    from recognition.training.recipes.device import choose

    device = choose(args.device, args.threads)
    if not args.no_matching:
        finder = _finder()
        yield make_row(f"key points ({finder.label})", matched(finder, settings, test))
    before = None
    for name, recipe in chosen.items():
        placed = list(trained(recipe, settings, test, device))
        yield make_row(name, placed, before)
        before = placed


def _weights(text: str) -> tuple[str, Path | None]:
    name, equals, file = text.partition("=")
    if not equals:
        raise ValueError(f"--weights takes NAME=FILE, got {text!r}")
    return name, None if file == "none" else Path(file)


def _finder() -> Finder:
    """The shipped key points, or SIFT where none are shipped."""
    from recognition.runtime.manifest import ModelError, default_manifest
    from recognition.stages.keypoints import Alike, Sift

    try:
        return Alike(default_manifest().active("keypoints"))
    except ModelError:
        return Sift()
