"""`manage.py verify_audit`: prove that the audit trail is whole and unchanged."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retail_exec.accounts.models import Organisation
from retail_exec.core.audit import check
from retail_exec.core.models import AuditEvent


class Command(BaseCommand):
    help = "Check the chained audit trail of every organisation (docs/operations.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", metavar="SLUG", help="Only this one")
        parser.add_argument(
            "--contains",
            metavar="HASH",
            action="append",
            default=[],
            help="A hash noted earlier that must still be in the trail; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Organisation.objects.order_by("slug")
        if slug := options["organisation"]:
            rows = rows.filter(slug=slug)
            if not rows:
                raise CommandError(f"There is no organisation {slug!r}.")
        broken = []
        for organisation in rows:
            found = check(organisation)
            state = f"BROKEN: {found.broken}" if found.broken else "whole"
            self.stdout.write(f"{organisation.slug}: {found.events} events, head {found.head}, {state}")
            broken += [organisation.slug] if found.broken else []
        gone = [
            noted
            for noted in options["contains"]
            if not AuditEvent.objects.filter(organisation__in=rows, hash=noted).exists()
        ]
        if broken:
            raise CommandError(f"The audit trail does not hold: {', '.join(broken)}.")
        if gone:
            raise CommandError(f"No event with the hash noted earlier: {', '.join(gone)}.")
