"""`manage.py rollups`: whether the dashboards' sums are what a recompute gives, and making them anew."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.services import rollups
from retail_exec.accounts.models import Organisation


class Command(BaseCommand):
    help = "Verify or rebuild the sums that dashboards read. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify", "rebuild"])
        parser.add_argument("--organisation", metavar="SLUG", help="Only this one; else all")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Organisation.objects.order_by("pk")
        if slug := options["organisation"]:
            rows = rows.filter(slug=slug)
            if not rows:
                raise CommandError(f"There is no organisation {slug!r}.")
        chosen = list(rows.values_list("pk", flat=True))
        if options["what"] == "rebuild":
            rollups.rebuild(chosen)
        found = rollups.differences(chosen)
        self.stdout.write(json.dumps({"differing_rows": found}, indent=2))
        if any(found.values()):
            raise CommandError("Some sums differ from a recompute: run `manage.py rollups rebuild`.")
