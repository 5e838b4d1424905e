"""The whole way from nothing to a registered candidate, by the commands a person would type one by one.

Shelves are rendered, a backbone is pre-trained on them without labels, an embedder is trained on the
packshots of one rendered catalogue, calibrated on a second and measured on a third, and the candidate is
registered where the product is installed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recognition.training.provenance import ROOT

Command = Callable[[Sequence[str]], int]
"""Runs ``python -m recognition.training`` with these arguments."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything. photos: rendered shelves for pre-training; skus, scenes: products and shelf
    photos, at least 2, of each of the three catalogues; size: side of the crops; adapt: measure with an
    adapted head too.
    """

    photos: int
    skus: int
    scenes: int
    size: int
    pretrain_steps: int
    steps: int
    batch: int
    adapt: bool


QUICK = Plan(photos=24, skus=60, scenes=6, size=96, pretrain_steps=120, steps=160, batch=48, adapt=False)
FULL = Plan(photos=400, skus=400, scenes=60, size=160, pretrain_steps=4000, steps=8000, batch=64, adapt=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the chain, by its arguments."""

    name: str
    arguments: tuple[str, ...]


def steps(out: Path, plan: Plan, seed: int, threads: int, version: str) -> list[Step]:
    """The chain's commands in their order, up to the measured candidate in ``out/embedder``."""
    net = {"size": plan.size, "seed": seed, "threads": threads}
    sets = [
        _step(
            f"render the {name} catalogue", "render-recognition-set",
            out=out / name, seed=1000 * seed + start, skus=plan.skus, photos=plan.scenes,
        )
        for name, start in (("training", 100), ("calibration", 300), ("test", 500))
    ]  # fmt: skip
    return [
        _step("render shelves", "render", out=out / "shelves", count=plan.photos, seed=100_000 * seed + 1),
        *sets,
        _step(
            "pre-train without labels", "pretrain",
            photos=out / "shelves", out=out / "pretrained", steps=plan.pretrain_steps,
            batch=plan.batch // 2, **net,
        ),
        _step(
            "train, export and calibrate", "train-triplet",
            train=out / "training" / "gallery", test=out / "training" / "queries",
            weights=out / "pretrained" / "backbone.pt", calibrate=out / "calibration", out=out / "embedder",
            scale=10, rate=5e-4, steps=plan.steps, batch=plan.batch, version=version, licence="Apache-2.0",
            **net,
        ),
        _step(
            "evaluate on products never seen", "evaluate-embedder", *(() if plan.adapt else ("--no-adapt",)),
            run=out / "embedder", set=out / "test",
        ),
    ]  # fmt: skip


def _step(name: str, command: str, *flags: str, **options: object) -> Step:
    given = [part for option, value in options.items() for part in (f"--{option}", str(value))]
    return Step(name, (command, *given, *flags))


def run(chain: Sequence[Step], out: Path, command: Command) -> None:
    """Run every step that did not end well before, in ``out``, with the same arguments.

    Raises SystemExit naming the one that failed.
    """
    (out / "done").mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(chain, 1):
        print(f"[{number}/{len(chain)}] {step.name}", flush=True)
        mark, text = out / "done" / f"{number}.txt", " ".join(step.arguments)
        if mark.is_file() and mark.read_text(encoding="utf-8") == text:
            print("  done before")
            continue
        if code := command(step.arguments):
            raise SystemExit(f"all: the step '{step.name}' failed with exit code {code}")
        mark.write_text(text, encoding="utf-8")


def register(folder: Path, root: Path = ROOT) -> str:
    """Register the candidate in ``folder`` with the installation at ``root``; say what happened."""
    by_hand = f"python manage.py register_model {folder}"
    if not (root / "manage.py").is_file():
        return f"There is no installation here. On one: {by_hand}"
    command = [sys.executable, "manage.py", "register_model", str(folder.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"The candidate was not registered: {reason}\nLater: {by_hand}"
    return done.stdout.strip()
