"""Django system checks: the database is one this project can work with.

They run with `migrate` and `check --database default`, so that a wrong server is named before anything
starts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

POSTGRES_MAJOR = 16
VECTOR = (0, 8)


@register(Tags.database)
def check_databases(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """PostgreSQL can be reached, is new enough, and has pgvector 0.8 or newer."""
    return [problem for alias in databases or () for problem in _problems(alias)]


def _problems(alias: str) -> Iterator[CheckMessage]:
    # Not through Django's pool, which would hide the server's own message behind "no connection in 10 s".
    params = connections[alias].get_connection_params() | {"connect_timeout": 10}
    try:
        with psycopg.connect(**params) as connection:
            number = connection.info.server_version
            row = connection.execute(
                "SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'vector'"
            ).fetchone()
    except psycopg.OperationalError as error:
        yield Error(
            f"PostgreSQL cannot be reached: {str(error).strip()}",
            hint="Check DATABASE_URL and that the server runs, or unset it to use the embedded server.",
            id="retail_exec.E001",
        )
        return
    yield from server_problems(number)
    yield from vector_problems(*(row or (None, None)))


def server_problems(number: int) -> Iterator[CheckMessage]:
    """Judges PostgreSQL by its version number, for example 170002 for 17.2."""
    if number // 10000 < POSTGRES_MAJOR:
        yield Error(
            f"PostgreSQL is version {number // 10000}; {POSTGRES_MAJOR} or newer is needed.",
            hint="Use a newer server (DATABASE_URL), or unset DATABASE_URL to use the embedded one.",
            id="retail_exec.E002",
        )


def vector_problems(installed: str | None, available: str | None) -> Iterator[CheckMessage]:
    """Judges pgvector by the version made in this database and the version the server could make."""
    wanted = ".".join(map(str, VECTOR))
    if not available:
        yield Error(
            f"The PostgreSQL server has no pgvector; version {wanted} or newer is needed.",
            hint="Install pgvector on the server, for example the package postgresql-17-pgvector.",
            id="retail_exec.E003",
        )
    elif _version(installed or available) < VECTOR:
        can_update = installed and _version(available) >= VECTOR
        yield Error(
            f"pgvector is version {installed or available}; {wanted} or newer is needed.",
            hint="Run ALTER EXTENSION vector UPDATE in this database."
            if can_update
            else "Install a newer pgvector on the server.",
            id="retail_exec.E004",
        )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
