"""The review queue: what is picked, answering, taking back, and who may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from recognition.models import Correction, Facing
from recognition.services import learning
from recognition.services.learning import Unsure
from retail_exec.accounts.models import Membership
from retail_exec.core.models import AuditEvent
from tests.factories import make_photo
from tests.results import make_run
from tests.retail_exec.world import World

HTMX = {"HX-Request": "true"}


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def unsure(world: World) -> list[Facing]:
    """Two photos with an accepted, an ambiguous and an unknown facing each."""
    found: list[Facing] = []
    for _ in range(2):
        photo = make_photo(world.visit, world.store.bays.get(), [world.skus[:3]])
        found += make_run(photo, [world.skus[:3]], ("accepted", "ambiguous", "unknown")).facings.all()
    return found


def near(*similarities: float) -> list[dict[str, float]]:
    return [{"similarity": value} for value in similarities]


def test_ambiguity_grows_with_doubt_closeness_and_disagreement() -> None:
    sure = learning.ambiguity(0.99, "accepted", near(0.95, 0.4))
    torn = learning.ambiguity(0.5, "ambiguous", near(0.8, 0.79))
    assert sure < 0.05
    assert torn > 0.75
    assert learning.ambiguity(0.5, "unknown", near(0.8, 0.79)) == pytest.approx(torn)
    assert learning.ambiguity(0.99, "accepted", near(0.95, 0.94)) > sure + 0.2
    prints = [{"similarity": 0.95, "evidence": 1.0}, {"similarity": 0.4, "evidence": 3.0}]
    assert learning.ambiguity(0.99, "accepted", prints) == pytest.approx(sure + learning.DISAGREEMENT)
    assert learning.ambiguity(0.9, "unknown", []) == pytest.approx(learning.TORN * 0.2)


def test_the_pick_is_not_ten_crops_of_one_product() -> None:
    same = [Unsure(pk, 1, 0.9, ("cola", "cola light")) for pk in range(10)]
    others = [Unsure(10, 2, 0.6, ("soap", "shampoo")), Unsure(11, 3, 0.5, ("rice", "pasta"))]
    assert learning.diverse([*same, *others], 3) == [0, 10, 11]
    assert len(learning.diverse(same, 40)) == 10


def test_answers_move_the_queue_on_and_count_at_once(world: World, unsure: list[Facing]) -> None:
    client, url = signed_in(world.manager), reverse("recognition:review")
    page = client.get(url).content.decode()
    total = len(client.session["review"]["ids"])
    assert f"0 of {total} looked at" in page
    first, second = client.session["review"]["ids"][:2]
    sku = Facing.objects.get(pk=first).candidates[1]["sku"]
    answer = client.post(
        reverse("recognition:answer", args=[first]), {"verdict": "product", "sku": sku}, headers=HTMX
    )
    assert f"1 of {total} looked at" in answer.content.decode()
    assert reverse("recognition:answer", args=[second]) in answer.content.decode()
    judged = Facing.objects.get(pk=first)
    assert judged.verdict_sku is not None
    assert judged.verdict_sku.code == sku
    skipped = client.post(reverse("recognition:answer", args=[second]), {"verdict": "skip"}, headers=HTMX)
    assert f"2 of {total} looked at" in skipped.content.decode()
    assert Facing.objects.get(pk=second).verdict == ""


def test_undo_takes_the_answer_back_and_shows_the_facing_again(world: World, unsure: list[Facing]) -> None:
    client = signed_in(world.manager)
    client.get(reverse("recognition:review"))
    first = client.session["review"]["ids"][0]
    client.post(reverse("recognition:answer", args=[first]), {"verdict": "unknown"})
    page = client.post(reverse("recognition:back"), headers=HTMX).content.decode()
    assert reverse("recognition:answer", args=[first]) in page
    assert Facing.objects.get(pk=first).verdict == ""
    verdicts = Correction.objects.filter(facing=first).order_by("pk").values_list("verdict", flat=True)
    assert list(verdicts) == ["unknown", ""]
    assert AuditEvent.objects.filter(action="facing.take_back").count() == 1
    again = client.post(reverse("recognition:back"), headers=HTMX)
    assert again.status_code == 200
    assert Correction.objects.filter(facing=first).count() == 2


def test_the_end_of_the_queue_and_an_empty_one_say_so(world: World) -> None:
    client = signed_in(world.manager)
    Facing.objects.update(verdict="unknown", verdict_sku=None)
    assert "Nothing needs checking" in client.get(reverse("recognition:review")).content.decode()
    last = Facing.objects.order_by("pk").first()
    assert last is not None
    Facing.objects.filter(pk=last.pk).update(verdict="", confidence=0.5)
    client.post(reverse("recognition:begin"))
    page = client.post(reverse("recognition:answer", args=[last.pk]), {"verdict": "unknown"}, headers=HTMX)
    assert "That was all of this round: 1 answer." in page.content.decode()


def test_others_facings_and_unknown_answers_are_refused(world: World, unsure: list[Facing]) -> None:
    url = reverse("recognition:answer", args=[unsure[1].pk])
    assert signed_in(world.outsider).post(url, {"verdict": "unknown"}).status_code == 404
    assert signed_in(world.auditor).get(reverse("recognition:review")).status_code == 403
    assert signed_in(world.manager).post(url, {"verdict": "maybe"}).status_code == 400
    assert signed_in(world.manager).post(url, {"verdict": "product", "sku": "none such"}).status_code == 404
    assert not Facing.objects.get(pk=unsure[1].pk).verdict


def test_another_product_can_be_searched_for(world: World, unsure: list[Facing]) -> None:
    url = reverse("recognition:products", args=[unsure[1].pk])
    page = signed_in(world.manager).get(url, {"q": world.skus[3].code}).content.decode()
    assert f'name="sku" value="{world.skus[3].code}"' in page
    assert "No product matches" in signed_in(world.manager).get(url, {"q": "nothing"}).content.decode()
