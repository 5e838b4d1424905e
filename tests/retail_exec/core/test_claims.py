"""Background work: who may do it, and what happens when a worker dies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from retail_exec.core.claims import FORGOTTEN, MAX_ATTEMPTS, claim, fail, finish, holds, request, requeue_lost
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Visit
from tests.factories import make_member, make_organisation, make_store, make_visit

pytestmark = pytest.mark.django_db
VISITS = Visit.objects.all()


class Recorder:
    """Stands where a task stands, to see what would be enqueued."""

    def __init__(self) -> None:
        self.pks: list[int] = []

    def delay(self, pk: int) -> None:
        self.pks.append(pk)


@pytest.fixture
def visit() -> Visit:
    organisation = make_organisation()
    return make_visit(make_member(organisation), make_store(organisation))


def expire(visit: Visit) -> None:
    Visit.objects.filter(pk=visit.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_only_one_worker_gets_the_claim(visit: Visit) -> None:
    first, second = claim(VISITS, visit.pk), claim(VISITS, visit.pk)
    assert first is not None
    assert first.attempts == 1
    assert second is None


def test_a_vanished_row_is_nobodys(visit: Visit) -> None:
    visit.delete()
    assert claim(VISITS, 10**9) is None


def test_a_dead_workers_lease_runs_out_and_its_result_is_not_saved(visit: Visit) -> None:
    dead = claim(VISITS, visit.pk)
    expire(visit)
    heir = claim(VISITS, visit.pk)
    assert dead is not None
    assert heir is not None
    assert heir.attempts == 2
    assert not holds(dead)
    assert not finish(dead, WorkState.DONE)
    assert finish(heir, WorkState.DONE)
    visit.refresh_from_db()
    assert visit.state == WorkState.DONE


def test_three_dead_workers_set_the_work_aside(visit: Visit) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert claim(VISITS, visit.pk) is not None
        expire(visit)
    assert claim(VISITS, visit.pk) is None
    visit.refresh_from_db()
    assert visit.state == WorkState.QUARANTINED
    assert "3 times" in visit.problem


def test_three_failures_set_the_work_aside_with_their_reason(visit: Visit) -> None:
    states = []
    for _ in range(MAX_ATTEMPTS):
        held = claim(VISITS, visit.pk)
        assert held is not None
        states.append(fail(held, "the lens was covered"))
    visit.refresh_from_db()
    assert states == [WorkState.WAITING, WorkState.WAITING, WorkState.QUARANTINED]
    assert visit.problem == "the lens was covered"


def test_asking_again_voids_a_running_claim(visit: Visit) -> None:
    held = claim(VISITS, visit.pk)
    assert held is not None
    request(VISITS.filter(pk=visit.pk))
    assert not finish(held, WorkState.DONE)
    again = claim(VISITS, visit.pk)
    assert again is not None
    assert again.attempts == 1


def test_the_sweeper_finds_lost_work_only(visit: Visit) -> None:
    organisation = visit.organisation
    member, store = make_member(organisation), make_store(organisation)
    fresh, forgotten, done = (make_visit(member, store) for _ in range(3))
    claim(VISITS, visit.pk)
    expire(visit)
    Visit.objects.filter(pk=forgotten.pk).update(queued_at=timezone.now() - FORGOTTEN - timedelta(seconds=1))
    Visit.objects.filter(pk=done.pk).update(
        state=WorkState.DONE, queued_at=timezone.now() - FORGOTTEN - timedelta(seconds=1)
    )
    task = Recorder()
    assert requeue_lost(VISITS, task) == 2  # type: ignore[arg-type]
    assert sorted(task.pks) == sorted([visit.pk, forgotten.pk])
    assert fresh.pk not in task.pks
    assert requeue_lost(VISITS.filter(pk=forgotten.pk), task) == 0  # type: ignore[arg-type]
