"""Past visits that keep the numbers they were given, though something has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone

from compliance.models import Assessment, BayResult, Planogram
from compliance.services.assign_planogram import holds_for
from compliance.services.plans import PlansInForce
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Photo


@dataclass(frozen=True, slots=True)
class Outdated:
    """Visits whose results that count were made with something else. first, last: days of them."""

    visits: int
    first: date | None
    last: date | None
    plans_on: date | None = None

    @property
    def query(self) -> str:
        """The form of a rescoring, filled in."""
        given = {"date_from": self.first, "date_to": self.last, "plans_on": self.plans_on}
        return urlencode({name: day.isoformat() for name, day in given.items() if day})


def with_other_versions(planogram: Planogram) -> Outdated:
    """Visits that count against another version of the planogram. A draft is not in force and has none."""
    if planogram.draft:
        return Outdated(0, None, None)
    fits = BayResult.objects.filter(
        assessment=OuterRef("pk"),
        planogram__organisation=planogram.organisation_id,
        planogram__name=planogram.name,
    )
    rows = Assessment.objects.filter(organisation=planogram.organisation_id, current=True)
    today = timezone.localdate()
    return _outdated(
        rows.filter(Exists(fits.exclude(planogram=planogram))), max(planogram.effective_from or today, today)
    )


def without(planograms: Sequence[Planogram]) -> Outdated:
    """Visits that would count against one of these planograms if they were scored today: of its days, with a
    photo of a bay for which it is in force. Scored again, each is held against the plans of its own day."""
    if not planograms:
        return Outdated(0, None, None)
    organisation = planograms[0].organisation_id
    plans = PlansInForce(organisation)
    found: set[int] = set()
    for planogram in planograms:
        bays = [bay.pk for bay, _ in holds_for(planogram, plans)]
        shown = Photo.objects.filter(visit=OuterRef("visit"), bay__in=bays, state=WorkState.DONE)
        same = BayResult.objects.filter(assessment=OuterRef("pk"), planogram=planogram)
        rows = _of_days(organisation, planogram.effective_from, planogram.effective_to)
        found.update(rows.filter(Exists(shown), ~Exists(same)).values_list("pk", flat=True) if bays else ())
    return _outdated(Assessment.objects.filter(pk__in=found))


def since(organisation_id: int, first: date | None, last: date | None) -> Outdated:
    """Assessed visits from one day to another, None for no end: those that a list of these days is about."""
    return _outdated(_of_days(organisation_id, first, last))


def _of_days(organisation_id: int, first: date | None, last: date | None) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(organisation=organisation_id, current=True)
    if first:
        rows = rows.filter(visit__started_at__date__gte=first)
    return rows.filter(visit__started_at__date__lte=last) if last else rows


def _outdated(rows: QuerySet[Assessment], plans_on: date | None = None) -> Outdated:
    found = rows.aggregate(visits=Count("pk"), first=Min("visit__started_at"), last=Max("visit__started_at"))
    first, last = (timezone.localtime(found[end]).date() if found[end] else None for end in ("first", "last"))
    return Outdated(found["visits"], first, last, plans_on)
