"""Handing work to the queue."""

from __future__ import annotations

from typing import Any

from celery import Task
from django.db import transaction


def enqueue(task: Task, *args: Any) -> None:
    """Enqueue ``task(*args)`` once the current transaction has committed.

    A queue that cannot be reached is logged and forgiven: the row is waiting in the database, and the sweeper
    enqueues it again.
    """
    transaction.on_commit(lambda: task.delay(*args), robust=True)
