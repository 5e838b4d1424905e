"""The planogram editor in a real browser: a day's work, two people at once, and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from compliance.models import Planogram
from compliance.services.edit_planogram import edit_state, save_planogram
from retail_exec.accounts.models import Membership, Role
from tests.browser.conftest import DESK, PHONE, SignIn, scrolls_sideways
from tests.factories import make_member
from tests.retail_exec.world import World, world

__all__ = ["world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def analyst(world: World) -> Membership:
    return make_member(world.auditor.organisation, Role.ANALYST)


def place(page: Page, text: str) -> Locator:
    return page.locator(f'#board [data-id][aria-label*="{text}"]')


def drag(page: Page, source: Locator, target: Locator) -> None:
    middles = []
    for box in (source.bounding_box(), target.bounding_box()):
        assert box is not None
        middles.append((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(*middles[1], steps=5)
    page.mouse.up()


def saved(plan: Planogram) -> list[tuple[int, int, str, int]]:
    rows = plan.positions.order_by("shelf", "position")
    return list(rows.values_list("shelf", "position", "sku__code", "facings_wide"))


def test_a_days_work_at_the_desk(world: World, analyst: Membership, sign_in: SignIn) -> None:
    a, b, c, d = (sku.code for sku in world.skus)
    page = sign_in(analyst, DESK)
    page.goto(f"/planograms/{world.planogram.pk}/edit/")
    first = place(page, "shelf 1, place 1")
    first.click()
    page.keyboard.press("+")
    expect(page.locator("#shelves li").first).to_contain_text("15.0 cm too long")
    page.keyboard.press("Control+z")
    expect(page.locator("#shelves li").first).to_contain_text("0 cm free")
    page.get_by_label("Bay width, cm").fill("90")
    page.get_by_label("Bay width, cm").press("Enter")
    drag(page, first, place(page, "shelf 2, place 2"))
    expect(place(page, "shelf 2, place 3")).to_be_visible()
    page.keyboard.press("+")
    page.get_by_label("Find a product").fill(b)
    page.locator("#products button").filter(has_text=b).click()
    expect(page.locator("#board [data-id]")).to_have_count(5)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_contain_text("Saved as draft, version 2")
    draft = Planogram.objects.get(draft=True)
    places = saved(draft)
    assert [(shelf, wide) for shelf, _, code, wide in places if code == a] == [(1, 2)]
    assert sorted(row[2] for row in places) == sorted([a, b, b, c, d])
    page.reload()
    expect(page.locator("#board [data-id]")).to_have_count(5)
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    assert saved(world.planogram) == [(0, 0, a, 1), (0, 1, b, 1), (1, 0, c, 1), (1, 1, d, 1)]


def test_somebody_elses_save_is_noticed_and_nothing_is_lost(
    world: World, analyst: Membership, sign_in: SignIn
) -> None:
    page = sign_in(analyst, DESK)
    page.goto(f"/planograms/{world.planogram.pk}/edit/")
    place(page, "shelf 1, place 1").click()
    page.keyboard.press("Delete")
    other = make_member(world.auditor.organisation, Role.ANALYST, name="Bo Brand")
    sent = {"name": world.planogram.name, "positions": [{"sku": world.skus[3].code, "shelf": 0}]}
    save_planogram(other, sent, world.planogram, edit_state(world.planogram))
    page.keyboard.press("Control+s")
    expect(page.locator("#status")).to_contain_text("Bo Brand saved")
    page.get_by_role("button", name="Keep mine as a version of its own").click()
    expect(page.locator("#status")).to_contain_text("Saved as draft, version 3")
    theirs, mine = Planogram.objects.filter(draft=True).order_by("version")
    assert (len(saved(theirs)), len(saved(mine))) == (1, 3)


def test_on_a_phone(world: World, analyst: Membership, sign_in: SignIn) -> None:
    page = sign_in(analyst, PHONE)
    page.goto(f"/planograms/{world.planogram.pk}/edit/")
    place(page, "shelf 2, place 1").tap()
    page.get_by_role("button", name="One facing fewer").tap()
    page.get_by_role("button", name="Duplicate").tap()
    expect(page.locator("#board [data-id]")).to_have_count(5)
    page.get_by_role("button", name="Save").tap()
    expect(page.locator("#status")).to_contain_text("Saved as draft")
    assert not scrolls_sideways(page)
    assert Planogram.objects.get(draft=True).positions.filter(shelf=1).count() == 3
