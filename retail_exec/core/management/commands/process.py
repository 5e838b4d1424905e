"""`manage.py process`: photos on disk to facings and KPIs, without keeping anything."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.importers.values import LeftRow
from compliance.types import Planogram
from retail_exec.trial import report
from retail_exec.trial.annotate import annotate
from retail_exec.trial.gallery import Trial
from retail_exec.trial.options import add_catalogue, add_json, bar, existing, plain_errors, trial_of, write
from retail_exec.trial.visit import Processed, assess, process, read_planogram


class Command(BaseCommand):
    help = (
        "Recognise shelf photos with a catalogue's packshots and compute KPIs, on files alone. "
        "Prints JSON (docs/commands.md), or writes it with --json and prints a summary."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="Photos of one bay or more")
        add_catalogue(parser)
        parser.add_argument(
            "--planogram",
            type=Path,
            metavar="FILE",
            help="Plan (PSA, JSON or CSV) of the bay that all photos show",
        )
        parser.add_argument("--plan", default="", metavar="NAME", help="Which planogram of the file")
        parser.add_argument("--annotate", type=Path, metavar="DIR", help="Write the photos with boxes there.")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        photos = existing(options["photos"])
        with plain_errors(), trial_of(options) as trial:
            planogram, unplanned = _planogram(trial, options)
            for row in unplanned:
                self.stderr.write(f"left out of the planogram: line {row.line}, {row.field}: {row.why}")
            done = process(trial, bar(photos, desc="Photos", unit=" photos"))
            self._say_problems(done)
            if all(photo.layout is None for photo in done):
                raise CommandError("None of the photos could be read.")
            assessment = assess(trial, done, planogram)
            if options["annotate"] is not None:
                for file, photo in zip(photos, done, strict=True):
                    if photo.layout is not None:
                        annotate(file, photo.layout, options["annotate"])
            result = {
                "photos": [report.photo_json(photo, trial) for photo in done],
                "kpis": report.kpis_json(assessment),
                "positions": report.positions_json(assessment),
                "left": report.left_json([*trial.left, *unplanned]),
                "adaptation": dict(trial.adaptation),
                "versions": report.versions(trial, kpis=assessment.definition),
                "machine": report.machine(),
                "counts": report.counts([photo.layout for photo in done if photo.layout is not None]),
            }
        text = write(result, options["json"])
        self.stdout.write(_summary(done, result) if options["json"] else text)

    def _say_problems(self, photos: list[Processed]) -> None:
        for photo in photos:
            problems = photo.layout.quality.problems if photo.layout else (photo.error,)
            for problem in problems:
                self.stderr.write(f"{photo.file}: {problem}")


def _planogram(trial: Trial, options: dict[str, Any]) -> tuple[Planogram | None, list[LeftRow]]:
    if options["planogram"] is None:
        return None, []
    return read_planogram(options["planogram"], trial, options["plan"])


def _summary(photos: list[Processed], result: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {status}" for status, count in result["counts"].items())
    lines = [f"{len(photos)} photos: {counts}"]
    for key, values in result["kpis"].items():
        for kpi in [kpi for kpi in values if kpi["value"] is not None][:1]:
            lines.append(f"{key}: {kpi['value']:.3f} ({kpi['numerator']:g} / {kpi['denominator']:g})")
    return "\n".join(lines)
