"""`manage.py import_corrections`: labels corrected in an outside tool become people's verdicts."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.services.corrections import CorrectionRefused
from recognition.services.proposals import import_labels
from retail_exec.accounts.models import Membership


class Command(BaseCommand):
    help = "Store a COCO file, exported by export_corrections --proposals and corrected, as verdicts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, help="The member whose verdicts these are.")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Membership.objects.filter(
            organisation__slug=options["organisation"], user__email__iexact=options["email"]
        ).first()
        if member is None:
            raise CommandError(
                f"{options['email']} is no member of an organisation {options['organisation']!r}."
            )
        try:
            found = import_labels(member, options["file"])
        except (OSError, ValueError, CorrectionRefused) as error:
            raise CommandError(str(error)) from error
        for line in found.left:
            self.stderr.write(f"left out: {line}")
        self.stdout.write(
            f"{found.confirmed} confirmed, {found.changed} changed, {found.removed} removed, "
            f"{found.added} drawn anew (kept in the file only), {len(found.left)} left out"
        )
