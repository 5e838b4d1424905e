"""The commands of ``python -m recognition.training``: one module each, named as the command.

A command module has ``help`` (one line), ``add_arguments(parser)`` and ``run(args)``, which may return an
exit code. Its name's underscores become hyphens. Heavy imports belong inside ``run``, so that ``--help``
stays quick and a command needs only the packages it uses.
"""

from __future__ import annotations

import importlib
import pkgutil
from argparse import ArgumentParser, Namespace
from types import ModuleType
from typing import Protocol, cast


class Command(Protocol):
    """What a command module offers."""

    help: str

    def add_arguments(self, parser: ArgumentParser) -> None: ...

    def run(self, args: Namespace) -> int | None: ...


def discover() -> dict[str, Command]:
    """All commands by the name a user types, in alphabetical order."""
    modules: list[ModuleType] = [
        importlib.import_module(f"{__name__}.{info.name}")
        for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name)
        if not info.name.startswith("_")
    ]
    return {m.__name__.rpartition(".")[2].replace("_", "-"): cast(Command, m) for m in modules}
