"""Corrective tasks: opened by what is found, closed by a photo that proves it, or by a word why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.models import Assessment, CorrectiveTask, Finding, PositionResult, TaskRule
from compliance.services.assess import assess_claimed
from compliance.services.task_figures import ageing, figures
from compliance.services.tasks import TaskRefused, cannot_be_fixed, first_rule, hand_over, reopen
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import MustStockList, Sku
from retail_exec.core.audit import check
from retail_exec.core.models import AuditEvent
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit
from retail_exec.visits.services.reassess import reassess
from tests import factories as make
from tests import results

pytestmark = pytest.mark.django_db
State = CorrectiveTask.State
NOW = timezone.now()


@pytest.fixture
def auditor() -> Membership:
    return make.make_member(make.make_organisation())


@pytest.fixture
def store(auditor: Membership) -> Store:
    return make.make_store(auditor.organisation)


@pytest.fixture
def skus(auditor: Membership, store: Store) -> list[Sku]:
    """Two own products and two of another brand, all planned, the first and third on the must-stock list."""
    skus = make.make_skus(auditor.organisation, count=4)
    results.make_planogram(auditor.organisation, list(store.bays.all()), [skus])
    must = MustStockList.objects.create(organisation=auditor.organisation, name="Everywhere")
    for sku in (skus[0], skus[1]):
        must.items.create(sku=sku)
    return skus


@pytest.fixture
def rule(auditor: Membership) -> TaskRule:
    return first_rule(auditor.organisation)


def visit_that_sees(
    auditor: Membership, store: Store, row: list[Sku | None], days_ago: int = 0
) -> tuple[Visit, Assessment]:
    """A visit whose one photo shows ``row``, assessed as a worker would."""
    visit = make.make_visit(auditor, store, at=NOW - timedelta(days=days_ago))
    return visit, photograph(visit, row)


def photograph(visit: Visit, row: list[Sku | None], later: timedelta = timedelta(0)) -> Assessment:
    photo = make.make_photo(visit, visit.store.bays.get(), [row])
    photo.uploaded_at += later
    photo.save()
    results.make_run(photo, [row])
    return assessed(visit)


def assessed(visit: Visit) -> Assessment:
    reassess(visit)
    assert assess_claimed(visit.pk)
    return visit.assessments.get(current=True)


def test_a_missing_own_must_stock_product_becomes_a_task(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    # The first is own and listed; the second listed but not own; nothing else is listed.
    _, assessment = visit_that_sees(auditor, store, [None, None, skus[2], skus[3]])
    task = CorrectiveTask.objects.get()
    assert (task.sku, task.finding, task.state) == (skus[0], Finding.MISSING, State.OPEN)
    assert (task.store, task.assigned_to, task.rule) == (store, auditor.user, rule)
    assert task.opened_by == assessment
    assert task.due_on == timezone.localdate(task.opened_at) + timedelta(days=rule.due_days)


def test_without_a_rule_there_are_no_tasks(auditor: Membership, store: Store, skus: list[Sku]) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]])
    assert not CorrectiveTask.objects.exists()


@pytest.mark.parametrize("change", [{"active": False}, {"channel": "general"}])
def test_a_rule_that_does_not_apply_makes_no_task(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule, change: dict[str, object]
) -> None:
    TaskRule.objects.filter(pk=rule.pk).update(**change)
    visit_that_sees(auditor, store, [None, *skus[1:]])
    assert not CorrectiveTask.objects.exists()


def test_a_later_photo_that_shows_it_proves_it_done(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=4)
    colleague = make.make_member(auditor.organisation)
    visit, assessment = visit_that_sees(colleague, store, list(skus), days_ago=1)
    task = CorrectiveTask.objects.get()
    assert (task.state, task.closed_by, task.assigned_to) == (State.DONE, assessment, colleague.user)
    run = visit.photos.get().runs.get()
    assert task.proof == [[run.pk, run.facings.get(sku=skus[0]).index]]
    assert task.closed_at == visit.photos.get().uploaded_at


def test_a_new_photo_in_the_same_visit_proves_it_done(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit, _ = visit_that_sees(auditor, store, [None, *skus[1:]])
    photograph(visit, list(skus), later=timedelta(minutes=5))
    assert CorrectiveTask.objects.get().state == State.DONE


def test_a_correction_of_the_same_photo_withdraws_it(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit, _ = visit_that_sees(auditor, store, [skus[3], *skus[1:]])
    assert CorrectiveTask.objects.get().state == State.OPEN
    facing = visit.photos.get().runs.get().facings.get(index=0)
    facing.verdict, facing.verdict_sku = "product", skus[0]
    facing.save()
    assessed(visit)
    task = CorrectiveTask.objects.get()
    assert task.state == State.WITHDRAWN
    assert "after a correction" in task.note


def test_a_visit_that_cannot_tell_changes_nothing(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=2)
    assessed(make.make_visit(auditor, store))
    assert CorrectiveTask.objects.get().state == State.OPEN


def test_still_missing_stays_one_task(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    _, first = visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=2)
    visit_that_sees(auditor, store, [None, *skus[1:]])
    assert CorrectiveTask.objects.get().opened_by == first


def test_an_older_visit_assessed_again_changes_nothing(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    older, _ = visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=3)
    visit_that_sees(auditor, store, list(skus), days_ago=1)
    make.make_skus(auditor.organisation, count=1)
    assessed(older)
    assert [task.state for task in CorrectiveTask.objects.all()] == [State.DONE]


def test_a_substituted_product_put_back_is_done(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    TaskRule.objects.filter(pk=rule.pk).update(finding=Finding.SUBSTITUTED, must_stock_only=False)
    stranger = make.make_skus(auditor.organisation, count=1)[0]
    _, assessment = visit_that_sees(auditor, store, [stranger, *skus[1:]], days_ago=2)
    assert PositionResult.objects.get(assessment=assessment, planned__sku=skus[0]).status == "substituted"
    visit_that_sees(auditor, store, list(skus))
    task = CorrectiveTask.objects.get()
    assert (task.sku, task.state) == (skus[0], State.DONE)
    assert task.proof


def test_what_cannot_be_fixed_rests(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=2)
    task = CorrectiveTask.objects.get()
    with pytest.raises(TaskRefused, match="Choose why"):
        cannot_be_fixed(auditor, task, "", "")
    with pytest.raises(TaskRefused, match="few words"):
        cannot_be_fixed(auditor, task, "other", " ")
    cannot_be_fixed(auditor, task, "no_stock", "")
    with pytest.raises(TaskRefused, match="no longer open"):
        cannot_be_fixed(auditor, task, "no_stock", "")
    assert AuditEvent.objects.get(action="task.cannot").detail["reason"] == "no_stock"
    assert check(auditor.organisation).broken == ""
    visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=1)
    assert CorrectiveTask.objects.get().state == State.CANNOT
    TaskRule.objects.filter(pk=rule.pk).update(quiet_days=0)
    make.make_skus(auditor.organisation, count=1)
    CorrectiveTask.objects.update(closed_at=NOW - timedelta(days=1))
    visit_that_sees(auditor, store, [None, *skus[1:]])
    assert CorrectiveTask.objects.filter(state=State.OPEN).count() == 1


def test_the_office_can_ask_again(auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]])
    task = CorrectiveTask.objects.get()
    with pytest.raises(TaskRefused, match="Only a task that could not be fixed"):
        reopen_alone(auditor, task)
    cannot_be_fixed(auditor, task, "refused", "")
    reopen(auditor, task)
    assert (task.state, task.reason, task.closed_at) == (State.OPEN, "", None)


def reopen_alone(auditor: Membership, task: CorrectiveTask) -> None:
    CorrectiveTask.objects.filter(pk=task.pk).update(state=State.WITHDRAWN, closed_at=NOW)
    try:
        reopen(auditor, task)
    finally:
        CorrectiveTask.objects.filter(pk=task.pk).update(state=State.OPEN, closed_at=None)


def test_tasks_go_to_who_is_in_the_store(
    auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule
) -> None:
    visit_that_sees(auditor, store, [None, *skus[1:]], days_ago=1)
    colleague = make.make_member(auditor.organisation)
    hand_over(make.make_visit(colleague, store))
    assert CorrectiveTask.objects.get().assigned_to == colleague.user


def test_figures_by_hand(auditor: Membership, store: Store, skus: list[Sku], rule: TaskRule) -> None:
    """Open since 10 and 2 days, the first 7 days late; done after 2 days in time and after 6 days late; one
    that cannot be fixed; one withdrawn. Age (10 + 2) / 2 = 6 days; overdue 1 / 2; closed 2 / 5; in time
    1 / 2; (2 + 6) / 2 = 4 days to put right."""
    _, assessment = visit_that_sees(auditor, store, list(skus))
    today = timezone.localdate()

    def task(opened: int, state: str, closed: int | None = None, **more: object) -> None:
        CorrectiveTask.objects.create(
            organisation=auditor.organisation,
            store=make.make_store(auditor.organisation),
            sku=skus[0],
            finding=Finding.MISSING,
            assigned_to=auditor.user,
            opened_by=assessment,
            opened_at=NOW - timedelta(days=opened),
            due_on=today - timedelta(days=opened - 3),
            state=state,
            closed_at=None if closed is None else NOW - timedelta(days=closed),
            **more,
        )

    task(10, State.OPEN)
    task(2, State.OPEN)
    task(8, State.DONE, closed=6)
    task(9, State.DONE, closed=3)
    task(5, State.CANNOT, closed=4, reason="no_stock")
    task(5, State.WITHDRAWN, closed=4)
    found = {figure.key: figure for figure in figures(CorrectiveTask.objects.all())}
    assert {key: (f.numerator, f.denominator) for key, f in found.items()} == {
        "task_age": (12, 2),
        "task_overdue": (1, 2),
        "task_closing_rate": (2, 5),
        "task_on_time": (1, 2),
        "task_days_to_close": (8, 2),
    }
    assert found["task_age"].value == 6
    assert [count for _, count in ageing(CorrectiveTask.objects.all())] == [1, 0, 1, 0]
    assert all(f.value is None for f in figures(CorrectiveTask.objects.none()))
    assert CorrectiveTask.objects.filter(state=State.OPEN).first().overdue(today) is True
