"""`manage.py export_planogram`: a planogram of an organisation as a PSA, JSON or CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.importers import FORMATS
from compliance.models import Planogram
from compliance.services.export_planogram import export_planogram, file_name, losses
from compliance.services.plans import latest_in_force


class Command(BaseCommand):
    help = "Write a planogram as a PSA, JSON (Azure's form) or CSV file, and say what the file cannot hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Of the planogram.")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=list(FORMATS), default="csv")
        parser.add_argument("--number", type=int, help="The version; the one in force today if left out.")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Named after the planogram if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Planogram.objects.filter(organisation__slug=options["organisation"], name=options["name"])
        if not rows:
            raise CommandError(
                f"The organisation {options['organisation']!r} has no planogram called {options['name']!r}."
            )
        row = self.version(list(rows), options["number"])
        out: Path = options["out"] or Path(file_name(row, options["format"]))
        try:
            out.write_bytes(export_planogram(row, options["format"]))
        except OSError as error:
            raise CommandError(f"{out}: {error}") from error
        self.stdout.write(f"{row} written to {out}")
        for loss in losses(row)[options["format"]]:
            places = f" ({loss.count} places)" if loss.count > 1 else ""
            self.stdout.write(f"not held: {loss.field}: {loss.why}{places}")

    def version(self, rows: list[Planogram], number: int | None) -> Planogram:
        """The version asked for, else the one in force today, else the newest."""
        if number is None:
            finished = [row for row in rows if not row.draft]
            return latest_in_force(finished, timezone.localdate()) or max(rows, key=lambda row: row.version)
        found = next((row for row in rows if row.version == number), None)
        if found is None:
            there = ", ".join(str(row.version) for row in sorted(rows, key=lambda row: row.version))
            raise CommandError(f"There is no version {number}; there are: {there}.")
        return found
