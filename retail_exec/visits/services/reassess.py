"""Asking for a visit's numbers to be computed again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from compliance.tasks import assess_visit_task
from retail_exec.core.claims import request
from retail_exec.core.queue import enqueue
from retail_exec.visits.models import Visit


@transaction.atomic
def reassess(visit: Visit) -> None:
    """Mark the visit's assessment as waiting and enqueue it.

    A running assessment loses its claim, so what it computed from older facts is not saved.
    """
    rows = Visit.objects.filter(pk=visit.pk)
    request(rows)
    rows.update(queued_at=timezone.now())
    enqueue(assess_visit_task, visit.pk)
