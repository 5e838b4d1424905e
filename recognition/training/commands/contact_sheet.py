"""One picture of many: rendered photos, packs or any folder of pictures side by side, to look at."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "put the pictures of a folder (or freshly drawn packs) on one sheet, with rendered boxes if known"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--images", type=Path, help="folder of pictures; without it, packs are drawn")
    parser.add_argument("--out", type=Path, required=True, help="the sheet, PNG or JPEG")
    parser.add_argument(
        "--count", type=int, default=12, help="how many pictures, spread over the folder (default 12)"
    )
    parser.add_argument(
        "--height", type=int, default=480, help="height of each picture, pixels (default 480)"
    )
    parser.add_argument("--width", type=int, default=1920, help="width of the sheet, pixels (default 1920)")
    parser.add_argument(
        "--boxes", action="store_true", help="draw the boxes of the folder's annotations.json"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the drawn packs (default 1)")
    parser.add_argument(
        "--fonts", choices=("packages", "machine"), default="packages", help="machine: all system fonts too"
    )


def run(args: Namespace) -> int | None:
    from PIL import Image

    from recognition.training.render.sheet import boxed_photos, contact_sheet, drawn_packs

    try:
        if args.images is None:
            pictures = drawn_packs(args.seed, args.count, args.height, args.fonts)
        else:
            pictures = boxed_photos(args.images, args.count, args.boxes)
    except ValueError as error:
        raise SystemExit(f"contact-sheet: {error}") from error
    Image.fromarray(contact_sheet(pictures, args.height, args.width)).save(args.out)
    print(f"{args.out}: {len(pictures)} pictures")
    return None
