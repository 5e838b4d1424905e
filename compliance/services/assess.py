"""One visit from claim to saved assessment."""

from __future__ import annotations

import logging

from django.db import transaction

from compliance.assess import assess_visit
from compliance.kpis.registry import definition_version
from compliance.models import Assessment
from compliance.services.inputs import Gathered, gather
from compliance.services.save import save_assessment
from retail_exec.core.claims import claim, fail, finish, holds
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
    gathered = gather(visit, definition_version())
    if _reuse(visit, gathered):
        return True
    assessment = assess_visit(gathered.visit)
    with transaction.atomic():
        if not holds(visit):
            return False
        save_assessment(visit, gathered, assessment)
    return True


def _reuse(visit: Visit, gathered: Gathered) -> bool:
    """The same inputs were assessed before: that result becomes the current one again."""
    with transaction.atomic():
        mine = Assessment.objects.filter(visit=visit)
        same = mine.filter(key=gathered.key).first()
        if same is None or not holds(visit):
            return False
        mine.filter(current=True).exclude(pk=same.pk).update(current=False)
        mine.filter(pk=same.pk).update(current=True)
    return True
