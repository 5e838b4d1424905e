"""Writes a recognition set cut from rendered shelf photos: gallery/, queries/ and unknown/."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "render shelf photos and cut them into gallery, queries and unknown products"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=9001)
    parser.add_argument("--skus", type=int, default=120)
    parser.add_argument("--photos", type=int, default=16)


def run(args: Namespace) -> None:
    """Render and cut."""
    from recognition.training.embedder.scenes import write_scene_set

    queries = write_scene_set(args.out, args.seed, args.skus, args.photos)
    print(f"{args.out}: {queries} queries")
