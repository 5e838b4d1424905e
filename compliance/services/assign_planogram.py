"""Where and when planograms hold."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from compliance.models import Planogram, PlanogramAssignment
from compliance.services.edit_document import Problem, RefusedPlanError
from compliance.services.plans import InForce, PlansInForce
from retail_exec.accounts.models import Membership
from retail_exec.core.audit import record
from retail_exec.stores.models import Bay, Chain, Cluster, Store

Target = Store | Cluster | Chain


@transaction.atomic
def assign(member: Membership, planogram: Planogram, bay: str, target: Target) -> PlanogramAssignment:
    """Let all versions of a planogram hold for the bays of one name in a store, cluster or chain; once is
    enough. Raises RefusedPlanError when no such bay is there."""
    kind = target._meta.model_name or ""
    where = {"store": "store", "cluster": "store__clusters", "chain": "store__chain"}[kind]
    if not Bay.objects.filter(name__iexact=bay.strip(), **{where: target}).exists():
        raise RefusedPlanError([Problem("bay", f"{target} has no bay called {bay.strip()!r}.")])
    owner = member.organisation_id
    rows = PlanogramAssignment.objects.filter(organisation_id=owner, planogram=planogram.name)
    row = rows.filter(bay__iexact=bay.strip(), **{kind: target}).first()
    if row is None:
        row = rows.create(organisation_id=owner, planogram=planogram.name, bay=bay.strip(), **{kind: target})
        record(member, "planogram assigned", planogram, bay=row.bay, **{kind: target.pk})
    return row


@transaction.atomic
def unassign(member: Membership, row: PlanogramAssignment) -> None:
    """Take an assignment back. Results that used it stay."""
    record(
        member, "planogram assignment removed", row.planogram, bay=row.bay, target=f"{row.kind} {row.target}"
    )
    row.delete()


@transaction.atomic
def take_from_bay(member: Membership, planogram: Planogram, bay: Bay) -> None:
    """Let a version no longer hold for one bay. Results that used it stay."""
    planogram.bays.remove(bay)
    record(member, "planogram taken from a bay", planogram, bay=bay.pk)


@transaction.atomic
def set_dates(member: Membership, planogram: Planogram, start: date | None, end: date | None) -> None:
    """Say from when to when a version holds. Raises RefusedPlanError."""
    if start is not None and end is not None and end < start:
        raise RefusedPlanError([Problem("effective_to", "must not lie before the first day.")])
    planogram.effective_from, planogram.effective_to = start, end
    planogram.changed_by = member.user
    planogram.save()
    days = {"start": start.isoformat() if start else "", "end": end.isoformat() if end else ""}
    record(member, "planogram dates changed", planogram, **days)


def assignments(planogram: Planogram) -> QuerySet[PlanogramAssignment]:
    """What was assigned under the planogram's name."""
    rows = PlanogramAssignment.objects.filter(
        organisation_id=planogram.organisation_id, planogram=planogram.name
    )
    return rows.select_related("store", "cluster", "chain")


def holds_for(planogram: Planogram, plans: PlansInForce | None = None) -> list[tuple[Bay, InForce]]:
    """The bays for which this very version is in force today, with why. plans: of its organisation, at hand
    where many are asked for."""
    wanted = Q(planograms=planogram)
    for row in assignments(planogram):
        where = {"store": "store", "cluster": "store__clusters", "chain": "store__chain"}[row.kind]
        wanted |= Q(name__iexact=row.bay, **{where: row.target})
    bays = Bay.objects.filter(wanted, store__organisation_id=planogram.organisation_id).distinct()
    plans, today = plans or PlansInForce(planogram.organisation_id), timezone.localdate()
    found = ((bay, plans.explain(bay, today)) for bay in bays.select_related("store__chain"))
    mine = [(bay, why) for bay, why in found if why is not None and why.planogram.pk == planogram.pk]
    return sorted(mine, key=lambda pair: (pair[0].store.name, pair[0].name))
