"""Measures what reading the text on packs adds to key points, on rendered packs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

help = "measure what text on packs settles, on rendered packs of which some differ in their size only"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--seed", type=int, default=4103)
    parser.add_argument("--skus", type=int, default=60)
    parser.add_argument("--sizes", action="store_true", help="products that differ in nothing but their size")
    parser.add_argument("--clear", action="store_true", help="sharp crops, seen straight on")


def run(args: Namespace) -> int:
    """Print hit@1 by the embedding, by key points, and with text."""
    from recognition.stages.text import reader_label

    if not reader_label():
        print("Reading needs the extra ocr: pip install 'retail-exec[ocr]'")
        return 1
    from recognition.training.evaluate.words import evaluate_words

    found = evaluate_words(args.seed, args.skus, args.sizes, args.clear)
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    return 0
