"""What the commands of the recipes have in common."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from recognition.training.pictures.sources import Labelled

R = TypeVar("R", bound="DataclassInstance")

FREE = {
    "out", "steps", "threads", "device", "data", "train", "test", "gallery",
    "calibrate", "version", "licence",
}  # fmt: skip
"""Arguments that may change when a run goes on; what it is trained on is compared by version instead."""
CUT_BY = {"photos", "whole", "most", "size", "seed"}
"""What the crops of a pre-training depend on."""
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


def check_goes_on(args: Namespace, versions: Mapping[str, str] | None = None) -> None:
    """Raises ValueError if the folder of the run has one of other settings or training pictures.

    Going on with it would say of the old weights that they come of the new settings. versions: of the data.
    """
    from recognition.training.runs import RUN, read_run

    begun = (args.out / "checkpoint.pt").is_file()
    if not (args.out / RUN).is_file() or not (begun or any(args.out.glob("crops-*.npy"))):
        return
    run = read_run(args.out)
    before, now = run["config"], json.loads(json.dumps(config(args), default=str))
    names = (before.keys() & now.keys() - FREE) if begun else (before.keys() & now.keys() & CUT_BY)
    other = [
        f"--{name.replace('_', '-')} {before[name]}" for name in sorted(names) if before[name] != now[name]
    ]
    trained_on = ((run.get("data") or {}).get("versions") or {}).get("train")
    if begun and versions and trained_on not in (None, versions["train"]):
        other.append(f"training pictures of version {trained_on}")
    if other:
        raise ValueError(
            f"{args.out} has a run with {', '.join(other)}; give the same again, or another --out"
        )


def config(args: Namespace) -> dict[str, Any]:
    """The arguments, to be written down."""
    return {name: value for name, value in vars(args).items() if name not in ("run", "command")}
