"""Working on planograms: drafts are saved again and again, what is in force stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from compliance.models import Planogram, PlanogramPosition
from compliance.services.edit_document import EditedPlan, Problem, RefusedPlanError, read_document
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.catalog.models import Sku
from retail_exec.core.audit import record


class ConflictError(Exception):
    """Somebody else saved meanwhile; nothing was stored. theirs: what there is now."""

    def __init__(self, theirs: Planogram) -> None:
        self.theirs = theirs
        who = str(theirs.changed_by) if theirs.changed_by else "Somebody"
        at = timezone.localtime(theirs.changed_at)
        what = "this draft" if theirs.draft else f"version {theirs.version}"
        super().__init__(
            f"{who} saved {what} at {at:%H:%M} on {at:%d %b}, after you opened it. Yours was not stored."
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """The draft as stored, and what is worth a look in it."""

    planogram: Planogram
    remarks: list[Problem] = field(default_factory=list)


def edit_state(planogram: Planogram) -> str:
    """What a save must name to show that it knows the newest: a draft's revision, or the newest version."""
    if planogram.draft:
        return f"draft {planogram.pk}.{planogram.revision}"
    return f"version {_newest(planogram.organisation_id, planogram.name)}"


@transaction.atomic
def save_planogram(
    member: Membership, document: object, base: Planogram | None = None, state: str = "", apart: bool = False
) -> Saved:
    """Store a document as a draft: ``base`` itself when it is one, else the next version of its name.

    state: ``edit_state`` of the base when it was opened. apart: make a version of its own in any case, for a
    save that met somebody else's. Raises RefusedPlanError, and ConflictError unless ``apart``.
    """
    owner = member.organisation_id
    # One at a time, so that versions count without holes and nobody overwrites another.
    Organisation.objects.select_for_update(no_key=True).get(pk=owner)
    skus = dict(Sku.objects.filter(organisation_id=owner).values_list("code", "pk"))
    plan = read_document(document, skus)
    if base is not None:
        base = Planogram.objects.filter(pk=base.pk, organisation_id=owner).first()
    if base is not None and not apart and state != edit_state(base):
        raise ConflictError(_latest(base))
    _check_name(plan, base)
    row = base if base is not None and base.draft and not apart else _next_version(member, plan, base)
    _write(row, plan, skus, member)
    record(member, "planogram saved", row, positions=len(plan.positions), revision=row.revision)
    return Saved(row, plan.remarks)


@transaction.atomic
def publish(
    member: Membership, draft: Planogram, start: date | None = None, end: date | None = None
) -> Planogram:
    """Put a draft in force from ``start``, today if not given, to ``end``. Raises RefusedPlanError."""
    row = Planogram.objects.select_for_update().get(pk=draft.pk)
    start = start or timezone.localdate()
    problems = []
    if not row.draft:
        problems.append(Problem("draft", f"{row} is in force already."))
    if not row.positions.exists():
        problems.append(Problem("positions", "a plan without places cannot be put in force."))
    if end is not None and end < start:
        problems.append(Problem("effective_to", "must not lie before the first day."))
    if problems:
        raise RefusedPlanError(problems)
    row.draft, row.effective_from, row.effective_to = False, start, end
    row.changed_by = member.user
    row.save()
    record(member, "planogram put in force", row, start=start.isoformat(), end=end.isoformat() if end else "")
    return row


@transaction.atomic
def discard_draft(member: Membership, draft: Planogram) -> None:
    """Delete a draft. Raises RefusedPlanError for a plan that has been in force."""
    if not draft.draft:
        raise RefusedPlanError([Problem("draft", f"{draft} has been in force and is kept.")])
    record(member, "planogram draft deleted", draft)
    draft.delete()


def _newest(owner: int, name: str) -> int:
    rows = Planogram.objects.filter(organisation_id=owner, name=name)
    return rows.aggregate(newest=Max("version"))["newest"] or 0


def _latest(base: Planogram) -> Planogram:
    """What stands in the way of a save on ``base``."""
    if base.draft:
        return base
    rows = Planogram.objects.filter(organisation_id=base.organisation_id, name=base.name)
    return rows.select_related("changed_by").order_by("-version")[0]


def _check_name(plan: EditedPlan, base: Planogram | None) -> None:
    """A plan keeps its name through its versions; only the first draft may still get another."""
    if base is None or plan.name == base.name:
        return
    owner = base.organisation_id
    others = Planogram.objects.filter(organisation_id=owner, name=base.name).exclude(pk=base.pk)
    if not base.draft or others.exists():
        why = f"the name of {base.name!r} stays for all its versions. Duplicate it to use another name."
        raise RefusedPlanError([Problem("name", why)])
    if _newest(owner, plan.name):
        raise RefusedPlanError([Problem("name", f"there is a planogram called {plan.name!r} already.")])


def _next_version(member: Membership, plan: EditedPlan, base: Planogram | None) -> Planogram:
    """An empty draft; it takes over where ``base``, or the newest version of its name, applies."""
    owner = member.organisation_id
    row = Planogram.objects.create(
        organisation_id=owner,
        name=plan.name,
        version=_newest(owner, plan.name) + 1,
        draft=True,
        revision=0,
        source="The editor",
        photo=base.photo if base else None,
        unplaced=base.unplaced if base else [],
        changed_by=member.user,
    )
    before = (
        base
        or Planogram.objects.filter(organisation_id=owner, name=plan.name, version=row.version - 1).first()
    )
    row.bays.set(before.bays.all() if before else [])
    return row


def _write(row: Planogram, plan: EditedPlan, skus: dict[str, int], member: Membership) -> None:
    row.name, row.width_cm, row.height_cm = plan.name, plan.width_cm, plan.height_cm
    row.boards_cm = plan.boards_cm
    row.unplaced = [one for one in row.unplaced if one["facing"] in plan.unplaced]
    row.revision += 1
    row.changed_by = member.user
    row.save()
    row.positions.all().delete()
    counts: dict[int, int] = {}
    fresh = []
    for p in plan.positions:
        number = counts[p.shelf] = counts.get(p.shelf, -1) + 1
        values: dict[str, Any] = {"shelf": p.shelf, "position": number, "sku_id": skus[p.sku]}
        for name in ("facings_wide", "facings_high", "x_cm", "y_cm", "width_cm", "height_cm"):
            values[name] = getattr(p, name)
        fresh.append(PlanogramPosition(planogram=row, **values))
    PlanogramPosition.objects.bulk_create(fresh)
