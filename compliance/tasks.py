"""Background work of compliance: ids in, a service called, a vanished row is a quiet return."""

from __future__ import annotations

from celery import shared_task

from compliance.models import Rescoring, RescoringChunk
from compliance.services.adopt import delete
from compliance.services.assess import assess_claimed
from compliance.services.rescore import work_claimed
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


@shared_task
def rescore_chunk_task(chunk_id: int) -> None:
    """Score or adopt some visits of a rescoring, if nobody else does."""
    if work_claimed(chunk_id) is False:
        rescore_chunk_task.delay(chunk_id)


@shared_task
def delete_rescoring_task(rescoring_id: int) -> None:
    """Delete a discarded rescoring with the results that only it made."""
    delete(rescoring_id)


@shared_task
def sweep_rescorings() -> None:
    """Enqueue chunks that were lost on the way, and discarded rescorings that are still there."""
    requeue_lost(RescoringChunk.objects.all(), rescore_chunk_task)
    for rescoring in Rescoring.objects.filter(state=Rescoring.State.DISCARDED):
        delete_rescoring_task.delay(rescoring.pk)
