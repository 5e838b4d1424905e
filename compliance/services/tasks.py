"""Corrective tasks: opened by what an assessment finds, closed by one that proves it put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from compliance.models import Assessment, CorrectiveTask, Finding, PositionResult, TaskRule
from compliance.services.must_stock import MustStock
from recognition.models import RecognitionRun
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.catalog.models import Sku
from retail_exec.core.audit import record
from retail_exec.visits.models import Visit

State = CorrectiveTask.State
Refs = list[list[int]]


class TaskRefused(Exception):
    """What was asked of a task does not fit; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one assessment says of a product. wrong: what is wrong with it. right: facings that show it on the
    shelf (``Finding.MISSING``) or in its place (the others), empty where none do. placed: what is wrong with
    its place can be told at all."""

    wrong: frozenset[str]
    present: Refs
    in_place: Refs
    placed: bool


def first_rule(organisation: Organisation) -> TaskRule:
    """The rule that a new organisation starts with: own must-stock products that are missing."""
    rule, _ = TaskRule.objects.get_or_create(
        organisation=organisation, name="Own must-stock products that are missing"
    )
    return rule


def update_tasks(assessment: Assessment) -> None:
    """Open, close and withdraw the store's tasks by this assessment; call where it becomes current.

    Only the store's newest assessed visit says what is to be done now: older visits, assessed again, change
    nothing.
    """
    visit = assessment.visit
    rules = list(_rules(visit))
    tasks = CorrectiveTask.objects.select_for_update().filter(store=visit.store_id, state=State.OPEN)
    if not (tasks or rules) or _newer(visit):
        return
    seen = _seen(assessment)
    for task in tasks:
        task.assigned_to_id = visit.auditor_id
        _judge(task, seen.get(task.sku_id), assessment)
        task.save()
    for rule in rules:
        for sku_id in _wanted(rule, visit, seen):
            _open(rule, sku_id, assessment)


def hand_over(visit: Visit) -> None:
    """The store's open tasks go to the auditor who is there now."""
    CorrectiveTask.objects.filter(store=visit.store_id, state=State.OPEN).update(assigned_to=visit.auditor_id)


@transaction.atomic
def cannot_be_fixed(membership: Membership, task: CorrectiveTask, reason: str, note: str) -> None:
    """Close the task because nobody in the store can put it right.

    Raises TaskRefused for a task that is not open, an unknown reason, and «something else» without a word.
    """
    if reason not in CorrectiveTask.Reason:
        raise TaskRefused("Choose why it cannot be fixed.")
    if reason == CorrectiveTask.Reason.OTHER and not note.strip():
        raise TaskRefused("Say in a few words why it cannot be fixed.")
    changed = CorrectiveTask.objects.filter(pk=task.pk, state=State.OPEN).update(
        state=State.CANNOT, closed_at=timezone.now(), reason=reason, note=note.strip()
    )
    if not changed:
        raise TaskRefused("This task is no longer open.")
    task.refresh_from_db()
    record(
        membership, "task.cannot", f"task {task.pk}", store=task.store.code, sku=task.sku.code, reason=reason
    )


@transaction.atomic
def reopen(membership: Membership, task: CorrectiveTask) -> None:
    """Ask again for what somebody said cannot be fixed.

    Raises TaskRefused for any other task, and when the same thing is open again already.
    """
    twin = CorrectiveTask.objects.filter(
        store=task.store_id, sku=task.sku_id, finding=task.finding, state=State.OPEN
    )
    if twin.exists():
        raise TaskRefused("There is an open task for this product already.")
    changed = CorrectiveTask.objects.filter(pk=task.pk, state=State.CANNOT).update(
        state=State.OPEN, closed_at=None, reason="", note="", due_on=_due(task.rule, timezone.now())
    )
    if not changed:
        raise TaskRefused("Only a task that could not be fixed can be opened again.")
    task.refresh_from_db()
    record(membership, "task.reopen", f"task {task.pk}", store=task.store.code, sku=task.sku.code)


def _newer(visit: Visit) -> bool:
    later = Visit.objects.filter(store=visit.store_id, started_at__gt=visit.started_at)
    return later.filter(assessments__current=True).exists()


def _seen(assessment: Assessment) -> dict[int, Seen]:
    """What the assessment says of each product, by SKU id."""
    missing = set(assessment.out_of_stock.values_list("sku_id", flat=True))
    places: dict[int, list[PositionResult]] = {}
    for place in assessment.positions.select_related("planned").exclude(status="not_assessed"):
        places.setdefault(place.planned.sku_id, []).append(place)
    present = _present(assessment)
    return {
        sku: Seen(
            frozenset({p.status for p in places.get(sku, ())} | ({"missing"} if sku in missing else set())),
            present.get(sku, []),
            [ref for p in places.get(sku, ()) if p.status == "correct" for ref in p.seen],
            sku in places,
        )
        for sku in missing | set(places) | set(present)
    }


def _present(assessment: Assessment) -> dict[int, Refs]:
    """The facings of each expected product that is on the shelf, by SKU id."""
    ids = dict(assessment.facts.filter(present__gt=0, expected__gt=0).values_list("sku__code", "sku_id"))
    found: dict[int, Refs] = {}
    for value in assessment.kpis.filter(key="sku_availability", numerator__gt=0):
        sku = ids.get(str(value.scope.get("sku")))
        if sku is not None:
            items = assessment.evidence.lines(value.numerator_refs)
            found[sku] = [[item["run"], item["index"]] for item in items if item["kind"] == "facing"]
    return found


def _judge(task: CorrectiveTask, seen: Seen | None, assessment: Assessment) -> None:
    """Close the task if this assessment shows that there is nothing left to do."""
    if seen is None or task.finding in seen.wrong:
        return
    if task.finding == Finding.MISSING:
        proof = seen.present
        over = bool(proof)
    else:
        proof = seen.in_place
        over = seen.placed
    if over:
        shown = bool(proof) and _after(proof, task)
        task.state = State.DONE if shown else State.WITHDRAWN
        task.closed_by, task.closed_at = assessment, _photographed(assessment.visit)
        task.proof = proof if shown else []
        task.note = "" if shown else _withdrawn(seen, proof)


def _withdrawn(seen: Seen, proof: Refs) -> str:
    if proof:
        return "The photos that opened it show, after a correction, that nothing was wrong."
    wrong = ", ".join(str(Finding(w).label).lower() for w in sorted(seen.wrong) if w in Finding.values)
    return f"Something else is wrong with it now: {wrong}." if wrong else "It is no longer planned here."


def _after(proof: Refs, task: CorrectiveTask) -> bool:
    """Whether a photo sent after the task was opened is among those that prove it done."""
    runs = RecognitionRun.objects.filter(pk__in={run for run, _ in proof})
    return runs.filter(photo__uploaded_at__gt=task.opened_at).exists()


def _rules(visit: Visit) -> Iterator[TaskRule]:
    rules = TaskRule.objects.filter(organisation=visit.organisation_id, active=True).prefetch_related(
        "chains"
    )
    for rule in rules:
        chains = {chain.pk for chain in rule.chains.all()}
        if (not chains or visit.store.chain_id in chains) and rule.channel in ("", visit.store.chain.channel):
            yield rule


def _wanted(rule: TaskRule, visit: Visit, seen: dict[int, Seen]) -> list[int]:
    """The SKUs with the rule's finding that pass its filters."""
    wrong = [sku for sku, found in seen.items() if rule.finding in found.wrong]
    if not wrong:
        return []
    rows = Sku.objects.filter(pk__in=wrong)
    if rule.own_only:
        rows = rows.filter(brand__is_own=True)
    if rule.category_id:
        rows = rows.filter(category=rule.category_id)
    if rule.must_stock_only:
        day = timezone.localtime(visit.started_at).date()
        rows = rows.filter(code__in=MustStock(visit.organisation_id).for_store(visit.store, day))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _open(rule: TaskRule, sku_id: int, assessment: Assessment) -> None:
    visit, at = assessment.visit, _photographed(assessment.visit)
    same = CorrectiveTask.objects.filter(store=visit.store_id, sku=sku_id, finding=rule.finding)
    resting = Q(state=State.CANNOT, closed_at__gt=at - timedelta(days=rule.quiet_days))
    if same.filter(Q(state=State.OPEN) | resting).exists():
        return
    CorrectiveTask.objects.create(
        organisation_id=visit.organisation_id,
        rule=rule,
        store_id=visit.store_id,
        sku_id=sku_id,
        finding=rule.finding,
        assigned_to_id=visit.auditor_id,
        opened_by=assessment,
        opened_at=at,
        due_on=_due(rule, at),
    )


def _photographed(visit: Visit) -> datetime:
    """When the visit's newest photo came in: what its assessment says was so then."""
    newest: datetime | None = visit.photos.aggregate(at=Max("uploaded_at"))["at"]
    return newest or visit.started_at


def _due(rule: TaskRule | None, at: datetime) -> date:
    days = rule.due_days if rule else TaskRule._meta.get_field("due_days").default
    return timezone.localtime(at).date() + timedelta(days=days)
