"""What ``manage.py`` says when a command cannot run."""

import pytest
from django.db import ProgrammingError

from manage import main


def test_a_database_without_tables_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(arguments: list[str]) -> None:
        raise ProgrammingError('relation "recognition_modelversion" does not exist')

    monkeypatch.setattr("django.core.management.execute_from_command_line", execute)
    monkeypatch.setattr("sys.argv", ["manage.py", "models"])
    with pytest.raises(SystemExit, match=r"Run: python manage\.py migrate$"):
        main()
    monkeypatch.setattr("sys.argv", ["manage.py", "models", "--traceback"])
    with pytest.raises(ProgrammingError):
        main()
