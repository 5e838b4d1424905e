"""Scoring a period again: beside what counts, resumable, compared, adopted or deleted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import rescorings as changes
from compliance.models import Assessment, KpiResult, Rescoring, RescoringChunk
from compliance.services.adopt import RescoringRefused, adopt, cancel, delete, discard
from compliance.services.rescore import work, work_claimed
from compliance.tasks import sweep_rescorings
from recognition.models import RecognitionRun
from retail_exec.accounts.models import Role
from retail_exec.core.models import AuditEvent, WorkState
from retail_exec.visits import results
from tests.compliance.rescorings import rescoring_of
from tests.compliance.visits import Shops, assess, shops
from tests.factories import make_member, make_organisation

pytestmark = pytest.mark.django_db
GAPS = {"facing_share": {"include_gaps": True}}


@pytest.fixture
def places() -> Shops:
    found = shops()
    found.visit(0, [0, 1, None, 3], days_ago=1)
    found.visit(1, [0, 1, 2, 3])
    return found


def shares() -> list[tuple[float, float]]:
    rows = KpiResult.objects.filter(key="facing_share", scope={}, assessment__current=True)
    return list(rows.order_by("assessment__visit_id").values_list("numerator", "denominator"))


def done(places: Shops) -> Rescoring:
    rescoring = rescoring_of(places, GAPS)
    assert sum(work(rescoring)) == 2
    rescoring.refresh_from_db()
    return rescoring


def test_what_counts_stays_until_it_is_adopted(places: Shops) -> None:
    before = shares()
    rescoring = done(places)
    assert rescoring.state == Rescoring.State.READY
    assert shares() == before
    difference = next(row for row in changes.pooled(rescoring) if row.key == "facing_share")
    assert difference.before is not None
    assert difference.after is not None
    assert difference.after < difference.before
    adopt(rescoring)
    list(work(rescoring))
    rescoring.refresh_from_db()
    assert rescoring.state == Rescoring.State.ADOPTED
    assert shares() == [(before[0][0], before[0][1] + 1), before[1]]
    assert AuditEvent.objects.filter(action="rescored visits adopted").count() == 1


def test_a_killed_worker_leaves_nothing_and_another_goes_on(places: Shops) -> None:
    rescoring = rescoring_of(places, GAPS)
    chunk = rescoring.chunks.get()
    RescoringChunk.objects.filter(pk=chunk.pk).update(
        state=WorkState.RUNNING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert work_claimed(chunk.pk) is True
    assert work_claimed(chunk.pk) is None
    assert rescoring.rescored.count() == 2
    assert Assessment.objects.filter(current=False).count() == 2


def test_twice_the_same_makes_no_second_results(places: Shops) -> None:
    first, second = done(places), done(places)
    assert dict(first.rescored.values_list("visit", "after")) == dict(
        second.rescored.values_list("visit", "after")
    )


def test_the_line_that_made_the_difference_is_shown(places: Shops) -> None:
    rescoring = done(places)
    row = changes.visits(rescoring, "facing_share").get()
    lines = changes.changed_lines(row, "facing_share")
    assert not lines["numerator"].come
    assert [line["kind"] for line in lines["denominator"].come] == ["gap"]
    assert [d["difference"].visits for d in changes.by_store(rescoring, "facing_share")] == [1, 1]


def test_a_visit_that_changed_meanwhile_is_left_as_it_is(places: Shops) -> None:
    rescoring = done(places)
    changed = places.stores[1].visits.get()
    places.correct(changed, 0, 5)
    adopt(rescoring)
    list(work(rescoring))
    row = rescoring.rescored.get(visit=changed)
    assert not row.adopted
    assert "changed" in row.left
    assert Assessment.objects.get(visit=changed, current=True).rescoring is None


def test_a_correction_after_adopting_keeps_the_adopted_definitions(places: Shops) -> None:
    rescoring = done(places)
    adopt(rescoring)
    list(work(rescoring))
    visit = places.stores[0].visits.get()
    places.correct(visit, 0, 1)
    assert rescoring.definitions is not None
    assert Assessment.objects.get(visit=visit, current=True).definition == rescoring.definitions.key


def test_cancelled_work_is_not_done_and_discarded_results_are_deleted(places: Shops) -> None:
    count = Assessment.objects.count()
    rescoring = rescoring_of(places, GAPS)
    with pytest.raises(RescoringRefused, match="must be cancelled first"):
        discard(rescoring)
    cancel(rescoring)
    assert list(work(rescoring)) == []
    assert Assessment.objects.count() == count
    again = done(places)
    discard(again)
    sweep_rescorings.apply()
    delete(again.pk)
    assert not Rescoring.objects.filter(pk=again.pk).exists()
    assert Assessment.objects.count() == count


def test_old_results_open_the_crops_they_were_made_from(places: Shops) -> None:
    visit = places.stores[0].visits.get()
    kpi = KpiResult.objects.get(
        assessment__visit=visit, assessment__current=True, key="facing_share", scope={}
    )
    old = RecognitionRun.objects.get(photo__visit=visit)
    RecognitionRun.objects.filter(pk=old.pk).update(current=False)
    newer = RecognitionRun.objects.get(pk=old.pk)
    newer.pk, newer.detector, newer.current = None, "detector 2", True
    newer.save()
    assess(visit)
    found = results.evidence(kpi.denominator_items, places.organisation)
    assert {place.run_id for product in found for place in product.places} == {old.pk}
    assert sum(len(product.places) for product in found) == 3


def test_screens_are_for_the_office_of_the_organisation(places: Shops) -> None:
    rescoring = done(places)
    visit = changes.visits(rescoring, "facing_share").get().visit_id
    pages = {
        reverse("rescoring:list"): "Again",
        reverse("rescoring:new"): "Score a period again",
        reverse("rescoring:detail", args=[rescoring.pk]): "2 of 2 visits",
        reverse("rescoring:progress", args=[rescoring.pk]): "Ready to compare",
        reverse("rescoring:visit", args=[rescoring.pk, visit]): "Only when scored again",
    }
    stranger = make_member(make_organisation(), Role.MANAGER)
    for url, words in pages.items():
        for membership, status in ((places.manager, 200), (places.auditors[0], 403)):
            client = Client()
            client.force_login(membership.user)
            answer = client.get(url)
            assert answer.status_code == status, url
            assert (words in answer.content.decode()) == (status == 200)
        client.force_login(stranger.user)
        assert (client.get(url).status_code == 404) == (str(rescoring.pk) in url.split("/"))


def test_a_period_is_scored_again_from_the_form(places: Shops) -> None:
    client = Client()
    client.force_login(places.manager.user)
    today = timezone.localdate()
    wrong = {"name": "Autumn", "date_from": today, "date_to": today - timedelta(days=1)}
    assert "is before the first day" in client.post(reverse("rescoring:new"), wrong).content.decode()
    right = wrong | {"date_from": today - timedelta(days=9), "date_to": today, "plans_on": today}
    answer = client.post(reverse("rescoring:new"), right)
    rescoring = Rescoring.objects.get(name="Autumn")
    assert answer["Location"] == reverse("rescoring:detail", args=[rescoring.pk])
    list(work(rescoring))
    act = reverse("rescoring:act", args=[rescoring.pk, "adopt"])
    client.post(act)
    assert Rescoring.objects.get(pk=rescoring.pk).state == Rescoring.State.ADOPTING
    assert "Only a rescoring that is ready" in client.post(act, follow=True).content.decode()


def test_the_command_scores_compares_and_adopts(places: Shops, capsys: pytest.CaptureFixture[str]) -> None:
    slug = places.manager.organisation.slug
    rescoring_of(places, GAPS)
    today = timezone.localdate()
    call_command(
        "rescore",
        organisation=slug,
        date_from=today - timedelta(days=9),
        date_to=today,
        definitions=Rescoring.objects.get().definitions.version,
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["visits"], found["done"], found["differing"]) == ("ready", 2, 2, 1)
    assert any(kpi["kpi"] == "facing_share" and kpi["change"] < 0 for kpi in found["kpis"])
    call_command("rescore", adopt=found["rescoring"])
    assert json.loads(capsys.readouterr().out)["adopted"] == 2
    with pytest.raises(CommandError, match="Only a rescoring that is ready"):
        call_command("rescore", adopt=found["rescoring"])
