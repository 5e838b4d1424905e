"""A database this project cannot work with is named before anything starts."""

import socket
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from retail_exec.core.checks import server_problems, vector_problems


@pytest.fixture
def old_vector(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database whose catalogue says pgvector 0.7.4, as one that was never updated does."""
    params = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    with psycopg.connect(**params) as server:
        server.execute("CREATE DATABASE old_vector")
        monkeypatch.setitem(connection.settings_dict, "NAME", "old_vector")
        with psycopg.connect(**connection.get_connection_params()) as database:
            database.execute("CREATE EXTENSION vector")
            database.execute("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
        yield
        server.execute("DROP DATABASE old_vector WITH (FORCE)")


def check() -> str:
    """What `manage.py check --database default` says."""
    try:
        call_command("check", databases=["default"])
    except CommandError as error:
        return str(error)
    return ""


def test_the_embedded_database_is_good() -> None:
    assert "retail_exec.E" not in check()


def test_an_old_vector_is_named_with_the_remedy(old_vector: None) -> None:
    said = check()
    assert "pgvector is version 0.7.4; 0.8 or newer is needed" in said
    assert "ALTER EXTENSION vector UPDATE" in said


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", str(unused.getsockname()[1]))
        said = check()
    assert "PostgreSQL cannot be reached" in said
    assert "Connection refused" in said
    assert "DATABASE_URL" in said


@pytest.mark.parametrize(
    ("installed", "available", "said"),
    [
        (None, None, "has no pgvector"),
        (None, "0.6.0", "pgvector is version 0.6.0"),
        ("0.7.4", "0.7.4", "Install a newer pgvector"),
        ("0.8.0", "0.8.5", ""),
        ("1.0", "1.0", ""),
    ],
)
def test_judges_vector(installed: str | None, available: str | None, said: str) -> None:
    problems = list(vector_problems(installed, available))
    assert len(problems) == bool(said)
    assert said in "".join(f"{problem.msg} {problem.hint}" for problem in problems)


def test_judges_the_server() -> None:
    assert list(server_problems(160004)) == []
    assert [problem.id for problem in server_problems(150012)] == ["retail_exec.E002"]
