"""Measures how well prices are read, on crops of price tags."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "measure the reading of prices on crops of the price-tag set"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--tags", type=Path, required=True, metavar="DIR", help="the set's folder of crops, by chain"
    )


def run(args: Namespace) -> int:
    """Print the figures of the crops that the rules were made on, and of those only measured."""
    from recognition.stages.text import TextReader, reader_label
    from recognition.training.evaluate.price_tags import evaluate_price_tags

    if not reader_label():
        print("Reading needs the extra ocr: pip install 'retail-exec[ocr]'")
        return 1
    for part in ("first", "second"):
        found = evaluate_price_tags(TextReader(), args.tags, part)
        print(part, ", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return 0
