"""`manage.py export_stores`: an organisation's stores and bays as the file that `import_stores` reads."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retail_exec.accounts.models import Organisation
from retail_exec.reports.csv import csv_lines
from retail_exec.stores.csv_import import COLUMNS
from retail_exec.stores.models import Store
from retail_exec.stores.services.export_stores import export_rows


class Command(BaseCommand):
    help = "Write stores with their chains, regions and bays as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--out", type=Path, metavar="FILE", default=Path("stores.csv"))

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        rows = export_rows(Store.objects.filter(organisation=organisation))
        try:
            with options["out"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(COLUMNS, rows))
        except OSError as error:
            raise CommandError(f"{options['out']}: {error}") from error
        self.stdout.write(f"Stores of {organisation} written to {options['out']}")
