"""The main job with real parts: PostgreSQL, Redis, a Celery worker process, the shipped models."""

import signal

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.db.models import Count

from compliance.models import Assessment
from recognition.models import Facing, RecognitionRun
from recognition.services.corrections import CorrectionRefused, correct_facing
from retail_exec.core.models import AuditEvent, WorkState
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.upload import upload_photo
from tests.factories import make_organisation, make_skus, make_visit
from tests.rendered import RenderedShop, as_jpeg, make_rendered_shop, render
from tests.workers import running_worker, start_worker, stop_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = 50


def send(visit: Visit, shop: RenderedShop, data: bytes, name: str = "bay.jpg") -> Photo:
    return upload_photo(visit, ContentFile(data, name=name), shop.bay)


def settled(visit: Visit) -> bool:
    busy = (WorkState.WAITING, WorkState.RUNNING)
    return not (
        visit.photos.filter(state__in=busy).exists()
        or Visit.objects.filter(pk=visit.pk, state__in=busy).exists()
    )


def test_a_photo_becomes_kpis_and_a_correction_changes_them() -> None:
    shop = make_rendered_shop()
    visit = make_visit(shop.auditor, shop.bay.store)
    with running_worker():
        send(visit, shop, as_jpeg(render(shop.plan)))
        blank = np.full((600, 800, 3), 128, np.uint8)
        send(visit, shop, as_jpeg(blank), "wall.jpg")
        send(visit, shop, as_jpeg(render(shop.plan, seed=1))[:20_000], "cut-off.jpg")
        wait_until(lambda: settled(visit), 90, "the visit to be recognised and assessed")
        states = dict(visit.photos.values_list("name", "state"))
        assert states == {"bay.jpg": "done", "wall.jpg": "refused", "cut-off.jpg": "refused"}
        assert all(photo.problem for photo in visit.photos.filter(state="refused"))
        first = visit.assessments.get(current=True)
        assert first.kpis.filter(key="facing_share", value__isnull=False).exists()
        assert first.positions.count() == len(shop.skus)

        facing = Facing.objects.filter(run__photo__visit=visit).first()
        assert facing is not None
        correct_facing(shop.auditor, facing, Facing.Verdict.NOT_A_PRODUCT, None)
        wait_until(lambda: settled(visit), 30, "the corrected numbers")
    second = visit.assessments.get(current=True)
    assert second.key != first.key
    assert Assessment.objects.filter(visit=visit).count() >= 2
    share = {"key": "facing_share", "bay": None, "brand": None, "category": None}
    assert len(second.kpis.get(**share).denominator_items) <= len(first.kpis.get(**share).denominator_items)
    assert AuditEvent.objects.filter(action="facing.correct").count() == 1


def test_a_correction_must_name_a_product_of_ones_own_catalogue() -> None:
    shop = make_rendered_shop()
    foreign = make_skus(make_organisation(), 1)[0]
    facing = Facing()
    with pytest.raises(CorrectionRefused, match="not in your catalogue"):
        correct_facing(shop.auditor, facing, Facing.Verdict.PRODUCT, foreign)
    with pytest.raises(CorrectionRefused, match="Choose the product"):
        correct_facing(shop.auditor, facing, Facing.Verdict.PRODUCT, None)


@pytest.mark.slow_proof
@pytest.mark.timeout(400)
def test_a_killed_worker_loses_nothing_and_does_nothing_twice() -> None:
    shop = make_rendered_shop()
    visit = make_visit(shop.auditor, shop.bay.store)
    bay = render(shop.plan, size=(800, 600))
    quick = {"WORKER_LEASE_SECONDS": "20", "SWEEP_SECONDS": "2"}
    for number in range(BATCH):  # one photo, shifted by a few pixels, is fifty different files
        send(visit, shop, as_jpeg(np.roll(bay, number, axis=1)), f"bay-{number}.jpg")
    worker = start_worker(**quick)
    done = visit.photos.filter(state=WorkState.DONE)
    wait_until(lambda: done.count() >= 5, 120, "the first photos")
    stop_worker(worker, signal.SIGKILL)
    finished = set(done.values_list("pk", flat=True))
    assert len(finished) < BATCH
    with running_worker(**quick):
        wait_until(lambda: settled(visit), 240, "all photos after the restart")
    assert done.count() == BATCH
    runs = RecognitionRun.objects.filter(photo__visit=visit)
    assert runs.count() == BATCH
    assert not runs.values("photo").annotate(n=Count("pk")).exclude(n=1).exists()
    assert set(runs.filter(photo__attempts=1).values_list("photo", flat=True)) >= finished
    assert visit.assessments.filter(current=True).count() == 1
