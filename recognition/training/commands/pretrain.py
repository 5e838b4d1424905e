"""Self-supervised pre-training of a backbone on unlabelled shelf photos (Infilect)."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from recognition.training.commands import _recipes

if TYPE_CHECKING:
    from recognition.stages.detect import Detector

help = "pre-train a backbone on unlabelled photos: complete the hidden half, order shuffled quarters"

HELD_BACK = 64
"""Crops that the tasks are measured on, a tenth of all if that is less."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--photos", type=Path, nargs="+", required=True, help="folders of photos, no labels needed"
    )
    parser.add_argument(
        "--whole", action="store_true",
        help="every picture is one product; else products are found by the shipped detector, or by the "
        "annotations.json of a folder",
    )  # fmt: skip
    parser.add_argument("--most", type=int, default=50_000, help="crops to use (default 50,000)")
    _recipes.add_net_arguments(parser, "mobilenetv3-large", size=128, batch=32, steps=1000)
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate (default 0.0005)")
    parser.add_argument("--completion", type=float, default=1.0, help="weight of completing (default 1)")
    parser.add_argument("--jigsaw", type=float, default=1.0, help="weight of ordering (default 1)")


def run(args: Namespace) -> None:
    """Cut the crops, train, write ``backbone.pt``; print both tasks' losses on crops held back."""
    from recognition.training.backbones import save_checkpoint
    from recognition.training.pretrain.crops import write_crops
    from recognition.training.pretrain.train import Recipe, measure, pretrain
    from recognition.training.recipes.device import choose
    from recognition.training.runs import start_run

    try:
        _recipes.check_goes_on(args)
        detector = None if args.whole else _detector()
        file = args.out / f"crops-{args.size}.npy"
        crops = write_crops(file, args.photos, args.size, detector, args.most, args.seed)
        held = min(HELD_BACK, len(crops) // 10 + 1)
        recipe = _recipes.make_recipe(Recipe, args)
        about = f"{len(crops)} crops of {', '.join(map(str, args.photos))}"
        record = start_run("pretrain", _recipes.config(args), args.seed, about, args.out)
        device = choose(args.device, args.threads)
        net = pretrain(crops[held:], recipe, device, args.out / "checkpoint.pt", record)
    except (OSError, ValueError) as error:
        raise SystemExit(f"pretrain: {error}") from error
    save_checkpoint(net.backbone, args.out / "backbone.pt")
    figures = measure(net, crops[:held])
    record.finish(["backbone.pt"], figures)
    print(json.dumps(figures | {"crops": len(crops), "held_back": held, "run": str(args.out)}))


def _detector() -> Detector:
    from recognition.runtime.manifest import default_manifest
    from recognition.stages.detect import Detector

    return Detector(default_manifest().active("detector"))
