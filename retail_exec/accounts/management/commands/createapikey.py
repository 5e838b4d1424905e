"""`manage.py createapikey`: a key for a program, or the end of one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retail_exec.accounts.models import ApiKey, Membership
from retail_exec.accounts.services.api_keys import create_api_key, revoke_api_key


class Command(BaseCommand):
    help = "Make an API key that acts as a member, or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", metavar="SLUG")
        parser.add_argument("--email", help="The member it acts as.")
        parser.add_argument("--name", default="program", help="What it is for.")
        parser.add_argument("--revoke", metavar="PREFIX", help="Revoke the key that begins like this.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            self.revoke(options["revoke"])
            return
        if not (options["organisation"] and options["email"]):
            raise CommandError("Expected --organisation and --email of the member, or --revoke.")
        member = Membership.objects.filter(
            organisation__slug=options["organisation"], user__email__iexact=options["email"]
        ).first()
        if member is None:
            raise CommandError(
                f"{options['email']} is no member of an organisation {options['organisation']!r}."
            )
        _, secret = create_api_key(member, options["name"])
        self.stdout.write(f"The key of {member}, shown only now: {secret}")

    def revoke(self, prefix: str) -> None:
        """Revoke the one key with this beginning."""
        keys = list(ApiKey.objects.filter(prefix=prefix[:8], revoked_at=None))
        if len(keys) != 1:
            raise CommandError(f"Expected one valid key that begins with {prefix[:8]!r}, found {len(keys)}.")
        revoke_api_key(keys[0])
        self.stdout.write(f"Revoked {keys[0]} of {keys[0].membership}.")
