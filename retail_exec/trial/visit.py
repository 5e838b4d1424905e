"""Photos from files to a recognised and assessed visit."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance import importers
from compliance.assess import assess_visit
from compliance.importers.values import LeftRow, resolve
from compliance.services.import_planogram import finder, named_apart
from compliance.types import BayInput, BayPhoto, Planogram, VisitAssessment, VisitInput
from recognition.stages.decode import UnreadablePhoto
from recognition.types import ShelfLayout
from retail_exec.trial.gallery import Trial

BAY = "bay"


@dataclass(frozen=True, slots=True)
class Processed:
    """One photo. layout: None when the file is no photo that can be read, and then ``error`` says why."""

    file: str
    layout: ShelfLayout | None
    ms: float
    error: str = ""


def read_planogram(path: Path, trial: Trial, name: str = "") -> tuple[Planogram, list[LeftRow]]:
    """The planogram of a file, and its rows left out. name: which, where the file holds several.

    Raises OSError and PlanogramFileError for a file that cannot be read, ValueError when no row of it is of
    use or the name is not one of the file's.
    """
    parsed = importers.parse(path.read_bytes(), path.name)
    found = {plan.name: plan for plan in named_apart(parsed.planograms, path.stem, "")}
    if name and name not in found:
        raise ValueError(f"{path}: there is no planogram {name!r}; it has: {', '.join(found)}")
    if not name and len(found) > 1:
        raise ValueError(f"{path} holds {len(found)} planograms; name one by --plan: {', '.join(found)}")
    left = list(parsed.left)
    for plan in [found[name]] if name else found.values():
        planogram, unknown = resolve(plan, finder(trial.skus))
        left += unknown
        if planogram.positions:
            return planogram, left
    reasons = "; ".join(f"line {row.line}, {row.field}: {row.why}" for row in left[:3])
    raise ValueError(f"{path}: no row of the planogram can be used ({reasons or 'it is empty'})")


def process(trial: Trial, files: Iterable[Path]) -> list[Processed]:
    """Read every photo; one that cannot be read does not stop the others."""
    return [_process(trial, file) for file in files]


def _process(trial: Trial, file: Path) -> Processed:
    data, start = file.read_bytes(), time.perf_counter()
    try:
        layout = trial.pipeline.run(data)
    except UnreadablePhoto as refusal:
        return Processed(str(file), None, 0.0, str(refusal))
    return Processed(str(file), layout, (time.perf_counter() - start) * 1000)


def assess(trial: Trial, photos: Sequence[Processed], planogram: Planogram | None) -> VisitAssessment:
    """Assess the usable photos: as one bay with its plan, or each as a bay of its own without one."""
    seen = [BayPhoto(p.file, p.layout) for p in photos if p.layout is not None and p.layout.quality.usable]
    bays = [BayInput(photo.key, photo.key, (photo,)) for photo in seen]
    if planogram is not None:
        bays = [BayInput(BAY, planogram.name, tuple(seen), planogram, planogram.width_cm)]
    return assess_visit(VisitInput(tuple(bays), dict(trial.products)))
