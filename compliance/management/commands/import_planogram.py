"""`manage.py import_planogram`: a planogram file into an organisation."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.importers.values import PlanogramFileError
from compliance.services.import_planogram import find_bays, import_planogram
from retail_exec.accounts.models import Organisation
from retail_exec.stores.models import Bay


class Command(BaseCommand):
    help = "Import a planogram file: CSV, PSA or JSON. Importing a name again makes its next version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--name", default="", help="For a planogram that the file does not name.")
        parser.add_argument(
            "--bay",
            action="append",
            default=[],
            metavar="STORE/BAY",
            help="Where it applies: store code/bay name, or a bay name for every store with one. Repeatable.",
        )
        parser.add_argument("--from", dest="effective_from", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="Read and report, change nothing.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the JSON here, print a summary.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        file: Path = options["file"]
        try:
            outcome = import_planogram(
                organisation,
                file.read_bytes(),
                file.name,
                name=options["name"],
                bays=self.bays(organisation, options["bay"]),
                effective_from=options["effective_from"],
                dry_run=options["dry_run"],
            )
        except (OSError, PlanogramFileError) as error:
            raise CommandError(f"{file}: {error}") from error
        text = json.dumps(outcome.as_json(), indent=2, ensure_ascii=False)
        if options["json"] is None:
            self.stdout.write(text)
            return
        options["json"].write_text(text + "\n", encoding="utf-8")
        for imported in outcome.planograms:
            version = f"version {imported.version}" if imported.version else "not stored"
            said = [f"{len(imported.plan.positions)} positions", version, imported.applies()]
            self.stdout.write(f"{imported.plan.name}: {', '.join(part for part in said if part)}")
        for row in outcome.left:
            self.stdout.write(f"left: line {row.line}, {row.field}: {row.why}")

    def bays(self, organisation: Organisation, wanted: list[str]) -> list[Bay]:
        """The bays named on the command line; each name must find one."""
        found = []
        for name in wanted:
            bays = find_bays(organisation, name)
            if not bays:
                raise CommandError(f"No bay {name!r}. Expected STORE CODE/BAY NAME, or a bay's name.")
            found += bays
        return found
