"""Teaches a smaller, quicker embedder what the shipped one says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "teach a quicker embedder what an exported one says of rendered packs and pieces of photos"

FILE = "embedder-fast.onnx"
AREA_FROM = 4.0
"""Crops are interpolated as long as no pixel is skipped: at this size it finds as much, in less time."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run; a run found there goes on"
    )
    parser.add_argument(
        "--minutes", type=float, default=75.0, help="training time, after the lessons are drawn"
    )
    parser.add_argument(
        "--trunk-minutes", type=float, default=6.0, help="of these, for the new layers' maps alone"
    )
    parser.add_argument(
        "--teacher",
        default="2",
        metavar="VERSION",
        help="shipped embedder that teaches, in floats (default 2)",
    )
    parser.add_argument("--version", default="1", help="version of the student (default 1)")
    parser.add_argument("--parts", type=int, default=40, help="parts of the lessons, of 2,240 crops each")
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--photos",
        type=Path,
        default=Path("../shared/data"),
        help="folder with grocerystore/ and price-tags/, or of any photos that may be learned from",
    )


def run(args: Namespace) -> None:
    """Draw the lessons that are missing, train, export, and print the last figures."""
    import torch

    from recognition.runtime.manifest import ModelError, default_manifest
    from recognition.stages.embed import Embedder
    from recognition.training.detector.export import register
    from recognition.training.embedder.distil import CHECKPOINT, Distillation, Recipe
    from recognition.training.embedder.export import export_onnx, manifest_entry
    from recognition.training.embedder.lessons import Photos, make_lessons
    from recognition.training.embedder.student import STUDENT_SIZE, load_student, read_exported
    from recognition.training.runs import start_run

    torch.set_num_threads(args.threads)
    try:
        teacher = Embedder(default_manifest().find("embedder", args.teacher), args.threads)
        net, directions = read_exported(teacher.entry.path)
        photos = Photos.below(args.photos)
        lessons = make_lessons(args.out / "lessons", teacher, photos, STUDENT_SIZE, args.parts, args.seed)
        recipe = Recipe(args.minutes, args.trunk_minutes, seed=args.seed)
        about = (
            f"{len(lessons)} crops, half of rendered packs, half of licensed photos; {teacher.entry.label}"
        )
        record = start_run("distil-embedder", recipe, args.seed, about, args.out)
        figures = Distillation(net, directions, args.out, recipe).learn(lessons, record)
    except (OSError, ValueError, ModelError) as error:
        raise SystemExit(f"distil-embedder: {error}") from error
    entry = manifest_entry(args.version, STUDENT_SIZE, FILE) | {"settings": dict(teacher.entry.settings)}
    entry["preprocessing"]["area_from"] = AREA_FROM
    export_onnx(load_student(args.out), directions, args.out / FILE, STUDENT_SIZE)
    register(args.out / "manifest.json", entry)
    record.finish([CHECKPOINT, FILE, "manifest.json"], figures)
    print(figures)
