"""`manage.py import_figures`: market shares, sales or stock from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.services.figures import FiguresFileError, import_figures
from retail_exec.accounts.models import Organisation


class Command(BaseCommand):
    help = "Import market shares, sales or stock (CSV); the columns tell which of them it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="Check and report, store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        try:
            outcome = import_figures(organisation, options["file"].read_bytes(), options["dry_run"])
        except (OSError, FiguresFileError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        for row in outcome.left:
            self.stdout.write(f"left: line {row.line}, {row.field}: {row.why}")
        said = "Would store" if options["dry_run"] else "Stored"
        self.stdout.write(f"{said} {outcome.stored} {outcome.kind}; {len(outcome.left)} rows left out.")
