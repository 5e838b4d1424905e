"""Tasks on the screens, in the API and as CSV: who sees which, and what they can do."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import CorrectiveTask, Finding, TaskRule
from retail_exec.accounts.models import Membership
from tests.retail_exec.world import World
from tests.retail_exec.world import client as program

State = CorrectiveTask.State


@pytest.fixture
def task(world: World) -> CorrectiveTask:
    rule = TaskRule.objects.create(organisation=world.store.organisation, name="Own products missing")
    return CorrectiveTask.objects.create(
        organisation=world.store.organisation,
        rule=rule,
        store=world.store,
        sku=world.skus[3],
        finding=Finding.MISSING,
        assigned_to=world.auditor.user,
        opened_by=world.visit.assessments.get(),
        opened_at=timezone.now(),
        due_on=timezone.localdate(),
    )


def signed_in(member: Membership) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def test_the_auditor_sees_it_where_the_work_is(world: World, task: CorrectiveTask) -> None:
    browser = signed_in(world.auditor)
    name = world.skus[3].name
    for url in (
        reverse("visits:home"),
        reverse("visits:tasks"),
        reverse("visits:visit", args=[world.visit.pk]),
        reverse("visits:task", args=[task.pk]),
    ):
        assert name in browser.get(url).content.decode(), url


def test_others_do_not(world: World, task: CorrectiveTask) -> None:
    url = reverse("visits:task", args=[task.pk])
    assert [signed_in(m).get(url).status_code for m in (world.teammate, world.outsider)] == [404, 404]
    assert world.skus[3].name not in signed_in(world.outsider).get(reverse("visits:tasks")).content.decode()
    assert signed_in(world.auditor).get(reverse("visits:task_rules")).status_code == 403
    refused = signed_in(world.teammate).post(reverse("visits:task_cannot", args=[task.pk]))
    assert refused.status_code == 404


def test_cannot_be_fixed_and_asked_again(world: World, task: CorrectiveTask) -> None:
    auditor, manager = signed_in(world.auditor), signed_in(world.manager)
    url = reverse("visits:task_cannot", args=[task.pk])
    assert "Choose why" in auditor.post(url, {"reason": "x"}, follow=True).content.decode()
    page = auditor.post(url, {"reason": "no_room", "note": "Fridge gone"}, follow=True).content.decode()
    assert "There is no room or fixture for it." in page
    assert "Fridge gone" in page
    again = reverse("visits:task_again", args=[task.pk])
    assert auditor.post(again).status_code == 403
    assert "open again" in manager.post(again, follow=True).content.decode()
    task.refresh_from_db()
    assert task.state == State.OPEN


def test_the_office_sees_figures_and_makes_rules(world: World, task: CorrectiveTask) -> None:
    browser = signed_in(world.manager)
    page = browser.get(reverse("visits:tasks")).content.decode()
    assert "Closing rate" in page
    assert "0 of 1 task" in page
    form = {"name": "Swapped", "finding": "substituted", "due_days": 2, "quiet_days": 7, "active": "on"}
    url = reverse("visits:task_rule_new")
    assert "Swapped" in browser.post(url, form, follow=True).content.decode()
    assert TaskRule.objects.get(name="Swapped").organisation == world.store.organisation
    assert "a rule of this name already" in browser.post(url, form).content.decode()
    theirs = TaskRule.objects.create(organisation=world.outsider.organisation, name="Theirs")
    assert browser.get(reverse("visits:task_rule", args=[theirs.pk])).status_code == 404


def test_programs_read_them_and_say_what_cannot_be_fixed(world: World, task: CorrectiveTask) -> None:
    api = program(world.auditor)
    row = api.get("/api/v1/tasks/", {"state": "open"}).json()["results"][0]
    assert (row["sku"], row["finding"], row["opened_visit"]) == (task.sku.code, "missing", world.visit.pk)
    assert api.get("/api/v1/tasks/", {"overdue": "true"}).json()["results"] == []
    figures = {f["key"]: f for f in api.get("/api/v1/tasks/figures/").json()}
    assert figures["task_closing_rate"] | {"title": "", "explanation": ""} == {
        "key": "task_closing_rate",
        "title": "",
        "explanation": "",
        "unit": "share",
        "numerator": 0,
        "denominator": 1,
        "value": 0,
    }
    assert figures["task_on_time"]["value"] is None
    url = f"/api/v1/tasks/{task.pk}/cannot/"
    assert program(world.outsider).post(url, {"reason": "no_stock"}).status_code == 404
    assert api.post(url, {"reason": "other"}).status_code == 409
    assert api.post(url, {"reason": "no_stock"}).json()["state"] == "cannot"


def test_csv_has_a_line_a_task(world: World, task: CorrectiveTask) -> None:
    answer = signed_in(world.manager).get(reverse("reports:tasks"), {"state": "open"})
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["sku"], r["store_code"], r["state"]) for r in rows] == [
        (task.sku.code, world.store.code, "open")
    ]
