"""`manage.py name_again`: past photos with the gallery in use."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.services.renaming import name_photos_again
from recognition.stages.decode import UnreadablePhoto
from retail_exec.accounts.models import Organisation


class Command(BaseCommand):
    help = "Name what is on past photos again, with the gallery in use; nothing that counts changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="first day of upload")
        parser.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="last day of upload")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {options['organisation']!r}.")
        count = 0
        try:
            for run in name_photos_again(organisation, options["since"], options["until"]):
                count += 1
                versions = f"{run.embedder}, gallery {run.gallery}, pipeline {run.pipeline}"
        except (OSError, UnreadablePhoto) as error:
            raise CommandError(f"Stopped after {count} photos: {error}") from error
        if count:
            self.stdout.write(f"{count} photos named again: {versions}. Score a period again to compare.")
        else:
            self.stdout.write("Nothing to do: every photo of these days has a run with the gallery in use.")
