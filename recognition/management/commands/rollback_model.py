"""`manage.py rollback_model`: go back to the model that was in use before."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.runtime.manifest import ROLES, ModelError
from recognition.services.activation import rollback
from recognition.services.registry import ModelRefused


class Command(BaseCommand):
    help = "Put the model of a role in use again that was in use before the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", metavar="ROLE", choices=ROLES, help=f"one of {', '.join(ROLES)}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            model = rollback(options["role"])
        except (ModelError, ModelRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{model} is in use again.")
