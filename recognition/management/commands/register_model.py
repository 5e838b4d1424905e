"""`manage.py register_model`: bring a trained model into the registry, as a candidate."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.models import ModelState
from recognition.runtime.manifest import ModelError
from recognition.services.activation import judge
from recognition.services.registry import ModelRefused, register_run


class Command(BaseCommand):
    help = "Register the models of a run's folder (manifest.json beside the ONNX files) as candidates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="RUN_FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for model in register_run(options["folder"]):
                self.stdout.write(f"{model.label}, {model.role}: {model.get_state_display().lower()}")
                if model.state != ModelState.ACTIVE:
                    self.stdout.write(judge(model).why)
        except (ModelError, ModelRefused) as error:
            raise CommandError(str(error)) from error
