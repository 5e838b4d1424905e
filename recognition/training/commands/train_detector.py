"""Trains the one-class product detector on labelled photos."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "train the product detector on folders of labelled photos"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="DIR[:TIMES]",
        help="COCO annotations.json and its photos; TIMES: draw them more often",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run; a run found there goes on"
    )
    parser.add_argument("--minutes", type=float, required=True, help="time budget of the training steps")
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--yolox-nano", type=Path, metavar="DIR", help="start from the published COCO weights")
    start.add_argument(
        "--start", type=Path, metavar="RUN", help="start from another run's folder or an exported .onnx file"
    )
    parser.add_argument("--size", type=int, default=640, help="side of the training pictures, pixels")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)


def run(args: Namespace) -> None:
    """Train; the weights end up in the run's folder."""
    import cv2
    import torch

    from recognition.training.detector.model import Detector
    from recognition.training.detector.starting_weights import load_run, load_yolox_nano
    from recognition.training.detector.train import Recipe, train
    from recognition.training.evaluate.photos import read_photos

    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    torch.manual_seed(args.seed)
    photos, model = [], Detector()
    try:
        for name in args.data:
            source, _, times = name.partition(":")
            photos += read_photos(source) * int(times or 1)
        if args.yolox_nano:
            load_yolox_nano(model, args.yolox_nano)
        else:
            load_run(model, args.start)
    except (OSError, ValueError) as error:
        raise SystemExit(f"train-detector: {error}") from error
    recipe = Recipe(args.minutes, size=args.size, batch=args.batch, rate=args.rate, seed=args.seed)
    train(model, photos, args.out, recipe)
