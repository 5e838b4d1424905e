"""`manage.py benchmark`: measure this installation. Prints JSON: figures with goals and peers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retail_exec.benchmarks import dashboards, rescoring
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
        for kind in kinds.choices.values():
            add_json(kind)

    def handle(self, *args: Any, **options: Any) -> None:
        with bar(total=options["visits"], desc="Made-up visits", unit=" visits") as made:
            measure = {"rescoring": rescoring.measure, "dashboards": dashboards.measure}[options["kind"]]
            figures = measure(options["visits"], made.update)
        found = {"figures": [figure.as_json() for figure in figures], "machine": report.machine()}
        self.stdout.write(write(found, options["json"]))
