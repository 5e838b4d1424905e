"""Bonci and Galeazzi's recipe: MobileNetV3-Large and batch-hard triplets; a candidate embedder comes out."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from recognition.training.commands import _recipes

help = "train an embedder with batch-hard triplets (Bonci & Galeazzi); measure gallery against test pictures"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    _recipes.add_data_arguments(parser)
    parser.add_argument(
        "--gallery", metavar="SOURCE", help="pictures that test pictures are compared with (default: --train)"
    )
    _recipes.add_net_arguments(parser, "mobilenetv3-large", size=160, batch=64, steps=1000)
    _recipes.add_augment_argument(parser)
    parser.add_argument("--each", type=int, default=4, help="pictures of one product in a batch (default 4)")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate (default 0.0001)")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="factor of the embeddings in the loss (default 1)"
    )
    parser.add_argument(
        "--calibrate", type=Path, metavar="DIR",
        help="folder with gallery/, queries/ and unknown/ (see render-recognition-set) to fit the acceptance "
        "rule on; the run's folder is then a candidate for manage.py register_model",
    )  # fmt: skip
    parser.add_argument("--version", default="1", help="version of the candidate (default 1)")
    parser.add_argument("--licence", default="not stated", help="licence of the candidate's weights")


def run(args: Namespace) -> None:
    """Train, export, measure, and with ``--calibrate`` leave a candidate that the product can register."""
    from recognition.training.backbones import save_checkpoint
    from recognition.training.recipes.candidate import FILE, check_calibration, write_candidate, write_card
    from recognition.training.recipes.device import choose
    from recognition.training.recipes.export import export_onnx
    from recognition.training.recipes.nets import ServedEmbedding
    from recognition.training.recipes.triplet import Recipe, evaluate_gallery, train_triplet
    from recognition.training.runs import start_run

    try:
        if args.calibrate:
            check_calibration(args.calibrate)  # before the hours of training
        pictures, versions = _recipes.read_data(args)
        recipe = _recipes.make_recipe(Recipe, args)
        _recipes.check_goes_on(args, versions)
        record = start_run("train-triplet", _recipes.config(args), args.seed, versions, args.out)
        device = choose(args.device, args.threads)
        net = train_triplet(pictures["train"], recipe, device, args.out / "checkpoint.pt", record)
    except (OSError, ValueError) as error:
        raise SystemExit(f"train-triplet: {error}") from error
    save_checkpoint(net.backbone, args.out / "backbone.pt")
    export_onnx(ServedEmbedding(net), args.out / FILE, args.size, ["embedding", "features"])
    gallery = pictures.get("gallery", pictures["train"])
    figures = evaluate_gallery(args.out / FILE, gallery, pictures["test"], args.size)
    files = [FILE]
    if args.calibrate:
        write_card(args.out, args.version, args.licence, _recipes.config(args), figures)
        files = write_candidate(args.out, args.size, args.version, args.licence, args.calibrate)
    record.finish(["backbone.pt", *files], figures)
    print(json.dumps(figures | {"run": str(args.out)}))
