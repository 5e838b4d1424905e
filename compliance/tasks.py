"""Background work of compliance: ids in, a service called, a vanished row is a quiet return."""

from __future__ import annotations

from celery import shared_task

from compliance.services.assess import assess_claimed
from retail_exec.core.claims import requeue_lost
from retail_exec.visits.models import Visit


@shared_task
def assess_visit_task(visit_id: int) -> None:
    """Compute one visit's KPIs, if nobody else does."""
    if assess_claimed(visit_id) is False:
        assess_visit_task.delay(visit_id)


@shared_task
def sweep_visits() -> None:
    """Enqueue visits whose assessment was lost on the way."""
    requeue_lost(Visit.objects.all(), assess_visit_task)
