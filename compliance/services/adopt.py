"""What becomes of a rescoring's results: they are made to count, or deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from compliance.models import Assessment, Evidence, RescoredVisit, Rescoring, RescoringChunk
from compliance.services.assess import make_current
from recognition.models import RecognitionRun
from retail_exec.accounts.models import Membership
from retail_exec.core.audit import record, record_by_system
from retail_exec.core.claims import finish, holds, request
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Visit

State = Rescoring.State
OVER = (State.READY, State.CANCELLED, State.ADOPTED)
DELETED_AT_A_TIME = 50
CHANGED = "Its results have changed since it was scored again."
BUSY = "It was being assessed."


class RescoringRefused(Exception):
    """What was asked of a rescoring does not fit where it stands; the message is for the person."""


@transaction.atomic
def adopt(rescoring: Rescoring, by: Membership | None = None) -> list[int]:
    """Let its results count in place of the visits' present ones; the ids of the chunks, for the queue.

    Raises RescoringRefused unless it is ready.
    """
    _move(rescoring, (State.READY,), State.ADOPTING, "Only a rescoring that is ready can be adopted.")
    chunks = rescoring.chunks.filter(state=WorkState.DONE)
    ids = list(chunks.values_list("pk", flat=True))
    request(chunks)
    RescoringChunk.objects.filter(pk__in=ids).update(queued_at=timezone.now())
    if not ids:
        Rescoring.objects.filter(pk=rescoring.pk).update(state=State.ADOPTED)
    _note(rescoring, by, "rescoring adopted", visits=rescoring.visits)
    return ids


@transaction.atomic
def cancel(rescoring: Rescoring, by: Membership | None = None) -> None:
    """Score no further visits; what is scored stays. Raises RescoringRefused unless it is running."""
    _move(rescoring, (State.RUNNING,), State.CANCELLED, "Only a rescoring that is running can be cancelled.")
    _note(rescoring, by, "rescoring cancelled")


@transaction.atomic
def discard(rescoring: Rescoring, by: Membership | None = None) -> None:
    """Mark it for deletion with the results that do not count. Raises RescoringRefused while it works."""
    _move(rescoring, OVER, State.DISCARDED, "A rescoring that is at work must be cancelled first.")
    _note(rescoring, by, "rescoring discarded")


def delete(rescoring_id: int) -> None:
    """Delete a discarded rescoring: first the results that only it made, a few at a time."""
    rescoring = Rescoring.objects.filter(pk=rescoring_id, state=State.DISCARDED).first()
    if rescoring is None:
        return
    others = RescoredVisit.objects.exclude(rescoring=rescoring)
    made = (
        Assessment.objects.filter(
            rescored__rescoring=rescoring, current=False, created_at__gte=rescoring.created_at
        )
        .exclude(pk__in=others.values("after"))
        .exclude(pk__in=others.values("before"))
    )
    while ids := list(made.order_by("pk").values_list("pk", flat=True)[:DELETED_AT_A_TIME]):
        Assessment.objects.filter(pk__in=ids).delete()
    rescoring.delete()


def adopt_chunk(chunk: RescoringChunk) -> bool:
    """Make the chunk's results count, those of visits that are as they were when they were scored again."""
    rescoring = chunk.rescoring
    with transaction.atomic():
        if not holds(chunk):
            return False
        visits = Visit.objects.select_for_update().order_by("pk").in_bulk(chunk.visits)
        rows = RescoredVisit.objects.filter(rescoring=rescoring, visit__in=visits)
        rows = rows.select_related("after__visit__store__chain").order_by("visit")
        now = Assessment.objects.filter(visit__in=visits, current=True).values_list("visit_id", "pk")
        current = dict(now)
        chosen = []
        for row in rows:
            if visits[row.visit_id].state != WorkState.DONE:
                row.left = BUSY
            elif current.get(row.visit_id) not in (row.before_id, row.after_id):
                row.left = CHANGED
            else:
                row.adopted = True
                chosen.append(row.after)
        RescoredVisit.objects.bulk_update(rows, ["adopted", "left"])
        Assessment.objects.filter(pk__in=[after.pk for after in chosen]).update(rescoring=rescoring)
        if rescoring.versions:
            _make_runs_current(chosen)
        make_current(chosen)
        record_by_system(
            rescoring.organisation_id,
            "rescored visits adopted",
            rescoring,
            visits=[after.visit_id for after in chosen],
            left=[row.visit_id for row in rows if row.left],
        )
        return finish(chunk, WorkState.DONE)


def _make_runs_current(assessments: list[Assessment]) -> None:
    """The recognition that the results were made from becomes the one that the photos show."""
    lines = Evidence.objects.filter(assessment__in=assessments).values_list("items", flat=True)
    runs = {line[3] for items in lines for line in items if line[3] is not None}
    photos = RecognitionRun.objects.filter(pk__in=runs).values("photo")
    RecognitionRun.objects.filter(photo__in=photos, current=True).exclude(pk__in=runs).update(current=False)
    RecognitionRun.objects.filter(pk__in=runs).update(current=True)


def _move(rescoring: Rescoring, before: tuple[State, ...], after: State, why: str) -> None:
    changed = Rescoring.objects.filter(pk=rescoring.pk, state__in=before).update(state=after)
    if not changed:
        raise RescoringRefused(f"{why} This one is: {rescoring.get_state_display()}.")
    rescoring.state = after


def _note(rescoring: Rescoring, by: Membership | None, action: str, **detail: object) -> None:
    if by is None:
        record_by_system(rescoring.organisation_id, action, rescoring, rescoring=rescoring.pk, **detail)
    else:
        record(by, action, rescoring, rescoring=rescoring.pk, **detail)
