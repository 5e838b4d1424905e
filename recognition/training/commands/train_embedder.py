"""Trains the product embedder: designs are drawn and distorted first, then the net learns."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "train the product embedder on rendered packs and licensed photos"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: crops, checkpoint, log")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="training time, after the crops are drawn"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--designs", type=int, default=5000, help="invented packs to draw")
    parser.add_argument("--views", type=int, default=10, help="distorted crops of each design")
    parser.add_argument("--start", type=Path, metavar="RUN", help="go on from an earlier run's checkpoint")
    parser.add_argument(
        "--also",
        type=Path,
        nargs="*",
        default=[],
        metavar="RUN",
        help="earlier runs whose crops are used too",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--starting-weights", type=Path, default=Path("../shared/weights"), help="folder of starting weights"
    )
    parser.add_argument(
        "--photos",
        type=Path,
        default=Path("../shared/data"),
        help="folder with grocerystore/ and price-tags/",
    )


def run(args: Namespace) -> None:
    """Draw what is missing, train, and print the last figures."""
    from recognition.training.backbones import mobilenetv2
    from recognition.training.embedder.data import CropSet, make_crop_sets
    from recognition.training.embedder.export import load_run
    from recognition.training.embedder.heads import EmbedderNet
    from recognition.training.embedder.maps import TrunkMaps
    from recognition.training.embedder.train import Recipe, start_head, train

    own, held_out = make_crop_sets(args.out, args.photos, args.designs, args.views, args.seed)
    earlier = [CropSet.load(run / "crops") for run in args.also]
    net = load_run(args.start) if args.start else EmbedderNet(mobilenetv2(args.starting_weights))
    data, held = (TrunkMaps(net, sets, args.threads) for sets in ([own, *earlier], [held_out]))
    if args.start is None:
        start_head(net, data)
    train(data, held, net, args.out, Recipe(minutes=args.minutes, seed=args.seed), args.threads)
    print((args.out / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
