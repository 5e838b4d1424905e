"""`manage.py models`: the registered models, and how far galleries have followed the active embedder."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from recognition.models import ModelVersion
from recognition.services.activation import measured
from recognition.services.moves import progress
from recognition.services.registry import active_model


class Command(BaseCommand):
    help = "List the registered models with their state and figures."

    def handle(self, *args: Any, **options: Any) -> None:
        active_model("embedder")  # registers the release's models, if nobody has yet
        for model in ModelVersion.objects.order_by("role", "-created_at"):
            figures = {n: v for n, v in model.figures.items() if isinstance(v, (int, float))}
            if model.role == "embedder" and (value := measured(model)) is not None:
                figures["hit1 held back"] = value
            words = ", ".join(f"{name} {value:.3g}" for name, value in sorted(figures.items()))
            self.stdout.write(
                f"{model.role:10} {model.name} {model.version:12} {model.get_state_display():10} "
                f"{'release' if model.shipped else 'trained here':13} {words}"
            )
        done, there = progress()
        self.stdout.write(f"Galleries of the active embedder: {done} of {there}")
