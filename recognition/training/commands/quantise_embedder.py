"""Writes an exported embedder in 8-bit integers, as a version of its own beside it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "write an exported embedder in 8-bit integers: half the time a crop"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--weights", type=Path, help="folder with manifest.json (default: the shipped models)"
    )
    parser.add_argument("--source", metavar="VERSION", help="which embedder of it (default: the active one)")
    parser.add_argument("--version", required=True, help="version of the model, as results will record it")
    parser.add_argument(
        "--crops", type=Path, required=True, metavar="DIR",
        help="some hundred crops of shelf photos, in any folders: they tell the ranges of values",
    )  # fmt: skip


def run(args: Namespace) -> None:
    """Quantise, and make the new version the active one; its acceptance rule is the source's."""
    from recognition.runtime.manifest import WEIGHTS, ModelError, load_manifest
    from recognition.stages.embed import Embedder
    from recognition.training.detector.export import register
    from recognition.training.embedder.quantise import quantise
    from recognition.training.evaluate.recognition import pictures, read_rgb

    manifest = (args.weights or WEIGHTS) / "manifest.json"
    try:
        source = load_manifest(manifest).find("embedder", args.source)
        embedder = Embedder(source)
        crops = [embedder.prepare(read_rgb(file)) for file in pictures(args.crops)]
        file = source.path.with_stem(f"{source.path.stem}-8bit")
        quantise(source.path, crops, file)
    except (OSError, ValueError, ModelError) as error:
        raise SystemExit(f"quantise-embedder: {error}") from error
    models = json.loads(manifest.read_text(encoding="utf-8"))["models"]
    entry = next(m for m in models if (m["name"], m["version"]) == (source.name, source.version))
    register(manifest, entry | {"version": args.version, "file": file.name})
    print(f"{file}: {source.name}-{args.version}, from {source.label} and {len(crops)} crops")
