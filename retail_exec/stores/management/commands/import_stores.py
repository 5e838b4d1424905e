"""`manage.py import_stores`: chains, regions, stores and bays from a CSV file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retail_exec.accounts.models import Organisation
from retail_exec.core.audit import record_by_system
from retail_exec.stores.csv_import import StoresFileError
from retail_exec.stores.services.import_stores import import_stores


class Command(BaseCommand):
    help = "Import stores with their chains, regions and bays (CSV; only the column store is required)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="Read, check and report; change nothing.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the report there too.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        try:
            data = options["file"].read_bytes()
            outcome = import_stores(organisation, data, dry_run=options["dry_run"])
            if options["json"]:
                options["json"].write_text(json.dumps(outcome.as_json(), indent=2))
        except (OSError, StoresFileError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        if outcome.changes and not options["dry_run"]:
            record_by_system(organisation.pk, "stores imported", options["file"].name, **outcome.counts)
        for row in [*outcome.remarks, *outcome.left]:
            word = "left" if row in outcome.left else "note"
            self.stdout.write(f"{word}: line {row.line}, {row.field}: {row.why}")
        said = "Would import" if options["dry_run"] else "Imported"
        stores = f"{outcome.stores_added} new stores, {outcome.stores_changed} changed"
        bays = f"{outcome.bays_added} new bays, {outcome.bays_changed} changed"
        self.stdout.write(f"{said}: {stores}, {bays}; {len(outcome.left)} rows left out.")
