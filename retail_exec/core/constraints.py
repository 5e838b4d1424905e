"""Constraints of ours."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage
from django.db import models


class UniqueWithNulls(models.UniqueConstraint):
    """At most one row of these values, where an empty value equals an empty value.

    Django would ask the server during checks whether it can do that, and so fail before our own check names a
    server that cannot be reached. Every PostgreSQL we accept can (core/checks.py).
    """

    def __init__(self, *expressions: Any, **options: Any) -> None:
        options.pop("nulls_distinct", None)
        super().__init__(*expressions, nulls_distinct=False, **options)

    def _check(self, model: Any, connection: Any) -> list[CheckMessage]:
        """What Django checks, without that question."""
        self.nulls_distinct = None
        try:
            return super()._check(model, connection)  # type: ignore[misc]
        finally:
            self.nulls_distinct = False

    def deconstruct(self) -> Any:
        """Migrations know it as Django's."""
        _, expressions, options = super().deconstruct()
        return "django.db.models.UniqueConstraint", expressions, options
