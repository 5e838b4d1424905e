"""The whole chain: render, pre-train, train, export, evaluate, register."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "run the whole chain: render, pre-train, train, export, evaluate, register"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of everything; finished steps are kept"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run of a few minutes; the model is no good"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--version", default="1", help="version of the candidate (default 1)")
    parser.add_argument("--no-register", action="store_true", help="leave the candidate in its folder")


def run(args: Namespace) -> None:
    """Run what is not done yet."""
    from recognition.training import chain
    from recognition.training.__main__ import main

    plan = chain.QUICK if args.quick else chain.FULL
    chain.run(chain.steps(args.out, plan, args.seed, args.threads, args.version), args.out, main)
    if not args.no_register:
        print(chain.register(args.out / "embedder"))
