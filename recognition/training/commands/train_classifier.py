"""Fine-tunes a classifier: backbone, optionally local concepts and maximum entropy (ParallelDots)."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from recognition.training.commands import _recipes

help = "fine-tune a product classifier, optionally with local concepts and maximum entropy"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    _recipes.add_data_arguments(parser)
    _recipes.add_net_arguments(parser, "mobilenetv2", size=160, batch=32, steps=400)
    _recipes.add_augment_argument(parser)
    _recipes.add_frozen_argument(parser)
    parser.add_argument(
        "--concepts",
        type=int,
        default=0,
        help="width of the local-concepts layer, 512 for instance (default: none)",
    )
    parser.add_argument(
        "--entropy", type=float, default=0.0, help="weight of the maximum-entropy loss, 0 to 1 (default 0)"
    )
    parser.add_argument("--gamma", type=float, default=1.0, help="reward for spread in that loss (default 1)")
    parser.add_argument(
        "--rate", type=float, default=2e-3, help="learning rate of the backbone (default 0.002)"
    )
    parser.add_argument("--head-rate", type=float, default=2e-2, help="of the new layers (default 0.02)")
    parser.add_argument("--balance", type=float, default=0.5, help="0: as they occur, 1: all products alike")


def run(args: Namespace) -> None:
    """Train, export, measure; ``classifier.onnx`` and ``classes.json`` end up in the run's folder."""
    from recognition.training.backbones import save_checkpoint
    from recognition.training.recipes.classifier import Recipe, ranks, train_classifier
    from recognition.training.recipes.device import choose
    from recognition.training.recipes.export import export_onnx
    from recognition.training.recipes.nets import ServedClassifier
    from recognition.training.runs import start_run

    try:
        pictures, versions = _recipes.read_data(args)
        recipe = _recipes.make_recipe(Recipe, args)
        _recipes.check_goes_on(args, versions)
        record = start_run("train-classifier", _recipes.config(args), args.seed, versions, args.out)
        device = choose(args.device, args.threads)
        net = train_classifier(pictures["train"], recipe, device, args.out / "checkpoint.pt", record)
    except (OSError, ValueError) as error:
        raise SystemExit(f"train-classifier: {error}") from error
    placed = ranks(net, pictures["test"], args.size, device)
    figures = {"accuracy": float((placed == 0).mean()), "top5": float((placed < 5).mean())}
    save_checkpoint(net.backbone, args.out / "backbone.pt")
    export_onnx(ServedClassifier(net), args.out / "classifier.onnx", args.size, ["probabilities"])
    classes = json.dumps(list(pictures["train"].names), ensure_ascii=False, indent=2)
    (args.out / "classes.json").write_text(classes + "\n", encoding="utf-8")
    record.finish(["backbone.pt", "classifier.onnx", "classes.json"], figures)
    print(json.dumps(figures | {"test_pictures": len(placed), "run": str(args.out)}))
