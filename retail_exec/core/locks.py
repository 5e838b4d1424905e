"""Locks on things that are no rows, held until the transaction ends."""

from collections.abc import Iterable

from django.db import connection


def lock_content(organisation_id: int, sha256: str) -> None:
    """Hold the right to write or delete the file with this content."""
    _lock(f"{organisation_id} {sha256}")


def lock_audit_trail(organisation_id: int) -> None:
    """Hold the right to write the next event of the organisation's audit trail."""
    _lock(f"{organisation_id} audit trail")


def lock_models() -> None:
    """Hold the right to register models and to say which are in use."""
    _lock("models")


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_sums(stores: Iterable[int]) -> None:
    """Hold the right to write the sums of these stores, taken in one order so that nobody waits in a ring."""
    for store in sorted(set(stores)):
        _lock(f"sums of store {store}")
