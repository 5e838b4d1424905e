"""What the commands that work on files have in common: options, progress, errors, output."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.utils import OperationalError
from tqdm import tqdm

from compliance.importers.values import PlanogramFileError
from recognition.runtime.manifest import ModelError
from retail_exec.catalog.csv_import import CatalogueFileError
from retail_exec.catalog.services.pictures import PackshotFolderError
from retail_exec.trial.gallery import Trial, open_trial

bar = partial(tqdm, disable=None)
"""A progress bar on standard error, shown where a person is looking."""


def add_catalogue(parser: ArgumentParser) -> None:
    """Options that name a catalogue and its packshots."""
    parser.add_argument("--catalog", required=True, type=Path, metavar="FILE", help="CSV with a column sku")
    parser.add_argument(
        "--packshots",
        required=True,
        type=Path,
        metavar="DIR",
        help="Folder or ZIP of <sku>.jpg|png|webp or <sku>/<any>.jpg",
    )
    parser.add_argument(
        "--own", action="append", default=[], metavar="BRAND", help="An own brand. Repeatable."
    )
    parser.add_argument(
        "--no-adapt", action="store_true", help="Use the general embedding, not one fitted to the catalogue."
    )


def add_json(parser: ArgumentParser) -> None:
    """The option that every command with figures has."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the result there.")


@contextmanager
def trial_of(options: dict[str, Any]) -> Iterator[Trial]:
    """The trial that the catalogue options name, with progress bars."""
    prepare_embedded_database()
    with bar(desc="Fitting to the catalogue", unit=" steps", delay=1) as fitting:

        def progress(done: int, total: int) -> None:
            fitting.total = total
            fitting.update(done - fitting.n)

        with open_trial(
            options["catalog"],
            options["packshots"],
            options["own"],
            adapted=not options["no_adapt"],
            track=partial(bar, desc="Packshots", unit=" pictures", leave=False),
            progress=progress,
        ) as trial:
            fitting.close()
            for row in trial.left:
                place = f"line {row.line}, {row.field}" if row.line else row.field
                print(f"left out: {place}: {row.why}", file=sys.stderr)
            yield trial


def prepare_embedded_database() -> None:
    """A fresh clone has an embedded database without tables; an outside one is for its administrator."""
    if not os.environ.get("DATABASE_URL") and not connection.introspection.table_names():
        print("Preparing the database…", file=sys.stderr)
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what can go wrong with files, models and the connection to the database into one clear line; what
    can go wrong with its tables is said by manage.py, for every command."""
    try:
        yield
    except OperationalError as error:
        raise CommandError(f"The database does not answer: {error}") from error
    except (OSError, CatalogueFileError, PackshotFolderError, PlanogramFileError, ModelError) as error:
        raise CommandError(str(error)) from error
    except ValueError as error:
        raise CommandError(str(error)) from error


def existing(paths: list[Path]) -> list[Path]:
    """The paths, if all of them are files. Raises CommandError that names those that are not."""
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise CommandError(f"There is no such file: {', '.join(missing)}")
    return paths


def write(result: dict[str, Any], target: Path | None) -> str:
    """Write the result as JSON where asked for, and return the text."""
    text = json.dumps(result, indent=2, ensure_ascii=False, default=str)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8")
    return text
