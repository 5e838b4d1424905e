"""`manage.py learn`: the nightly learning, now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.models import TrainingRun
from recognition.services.learn import ENOUGH, learn_now


class Command(BaseCommand):
    help = "Learn from corrections and new photos; what comes of it is used only if it is better."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help=f"Also with under {ENOUGH} new verdicts")

    def handle(self, *args: Any, **options: Any) -> None:
        run = learn_now(force=options["force"])
        if run is None:
            self.stdout.write(f"Nothing to do: under {ENOUGH} new verdicts, or another run is under way.")
        elif run.state == TrainingRun.State.FAILED:
            raise CommandError(run.outcome)
        else:
            self.stdout.write(run.outcome)
