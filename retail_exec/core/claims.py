"""Work is claimed by a conditional UPDATE that must change exactly one row, and held by a lease.

PostgreSQL is the truth: Redis may lose a task or hand it out twice, the row's state decides. A worker that
dies leaves its lease to run out; the sweeper then enqueues the row again.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TypeVar

from celery import Task
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from retail_exec.core.models import Claimable, WorkState

MAX_ATTEMPTS = 3
FORGOTTEN = timedelta(minutes=5)
T = TypeVar("T", bound=Claimable)


def _free(now: object) -> Q:
    """Rows nobody works on: waiting, or running under a lease that has run out."""
    return Q(state=WorkState.WAITING) | Q(state=WorkState.RUNNING, lease_until__lt=now)


def claim(rows: QuerySet[T], pk: int) -> T | None:
    """Claim the row ``pk`` for this worker, counting the attempt, or return None if it is not free.

    A row that has used up its attempts is quarantined instead of being claimed.
    """
    now = timezone.now()
    token = uuid.uuid4()
    free = rows.filter(_free(now), pk=pk)
    changed = free.filter(attempts__lt=MAX_ATTEMPTS).update(
        state=WorkState.RUNNING,
        claim=token,
        lease_until=now + timedelta(seconds=settings.WORKER_LEASE_SECONDS),
        attempts=F("attempts") + 1,
    )
    if changed:
        return rows.get(pk=pk, claim=token)
    free.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=WorkState.QUARANTINED,
        problem=f"Set aside: the work was started {MAX_ATTEMPTS} times and never finished.",
    )
    return None


def holds(row: Claimable) -> bool:
    """Lock the row and tell whether this worker still holds its claim; call inside the saving transaction."""
    model = type(row)
    return model._default_manager.select_for_update().filter(pk=row.pk, claim=row.claim).exists()


def finish(row: Claimable, state: WorkState, problem: str = "") -> bool:
    """Leave the claim with ``state``; False if somebody else holds it by now (then nothing changes)."""
    return _leave(row, state=state, problem=problem)


def fail(row: Claimable, problem: str) -> WorkState:
    """Give the row back after a failure: waiting again, or quarantined when its attempts are used up."""
    state = WorkState.WAITING if row.attempts < MAX_ATTEMPTS else WorkState.QUARANTINED
    _leave(row, state=state, problem="" if state == WorkState.WAITING else problem)
    return state


def _leave(row: Claimable, *, state: WorkState, problem: str) -> bool:
    mine = type(row)._default_manager.filter(pk=row.pk, claim=row.claim)
    return bool(mine.update(state=state, problem=problem, claim=None, lease_until=None))


def request(rows: QuerySet[T]) -> int:
    """Ask for the work of these rows to be done (again): attempts start anew, a running claim is void."""
    return rows.update(state=WorkState.WAITING, attempts=0, claim=None, lease_until=None, problem="")


def requeue_lost(rows: QuerySet[T], task: Task) -> int:
    """Enqueue the rows whose task may be lost: the lease ran out, or they waited longer than FORGOTTEN.

    Returns how many. Waiting rows in a long queue are enqueued again too; the second task finds them claimed.
    """
    now = timezone.now()
    forgotten = rows.filter(
        Q(state=WorkState.RUNNING, lease_until__lt=now)
        | Q(state=WorkState.WAITING, queued_at__lt=now - FORGOTTEN)
    )
    pks = list(forgotten.values_list("pk", flat=True))
    rows.filter(pk__in=pks).update(queued_at=now)
    for pk in pks:
        task.delay(pk)
    return len(pks)
