"""`manage.py benchmark`: measure this installation. Prints JSON: figures with goals and peers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retail_exec.benchmarks import dashboards, imports, rescoring
from retail_exec.trial import report
from retail_exec.trial.options import add_json, bar, write


class Command(BaseCommand):
    help = "Measure this installation with made-up data that is deleted again. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        again = kinds.add_parser("rescoring", help="Scoring a period again, and what a killed worker costs")
        again.add_argument("--visits", type=int, default=10_000, metavar="N")
        year = kinds.add_parser(
            "dashboards", help="The overview from the sums, and from the results themselves"
        )
        year.add_argument("--visits", type=int, default=10_000, metavar="N", help="Spread over a year")
        plans = kinds.add_parser("imports", help="Planogram files of many positions, by format")
        plans.add_argument("--positions", type=int, default=50_000, metavar="N")
        for kind in kinds.choices.values():
            add_json(kind)

    def handle(self, *args: Any, **options: Any) -> None:
        measure = {
            "rescoring": rescoring.measure,
            "dashboards": dashboards.measure,
            "imports": imports.measure,
        }[options["kind"]]
        unit = "visits" if "visits" in options else "positions"
        with bar(total=options[unit], desc=f"Made-up {unit}", unit=f" {unit}") as made:
            figures = measure(options[unit], made.update)
        found = {"figures": [figure.as_json() for figure in figures], "machine": report.machine()}
        self.stdout.write(write(found, options["json"]))
