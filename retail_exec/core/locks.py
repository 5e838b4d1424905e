"""Locks on things that are no rows."""

from django.db import connection


def lock_content(organisation_id: int, sha256: str) -> None:
    """Hold, until the transaction ends, the right to write or delete the file with this content."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{organisation_id} {sha256}"]
        )
