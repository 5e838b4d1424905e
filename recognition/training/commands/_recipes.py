"""What the commands of the recipes have in common."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from recognition.training.pictures.sources import Labelled

R = TypeVar("R", bound="DataclassInstance")

SOURCE = "a folder of folders named as labels, a manifest.jsonl, or list.csv?column=value"


def add_data_arguments(parser: ArgumentParser) -> None:
    """Labelled pictures to train on and to measure on."""
    parser.add_argument(
        "--data", metavar="FOLDER", help="folder with train/ and test/, instead of the next two"
    )
    parser.add_argument("--train", metavar="SOURCE", help=f"pictures to learn from: {SOURCE}")
    parser.add_argument("--test", metavar="SOURCE", help="pictures to measure on, never trained on")


def add_net_arguments(parser: ArgumentParser, backbone: str, size: int, batch: int, steps: int) -> None:
    """What is trained, for how long, and where it goes."""
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run; a run found there goes on"
    )
    parser.add_argument(
        "--backbone", default=backbone, help="mobilenetv2, mobilenetv3-large or resnext101-32x8d"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE",
        help="starting weights: a published checkpoint, or backbone.pt of a pre-training (default: random)",
    )  # fmt: skip
    parser.add_argument("--size", type=int, default=size, help=f"side of the crops, pixels (default {size})")
    parser.add_argument("--batch", type=int, default=batch, help=f"crops a step (default {batch})")
    parser.add_argument("--steps", type=int, default=steps, help=f"training steps (default {steps})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto (GPU where there is one), cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)


def add_frozen_argument(parser: ArgumentParser) -> None:
    """Train everything, or the new layers alone."""
    parser.add_argument(
        "--frozen", type=int, default=0, metavar="VIEWS",
        help="keep the backbone's weights and train the new layers alone, on so many views of each picture: "
        "minutes on a CPU (default: train everything)",
    )  # fmt: skip


def add_augment_argument(parser: ArgumentParser) -> None:
    """Which transforms photos go through."""
    parser.add_argument(
        "--augment", nargs="*", metavar="NAME",
        help="what photos are varied by (default: all): framing, distortion, angle, occlusion, light, glare, "
        "blur, compression; packshots are put on drawn shelves",
    )  # fmt: skip


def read_data(args: Namespace) -> tuple[dict[str, Labelled], dict[str, str]]:
    """Training and test pictures (and the gallery's, if one is given), and their data sets' versions.

    Test pictures that are training or gallery pictures too are left out, and those of products that the
    gallery (or without one the training pictures) lacks; it is said how many. Raises OSError or ValueError.
    """
    from recognition.training.pictures.sources import labelled, read_source, unseen

    if bool(args.data) == bool(args.train and args.test):
        raise ValueError("give either --data, or --train and --test")
    names = (f"{args.data}/train", f"{args.data}/test") if args.data else (args.train, args.test)
    sources = {"train": read_source(names[0]), "test": read_source(names[1])}
    found = {"train": labelled(sources["train"])}
    if getattr(args, "gallery", None):
        sources["gallery"] = read_source(args.gallery)
        found["gallery"] = labelled(sources["gallery"])
    names, test = found.get("gallery", found["train"]).names, sources["test"]
    if unknown := len(test.items) - len(labelled(test, names)):
        where = "gallery" if "gallery" in found else "training pictures"
        print(f"{unknown} test pictures are left out: the {where} lack their products")
    sources["test"] = unseen(test, [data for name, data in sources.items() if name != "test"])
    if seen := len(test.items) - len(sources["test"].items):
        print(f"{seen} test pictures are left out: they are among the pictures to learn from")
    found["test"] = labelled(sources["test"], names)
    return found, {name: data.version for name, data in sources.items()}


def make_recipe(kind: type[R], args: Namespace) -> R:
    """A recipe, which is a dataclass, with those of its fields that are arguments too."""
    given = {field.name: getattr(args, field.name) for field in fields(kind) if hasattr(args, field.name)}
    if getattr(args, "augment", None) is not None:
        given["transforms"] = tuple(args.augment)
    return kind(**given)


def config(args: Namespace) -> dict[str, Any]:
    """The arguments, to be written down."""
    return {name: value for name, value in vars(args).items() if name not in ("run", "command")}
