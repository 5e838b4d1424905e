"""The pages about recognition: its quality on the organisation's photos, and the models in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from recognition.models import Facing, ModelState, ModelVersion
from recognition.services.corrections import correct_facing
from recognition.services.quality import Share, report
from recognition.services.registry import register_run
from retail_exec.accounts.models import Organisation, Role
from retail_exec.core.models import AuditEvent
from tests.factories import make_member, make_photo
from tests.recognition.trained import make_embedder_run
from tests.results import make_run
from tests.retail_exec.visits.test_review_queue import signed_in
from tests.retail_exec.world import World


def test_the_interval_of_a_share() -> None:
    half = Share("half", 5, 10)
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert Share("all", 10, 10).high == 1.0
    assert Share("none", 0, 0).high == 1.0


def test_quality_counts_what_people_said(world: World) -> None:
    one, other = world.skus[:2]
    for _ in range(6):
        photo = make_photo(world.visit, world.store.bays.get(), [[one, other]])
        named, unknown = make_run(photo, [[one, other]], ("accepted", "unknown")).facings.all()
        correct_facing(world.manager, named, Facing.Verdict.PRODUCT, other)
        correct_facing(world.manager, unknown, Facing.Verdict.PRODUCT, other)
    right = Facing.objects.filter(run__photo=world.photo, sku=one).get()
    correct_facing(world.manager, right, Facing.Verdict.PRODUCT, one)
    removed = Facing.objects.filter(run__photo=world.photo, sku=other).get()
    correct_facing(world.manager, removed, Facing.Verdict.NOT_A_PRODUCT, None)

    found = report(world.manager)
    assert (found.all.right, found.all.count, found.not_products) == (1, 13, 1)
    assert (found.first.right, found.among_ten.right) == (7, 13)
    assert {(pair.is_really, pair.taken_for, pair.count) for pair in found.pairs} == {
        (other, one, 6),
        (other, None, 6),
    }
    assert found.calibration_error is not None
    assert report(world.outsider).all.count == 0
    page = signed_in(world.manager).get(reverse("recognition:quality")).content.decode()
    assert "was taken for unknown" in page
    assert "7.7 %" in page
    empty = signed_in(world.outsider).get(reverse("recognition:quality")).content.decode()
    assert "nothing to measure by" in empty
    assert signed_in(world.auditor).get(reverse("recognition:quality")).status_code == 403


def test_models_are_shown_to_curators_and_changed_by_those_who_may(world: World, tmp_path: Path) -> None:
    candidate = register_run(make_embedder_run(tmp_path, "2"))[0]
    administrator = make_member(world.manager.organisation, Role.ADMINISTRATOR)
    client = signed_in(administrator)
    page = client.get(reverse("recognition:models")).content.decode()
    assert "product-embedder" in page
    assert "Candidate" in page
    detail = reverse("recognition:model", args=[candidate.pk])
    assert "Compare and use" not in client.get(detail).content.decode()
    activate = reverse("recognition:activate", args=[candidate.pk])
    assert client.post(activate, {"reason": "mine"}).status_code == 404
    assert signed_in(world.manager).get(reverse("recognition:models")).status_code == 403

    Organisation.objects.filter(pk=world.outsider.organisation_id).delete()
    assert "Compare and use" in client.get(detail).content.decode()
    refused = client.post(activate, {"reason": ""}, follow=True).content.decode()
    assert "nothing to compare" in refused
    client.post(activate, {"reason": "tried on our own photos"})
    candidate.refresh_from_db()
    assert candidate.state == ModelState.ACTIVE
    event = AuditEvent.objects.get(action="model.activate")
    assert (event.actor, event.detail["reason"]) == (administrator.user, "tried on our own photos")
    client.post(reverse("recognition:rollback", args=["embedder"]))
    assert ModelVersion.objects.get(role="embedder", state=ModelState.ACTIVE).shipped
