"""`manage.py benchmark`: measure this installation. Prints JSON: figures with goals and peers."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from recognition.runtime.manifest import ROLES
from recognition.services.registry import active_entry
from retail_exec.benchmarks import dashboards, imports, pipeline, rescoring, retrieval
from retail_exec.trial import report
from retail_exec.trial.options import add_json, bar, plain_errors, prepare_embedded_database, write

KINDS = {
    "pipeline": (
        pipeline.measure,
        "A photo of 12 megapixels from file to facings, and its parts",
        "photos",
        4,
    ),
    "retrieval": (retrieval.measure, "The nearest packshots in a large gallery", "vectors", 100_000),
    "rescoring": (
        rescoring.measure,
        "Scoring a period again, and what a killed worker costs",
        "visits",
        10_000,
    ),
    "dashboards": (
        dashboards.measure,
        "The overview of a year, from the sums and from the results themselves",
        "visits",
        10_000,
    ),
    "imports": (imports.measure, "Planogram files of many positions, by format", "positions", 50_000),
}
"""What each measures with, what it says of itself, what it is asked for and how many of that by default."""


class Command(BaseCommand):
    help = "Measure this installation with made-up data that is deleted again. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        for name, (_, about, unit, count) in KINDS.items():
            kind = kinds.add_parser(name, help=about)
            kind.add_argument(f"--{unit}", dest="count", type=positive, default=count, metavar="N")
            add_json(kind)

    def handle(self, *args: Any, **options: Any) -> None:
        measure, _, unit, _ = KINDS[options["kind"]]
        with plain_errors(), bar(total=options["count"], desc=f"Made-up {unit}", unit=f" {unit}") as made:
            prepare_embedded_database()
            figures = measure(options["count"], made.update)
            models = {role: active_entry(role).label for role in ROLES}
        found = {
            "figures": [figure.as_json() for figure in figures],
            "versions": report.versions(None, **models),
            "machine": report.machine(),
        }
        self.stdout.write(write(found, options["json"]))


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
