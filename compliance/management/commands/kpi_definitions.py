"""`manage.py kpi_definitions`: an organisation's KPI definitions to and from a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.models import KpiDefinitions
from compliance.services import definition_files
from compliance.services.definitions import (
    activate,
    active_definitions,
    add_version,
    changes,
    visits_with_another,
)
from retail_exec.accounts.models import Organisation


class Command(BaseCommand):
    help = "Export the KPI definitions of an organisation as YAML or JSON, or import them as a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        export = parts.add_parser("export", help="Write a version to a file or to the screen.")
        export.add_argument("--version-number", type=int, metavar="N", help="Not the active one.")
        export.add_argument("--format", choices=["yaml", "json"], default="yaml")
        export.add_argument("--out", type=Path, metavar="FILE")
        bring = parts.add_parser("import", help="Check a file and store it as a new version.")
        bring.add_argument("file", type=Path)
        bring.add_argument("--activate", action="store_true", help="New assessments use it from now on.")
        bring.add_argument("--note", default="", help="What changed and why; the file's own note otherwise.")
        bring.add_argument("--dry-run", action="store_true", help="Check and report, store nothing.")
        for part in (export, bring):
            part.add_argument("--organisation", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the slug {options['organisation']!r}.")
        if options["part"] == "export":
            self.export(organisation, options)
        else:
            self.bring(organisation, options)

    def export(self, organisation: Organisation, options: dict[str, Any]) -> None:
        """Write one version."""
        number = options["version_number"]
        rows = KpiDefinitions.objects.filter(organisation=organisation)
        found = active_definitions(organisation.pk) if number is None else rows.filter(version=number).first()
        if found is None:
            there = ", ".join(str(v) for v in rows.order_by("version").values_list("version", flat=True))
            raise CommandError(f"There is no version {number}; there are: {there or 'none'}.")
        text = definition_files.write(found, options["format"])
        if options["out"] is None:
            self.stdout.write(text)
        else:
            options["out"].write_text(text, encoding="utf-8")

    def bring(self, organisation: Organisation, options: dict[str, Any]) -> None:
        """Read, check, report and store."""
        try:
            read = definition_files.read(options["file"].read_bytes())
        except definition_files.DefinitionsFileError as error:
            raise CommandError("\n".join([f"{options['file']}:", *error.errors])) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        active = active_definitions(organisation.pk)
        for remark in read.remarks:
            self.stdout.write(f"note: {remark}")
        for change in changes(active, read.options):
            self.stdout.write(f"{change.kpi}.{change.option}: {change.before} -> {change.after}")
        if options["dry_run"]:
            self.stdout.write("Checked; nothing was stored.")
            return
        stored = add_version(organisation.pk, read.options, options["note"] or read.note)
        if options["activate"]:
            activate(stored)
        state = "in use" if stored.active else "not in use"
        self.stdout.write(f"Version {stored.version} ({stored.key}), {state}.")
        if stored.active and (others := visits_with_another(stored)):
            self.stdout.write(
                f"{others} visits show results of other versions; `manage.py rescore` scores them anew."
            )
