"""`manage.py import_catalog`: products and packshots into an organisation."""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from retail_exec.accounts.models import Organisation
from retail_exec.catalog.csv_import import CatalogueFileError
from retail_exec.catalog.services.import_catalogue import import_catalogue
from retail_exec.catalog.services.pictures import PackshotFolderError


class Command(BaseCommand):
    help = "Import a catalogue (CSV, only the column sku is required) and packshots."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--catalog", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--packshots",
            type=Path,
            metavar="DIR",
            help="Folder or ZIP of <sku>.jpg|png|webp or <sku>/<any>.jpg",
        )
        parser.add_argument(
            "--own", action="append", default=[], metavar="BRAND", help="An own brand. Repeatable."
        )
        parser.add_argument("--dry-run", action="store_true", help="Read, check and report; change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        try:
            outcome = import_catalogue(
                organisation,
                options["catalog"].read_bytes(),
                options["packshots"],
                options["own"],
                dry_run=options["dry_run"],
                track=partial(tqdm, desc="Packshots", unit=" pictures", disable=None),
            )
        except (OSError, CatalogueFileError, PackshotFolderError) as error:
            raise CommandError(str(error)) from error
        for row in [*outcome.remarks, *outcome.left]:
            place = f"line {row.line}, {row.field}" if row.line else row.field
            self.stdout.write(f"{'left' if row in outcome.left else 'note'}: {place}: {row.why}")
        self.stdout.write(
            f"{'Would import' if options['dry_run'] else 'Imported'}: {outcome.created} new SKUs, "
            f"{outcome.updated} changed, {outcome.packshots_added} packshots; {len(outcome.left)} left out."
        )
