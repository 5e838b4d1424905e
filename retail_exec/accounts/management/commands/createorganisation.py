"""`manage.py createorganisation`: a new tenant and its first administrator."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from compliance.services.tasks import first_rule
from retail_exec.accounts.models import User
from retail_exec.accounts.services.organisations import create_organisation


class Command(BaseCommand):
    help = "Make an organisation and its first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The organisation's name.")
        parser.add_argument(
            "--admin-email", required=True, help="The administrator signs in with this address."
        )
        parser.add_argument("--password", help="Asked for, or made up and shown once, when left out.")
        parser.add_argument(
            "--superuser",
            action="store_true",
            help="Let them use /admin/ too, which shows every organisation.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["admin_email"]
        try:
            made = create_organisation(options["name"], email, options["password"] or asked_password())
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        organisation = made.membership.organisation
        first_rule(organisation)
        if options["superuser"]:
            User.objects.filter(pk=made.membership.user_id).update(is_staff=True, is_superuser=True)
        self.stdout.write(
            f"Made {organisation.name} (slug {organisation.slug}); {email} is its administrator."
        )
        if made.password:
            self.stdout.write(f"Password, shown only now: {made.password}")


def asked_password() -> str | None:
    """The password typed twice, or None: nobody is at the keyboard, or Enter leaves it to be made up."""
    if not sys.stdin.isatty():
        return None
    password = getpass.getpass("Password (Enter makes one up): ")
    if password and getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ.")
    return password or None
