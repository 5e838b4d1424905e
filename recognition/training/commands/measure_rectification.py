"""Measure what rectifying gains on rendered photos taken at an angle."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

help = "measure rows and linear shares before and after rectifying, on rendered photos at angles"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--angles", type=float, nargs="+", default=[0, 15, 30, 45], help="degrees of yaw")
    parser.add_argument("--photos", type=int, default=40, help="rendered photos an angle (default 40)")


def run(args: Namespace) -> None:
    from recognition.training.evaluate.rectification import evaluate_rectification

    print(json.dumps(evaluate_rectification(args.angles, args.photos), indent=2))
