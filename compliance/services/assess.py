"""One visit from claim to saved assessment."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from django.db import transaction

from compliance.assess import assess_visit
from compliance.models import Assessment
from compliance.services import rollups
from compliance.services.inputs import Choice, Gatherer
from compliance.services.save import save_assessments
from compliance.services.tasks import update_tasks
from retail_exec.core.claims import claim, fail, finish, holds
from retail_exec.core.memory import without_cycle_search
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Visit

log = logging.getLogger(__name__)


def assess_claimed(visit_id: int) -> bool | None:
    """Assess the visit if it is free.

    True: done. False: failed and waiting for another try. None: nothing to do here (gone, done, someone
    else's, asked for again meanwhile, or set aside).
    """
    visit = claim(Visit.objects.select_related("store__chain"), visit_id)
    if visit is None:
        return None
    try:
        done = _assess(visit)
    except Exception as error:
        log.exception("assessment of visit %s failed", visit_id)
        why = f"The numbers could not be computed ({type(error).__name__}: {error}). Tell an administrator."
        return False if fail(visit, why) == WorkState.WAITING else None
    return True if done and finish(visit, WorkState.DONE) else None


def _assess(visit: Visit) -> bool:
    """Results made from the same inputs before become the current ones again."""
    gathered = Gatherer(visit.organisation_id, choice_of(visit)).gather([visit])[0]
    mine = Assessment.objects.filter(visit=visit, key=gathered.key)
    found = None if mine.exists() else assess_visit(gathered.visit)
    with transaction.atomic():
        if not holds(visit):
            return False
        chosen = mine.first() if found is None else save_assessments([(gathered, found)])[0]
        if chosen is None:
            raise RuntimeError(f"the stored results of visit {visit.pk} vanished meanwhile")
        make_current([chosen])
    return True


@without_cycle_search()
@transaction.atomic
def assess_many(organisation_id: int, visits: Sequence[Visit]) -> None:
    """Assess visits that nobody else works on, all at once; ``store.chain`` is looked at."""
    gathered = Gatherer(organisation_id).gather(visits)
    known = {
        (row.visit_id, row.key): row
        for row in Assessment.objects.filter(visit__in=visits, key__in=[one.key for one in gathered])
    }
    fresh = [one for one in gathered if (one.row.pk, one.key) not in known]
    saved = save_assessments([(one, assess_visit(one.visit)) for one in fresh])
    make_current([*known.values(), *saved])


def choice_of(visit: Visit) -> Choice:
    """What the visit is scored with: as its present results were, if those were adopted from a rescoring."""
    current = Assessment.objects.filter(visit=visit, current=True, rescoring__isnull=False)
    adopted = current.select_related("rescoring__definitions").first()
    if adopted is None or adopted.rescoring is None:
        return Choice()
    return Choice(adopted.rescoring.definitions, adopted.rescoring.plans_on)


@transaction.atomic
def make_current(assessments: Iterable[Assessment]) -> None:
    """These results count from now on, in place of their visits' others, and so in all sums."""
    chosen = {row.visit_id: row for row in assessments}
    others = Assessment.objects.filter(visit__in=list(chosen), current=True)
    others.exclude(pk__in=[row.pk for row in chosen.values()]).update(current=False)
    Assessment.objects.filter(pk__in=[row.pk for row in chosen.values()]).update(current=True)
    rollups.refresh(chosen)
    for row in chosen.values():
        update_tasks(row)
