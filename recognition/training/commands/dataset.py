"""Versions of data sets on the disk: make one of a folder, check one, split one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recognition.training.datasets import DataSet

help = "make, verify or split a data-set version: a manifest of files, labels and hashes"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("make", help="write manifest.jsonl for a folder with one sub-folder a label")
    make.add_argument("folder", type=Path)
    make.add_argument(
        "--brands",
        type=Path,
        metavar="CATALOG",
        help="CSV with sku and brand: a split then keeps brands whole",
    )
    verify = actions.add_parser("verify", help="compare the files of a data set with its manifest")
    verify.add_argument("folder", type=Path)
    split = actions.add_parser("split", help="write one manifest a part, so that nothing is in two parts")
    split.add_argument("folder", type=Path)
    split.add_argument(
        "--test", type=float, default=0.2, metavar="SHARE", help="part held back (default 0.2)"
    )
    split.add_argument(
        "--by",
        choices=("group", "label", "picture"),
        default="group",
        help="what is never torn apart: a photo or brand (default), a product, or nothing but equal files",
    )
    split.add_argument("--seed", type=int, default=0)


def run(args: Namespace) -> int:
    """Do what was asked; exit code 1 when a data set is not as its manifest says."""
    from recognition.training import datasets
    from recognition.training.pictures.sources import read_brands

    try:
        if args.action == "make":
            data = datasets.from_folder(args.folder, read_brands(args.brands) if args.brands else None)
            print(f"{datasets.write(data)}: {_words(data)}")
            return 0
        data = _read(args.folder)
        if args.action == "verify":
            problems = datasets.verify(data)
            print("\n".join(problems) or f"All files are as the manifest says: {_words(data)}")
            return int(bool(problems))
        shares = {"train": 1 - args.test, "test": args.test}
        for name, part in datasets.split(data, shares, args.seed, args.by).items():
            path = datasets.write(part, f"{name}.jsonl")
            print(f"{path}: {_words(part)}")
    except (OSError, ValueError) as error:
        raise SystemExit(f"dataset: {error}") from error
    return 0


def _read(folder: Path) -> DataSet:
    from recognition.training import datasets

    if not (folder / datasets.MANIFEST).exists() and not folder.is_file():
        raise ValueError(f"{folder} has no {datasets.MANIFEST}; cut-crops or dataset make write it")
    return datasets.read(folder)


def _words(data: DataSet) -> str:
    return f"version {data.version}, {len(data.items)} pictures, {len(data.labels())} labels"
