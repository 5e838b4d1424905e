"""Measures a candidate embedder on products it was not trained on."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

help = "measure a run's embedder on gallery/, queries/ and unknown/ of products never seen"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--run", dest="source", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument(
        "--set", dest="folder", type=Path, required=True,
        help="folder with gallery/<label>/ and queries/<label>/, and pictures of other products in unknown/",
    )  # fmt: skip
    parser.add_argument("--no-adapt", action="store_true", help="only the general embedding, as it is")


def run(args: Namespace) -> None:
    """Measure, print, and leave ``evaluation.json`` in the run's folder."""
    from tqdm import tqdm

    from recognition.runtime.manifest import ModelError, load_manifest
    from recognition.stages.embed import Embedder
    from recognition.training.evaluate.recognition import Options, evaluate_folders

    def progress(done: int, total: int) -> None:
        steps.total = total
        steps.update(done - steps.n)

    unknown = args.folder / "unknown"
    steps = tqdm(desc="adapting", unit="step", disable=None)
    try:
        embedder = Embedder(load_manifest(args.source / "manifest.json").active("embedder"))
        figures = evaluate_folders(
            embedder,
            args.folder / "gallery",
            args.folder / "queries",
            Options(adapted=not args.no_adapt),
            unknown=unknown if unknown.is_dir() else None,
            progress=progress,
        )
    except (OSError, ValueError, ModelError) as error:
        raise SystemExit(f"evaluate-embedder: {error}") from error
    finally:
        steps.close()
    text = json.dumps(figures, indent=2)
    (args.source / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    print(text)
