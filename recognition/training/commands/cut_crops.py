"""Cuts the labelled products out of shelf photos, as a data set to train on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "cut labelled products out of shelf photos: a folder a SKU, with a manifest"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--photos", type=Path, required=True, help="folder of the photos")
    parser.add_argument(
        "--labels", type=Path, required=True, help="frames as for evaluate shelves, or COCO with SKUs"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the data set")


def run(args: Namespace) -> None:
    """Cut and say what there is."""
    from recognition.training.pictures.cut import cut_crops

    try:
        data = cut_crops(args.photos, args.labels, args.out)
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"cut-crops: {error}") from error
    print(f"{args.out}: version {data.version}, {len(data.items)} crops of {len(data.labels())} products")
