"""Scoring a period again with other versions: chunk by chunk, beside the results that count.

A chunk is claimed like any work, and its results are saved together with the end of the claim: a worker that
is killed leaves nothing behind, and a chunk that is done twice changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from compliance.assess import assess_visit
from compliance.models import Assessment, KpiResult, RescoredVisit, Rescoring, RescoringChunk
from compliance.services.inputs import Choice, Gatherer
from compliance.services.save import save_assessments
from retail_exec.core.claims import claim, fail, finish, holds
from retail_exec.core.memory import without_cycle_search
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Visit

log = logging.getLogger(__name__)
State = Rescoring.State
VISITS_A_CHUNK = 200
UNFINISHED = (WorkState.WAITING, WorkState.RUNNING)


def visits_of(rescoring: Rescoring) -> QuerySet[Visit]:
    """The assessed visits of the period and places it is about."""
    first = timezone.make_aware(datetime.combine(rescoring.date_from, time.min))
    end = timezone.make_aware(datetime.combine(rescoring.date_to + timedelta(days=1), time.min))
    rows = Visit.objects.filter(
        organisation=rescoring.organisation_id, started_at__gte=first, started_at__lt=end
    )
    for path, place in (("store__region", "region"), ("store__chain", "chain"), ("store", "store")):
        if value := getattr(rescoring, f"{place}_id"):
            rows = rows.filter(**{path: value})
    return rows.filter(assessments__current=True)


@transaction.atomic
def start(rescoring: Rescoring) -> list[int]:
    """Store a new rescoring with its chunks; the ids of those, for the queue."""
    # Visits of a store lie together, so that few stores' sums are made anew when a chunk is adopted.
    visits = list(visits_of(rescoring).order_by("store_id", "started_at", "pk").values_list("pk", flat=True))
    rescoring.visits = len(visits)
    rescoring.state = State.RUNNING if visits else State.READY
    rescoring.save()
    chunks = RescoringChunk.objects.bulk_create(
        RescoringChunk(rescoring=rescoring, visits=list(some)) for some in _batches(visits)
    )
    return [chunk.pk for chunk in chunks]


def work_claimed(chunk_id: int) -> bool | None:
    """Do what the chunk's rescoring asks for now: score it, or adopt it.

    True: done. False: failed and waiting for another try. None: nothing to do here.
    """
    from compliance.services.adopt import adopt_chunk

    chunk = claim(RescoringChunk.objects.select_related("rescoring__definitions"), chunk_id)
    if chunk is None:
        _settle(RescoringChunk.objects.filter(pk=chunk_id).values_list("rescoring", flat=True).first())
        return None
    steps = {State.RUNNING: _score, State.ADOPTING: adopt_chunk}
    step = steps.get(State(chunk.rescoring.state))
    try:
        done = step(chunk) if step else None
    except Exception as error:
        log.exception("chunk %s of rescoring %s failed", chunk_id, chunk.rescoring_id)
        state = fail(chunk, f"{type(error).__name__}: {error}")
        _settle(chunk.rescoring_id)
        return False if state == WorkState.WAITING else None
    if step is None:
        finish(chunk, WorkState.REFUSED)
    _settle(chunk.rescoring_id)
    return done


def work(rescoring: Rescoring) -> Iterator[int]:
    """Work on the rescoring's chunks in this process until none is free; yields the visits of each."""
    while True:
        now = timezone.now()
        free = Q(state=WorkState.WAITING) | Q(state=WorkState.RUNNING, lease_until__lt=now)
        chunk = rescoring.chunks.filter(free).order_by("?").first()
        if chunk is None:
            return
        if work_claimed(chunk.pk):
            yield len(chunk.visits)


@without_cycle_search()
def _score(chunk: RescoringChunk) -> bool:
    rescoring = chunk.rescoring
    rows = Visit.objects.filter(pk__in=chunk.visits).select_related("store__chain")
    current = _current(rows)
    visits = [visit for visit in rows if visit.pk in current]
    choice = Choice(rescoring.definitions, rescoring.plans_on, rescoring.versions)
    gathered = Gatherer(rescoring.organisation_id, choice).gather(visits)
    known = {
        (row.visit_id, row.key): row
        for row in Assessment.objects.filter(visit__in=visits, key__in=[one.key for one in gathered])
    }
    done = [(one, assess_visit(one.visit)) for one in gathered if (one.row.pk, one.key) not in known]
    with transaction.atomic():
        if not holds(chunk):
            return False
        known |= {(row.visit_id, row.key): row for row in save_assessments(done)}
        after = {one.row.pk: known[one.row.pk, one.key].pk for one in gathered}
        _store(rescoring, current, after)
        return finish(chunk, WorkState.DONE)


def _current(visits: QuerySet[Visit]) -> dict[int, int]:
    """The results that count now, by visit."""
    rows = Assessment.objects.filter(visit__in=visits, current=True)
    return dict(rows.values_list("visit_id", "pk"))


def _store(rescoring: Rescoring, before: dict[int, int], after: dict[int, int]) -> None:
    figures = _figures([*before.values(), *after.values()])
    rows = []
    for visit, now in after.items():
        old, new = figures.get(before[visit], {}), figures.get(now, {})
        sides = {
            key: [*old.get(key, (None, None)), *new.get(key, (None, None))] for key in sorted({*old, *new})
        }
        rows.append(
            RescoredVisit(
                rescoring=rescoring,
                visit_id=visit,
                before_id=before[visit],
                after_id=now,
                figures=sides,
                differs=any(side[:2] != side[2:] for side in sides.values()),
            )
        )
    RescoredVisit.objects.bulk_create(rows)


def _figures(assessments: Iterable[int]) -> dict[int, dict[str, tuple[float, float]]]:
    """Numerator and denominator of the whole visit's shares, by assessment and KPI."""
    rows = KpiResult.objects.filter(assessment__in=set(assessments), scope={}, unit="share")
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for assessment, key, above, below in rows.values_list("assessment_id", "key", "numerator", "denominator"):
        found.setdefault(assessment, {})[key] = (round(above, 4), round(below, 4))
    return found


def _settle(rescoring_id: int | None) -> None:
    """The rescoring is ready, or adopted, once no chunk of it is unfinished."""
    if rescoring_id is None:
        return
    rows = Rescoring.objects.filter(pk=rescoring_id)
    if not RescoringChunk.objects.filter(rescoring=rescoring_id, state__in=UNFINISHED).exists():
        now = timezone.now()
        rows.filter(state=State.RUNNING).update(state=State.READY, ended_at=now)
        rows.filter(state=State.ADOPTING).update(state=State.ADOPTED, ended_at=now)


def _batches(visits: list[int]) -> Iterator[Any]:
    return (visits[at : at + VISITS_A_CHUNK] for at in range(0, len(visits), VISITS_A_CHUNK))
