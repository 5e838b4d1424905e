"""What a member asks of rescorings, on screen and over the API: stored, noted, and handed to the workers."""

from __future__ import annotations

from django.db import transaction

from compliance.models import Rescoring
from compliance.services import adopt as ends
from compliance.services.rescore import start
from compliance.tasks import delete_rescoring_task, rescore_chunk_task
from retail_exec.accounts.models import Membership
from retail_exec.core.audit import record
from retail_exec.core.queue import enqueue


@transaction.atomic
def begin(rescoring: Rescoring, by: Membership) -> None:
    """Store a new rescoring, and let the workers score its visits."""
    chunks = start(rescoring)
    record(by, "rescoring started", rescoring, rescoring=rescoring.pk, visits=rescoring.visits)
    for chunk in chunks:
        enqueue(rescore_chunk_task, chunk)


@transaction.atomic
def adopt(rescoring: Rescoring, by: Membership) -> None:
    """Let its results count. Raises RescoringRefused unless it is ready."""
    for chunk in ends.adopt(rescoring, by):
        enqueue(rescore_chunk_task, chunk)


@transaction.atomic
def discard(rescoring: Rescoring, by: Membership) -> None:
    """Delete it with the results that only it made. Raises RescoringRefused while it works."""
    ends.discard(rescoring, by)
    enqueue(delete_rescoring_task, rescoring.pk)
