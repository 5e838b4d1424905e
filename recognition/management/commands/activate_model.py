"""`manage.py activate_model`: read photos with another registered model."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.models import ModelVersion
from recognition.runtime.manifest import ModelError
from recognition.services.activation import activate
from recognition.services.registry import ModelRefused


class Command(BaseCommand):
    help = "Put a registered model in use. Without --force only if it is better on the frozen test sets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("--force", metavar="REASON", default="", help="Use it anyway; the trail says why")

    def handle(self, *args: Any, **options: Any) -> None:
        model = ModelVersion.objects.filter(name=options["name"], version=options["version"]).first()
        if model is None:
            there = ", ".join(f"{m.name} {m.version}" for m in ModelVersion.objects.all()) or "none"
            raise CommandError(
                f"No model {options['name']} {options['version']} is registered; known: {there}."
            )
        try:
            self.stdout.write(activate(model, reason=options["force"]).why)
        except ModelRefused as error:
            hint = ' (--force "why")' if "give a reason" in str(error) else ""
            raise CommandError(f"{error}{hint}") from error
        except ModelError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{model} is in use. Galleries follow in the background: manage.py models")
