"""The annotated photo: its boxes, the panel of a facing, corrections, and how pictures are served."""

from __future__ import annotations

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from compliance.models import BayResult
from recognition.models import Correction, Facing, PriceTag
from retail_exec.accounts.models import Membership
from retail_exec.visits import marks
from tests.factories import make_packshot, make_photo, make_skus
from tests.results import make_run
from tests.retail_exec.world import World

HTMX = {"HX-Request": "true"}


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def facings(world: World) -> list[Facing]:
    """An accepted, an ambiguous and an unknown facing of one photo."""
    rows = [world.skus[:3]]
    photo = make_photo(world.visit, world.store.bays.get(), rows)
    return list(make_run(photo, rows, ("accepted", "ambiguous", "unknown")).facings.all())


def test_every_facing_and_gap_has_a_box_that_says_what_it_is(world: World, facings: list[Facing]) -> None:
    client = signed_in(world.auditor)
    page = client.get(reverse("visits:photo", args=[facings[0].run.photo_id])).content.decode()
    for facing, state in zip(facings, ("sure", "unsure", "unknown"), strict=True):
        assert f'data-pk="{facing.pk}" data-state="{state}"' in page
    assert page.count('class="mark" tabindex') == 3
    with_gap = client.get(reverse("visits:photo", args=[world.photo.pk])).content.decode()
    assert 'data-kind="gap"' in with_gap


def test_price_tags_are_outlined_with_what_they_say(world: World, facings: list[Facing]) -> None:
    run = facings[0].run
    for index, (price, readable) in enumerate([("24.90", True), ("3.70", False), (None, False)]):
        boxes = {"box": [5, 5, 40, 30], "rect_box": [5, 5, 40, 30]}
        PriceTag.objects.create(run=run, index=index, shelf=0, price=price, readable=readable, **boxes)
    page = signed_in(world.auditor).get(reverse("visits:photo", args=[run.photo_id])).content.decode()
    assert page.count('class="tag-mark"') == 3
    for words in ("Price tag: 24.90<", "Price tag: 3.70 (not sure)<", "Price tag, not readable<"):
        assert words in page


def test_the_panel_tells_product_confidence_and_the_three_nearest(
    world: World, facings: list[Facing]
) -> None:
    answer = signed_in(world.auditor).get(reverse("visits:facing", args=[facings[1].pk]), headers=HTMX)
    page = answer.content.decode()
    assert "A guess" in page
    assert "55 %" in page
    for sku, similarity in zip(
        [world.skus[1], world.skus[0], world.skus[2]], ("91 %", "74 %", "62 %"), strict=True
    ):
        assert sku.name in page
        assert f"{similarity} similar" in page
    assert page.count("/packshots/") == 3


def test_a_facing_says_what_the_plan_chose(world: World, facings: list[Facing]) -> None:
    url, client = reverse("visits:facing", args=[facings[1].pk]), signed_in(world.auditor)
    assert "the planogram decided" not in client.get(url, headers=HTMX).content.decode()
    resolved = {"run": facings[1].run_id, "index": facings[1].index, "sku": world.skus[3].code}
    visit = facings[1].run.photo.visit
    BayResult.objects.filter(assessment__visit=visit, assessment__current=True).update(resolved=[resolved])
    text = client.get(url, headers=HTMX).content.decode()
    assert f"the planogram decided for {world.skus[3].name}" in text


def test_a_facing_opened_by_itself_shows_its_photo(world: World, facings: list[Facing]) -> None:
    answer = signed_in(world.auditor).get(reverse("visits:facing", args=[facings[0].pk]))
    assert answer["Location"] == f"/photos/{facings[0].run.photo_id}/?facing={facings[0].pk}"


def test_a_tap_corrects_a_facing(world: World, facings: list[Facing]) -> None:
    url = reverse("visits:correct", args=[facings[1].pk])
    answer = signed_in(world.auditor).post(
        url, {"verdict": "product", "sku": world.skus[2].code}, headers=HTMX
    )
    facings[1].refresh_from_db()
    assert (facings[1].verdict, facings[1].verdict_sku) == ("product", world.skus[2])
    told = json.loads(answer["HX-Trigger"])["facing-corrected"]
    assert told == {"facing": facings[1].pk, "state": "checked", "label": world.skus[2].name}
    assert "Saved" in answer.content.decode()


@pytest.mark.parametrize(("verdict", "state"), [("unknown", "checked"), ("not_a_product", "removed")])
def test_a_facing_may_be_no_product(world: World, facings: list[Facing], verdict: str, state: str) -> None:
    signed_in(world.auditor).post(reverse("visits:correct", args=[facings[0].pk]), {"verdict": verdict})
    facings[0].refresh_from_db()
    assert marks.state(facings[0]) == state
    assert Correction.objects.get(facing=facings[0]).corrected_by == world.auditor.user


def test_an_odd_verdict_changes_nothing(world: World, facings: list[Facing]) -> None:
    client = signed_in(world.auditor)
    url = reverse("visits:correct", args=[facings[0].pk])
    theirs = make_skus(world.outsider.organisation, count=1)[0]
    assert client.post(url, {"verdict": "perhaps"}).status_code == 400
    assert client.post(url, {"verdict": "product", "sku": theirs.code}).status_code == 404
    assert "Choose the product" in client.post(url, {"verdict": "product"}).content.decode()
    assert not Correction.objects.filter(facing=facings[0]).exists()


def test_products_are_searched_in_the_own_catalogue_only(world: World, facings: list[Facing]) -> None:
    theirs = make_skus(world.outsider.organisation, count=1)[0]
    url = reverse("visits:products", args=[facings[0].pk])
    client = signed_in(world.auditor)
    found = client.get(url, {"q": world.skus[0].code}).content.decode()
    assert world.skus[0].name in found
    assert "No product matches" in client.get(url, {"q": theirs.code}).content.decode()


@pytest.mark.parametrize(("size", "longest"), [("small", 360), ("screen", 1600)])
def test_photos_are_served_small_and_locked_down(world: World, size: str, longest: int) -> None:
    answer = signed_in(world.auditor).get(reverse("visits:picture", args=[world.photo.pk, size]))
    with Image.open(io.BytesIO(answer.getvalue())) as picture:
        assert max(picture.size) <= longest
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")


def test_a_crop_is_the_box_and_a_little_around_it(world: World, facings: list[Facing]) -> None:
    answer = signed_in(world.auditor).get(reverse("visits:facing_crop", args=[facings[0].pk]))
    x1, y1, x2, y2 = facings[0].box
    with Image.open(io.BytesIO(answer.getvalue())) as picture:
        assert x2 - x1 < picture.width < 1.2 * (x2 - x1)
        assert y2 - y1 < picture.height < 1.2 * (y2 - y1)


def test_packshots_are_for_the_own_organisation(world: World) -> None:
    packshot = make_packshot(world.skus[0], "#123456")
    url = reverse("visits:packshot", args=[packshot.pk])
    assert signed_in(world.teammate).get(url).status_code == 200
    assert signed_in(world.outsider).get(url).status_code == 404


def test_an_unknown_size_or_a_lost_file_is_not_found(world: World) -> None:
    client = signed_in(world.auditor)
    assert client.get(reverse("visits:picture", args=[world.photo.pk, "huge"])).status_code == 404
    world.photo.file.storage.delete(world.photo.file.name)
    assert client.get(reverse("visits:picture", args=[world.photo.pk, "small"])).status_code == 404
