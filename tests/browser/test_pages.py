"""Every page in a real browser: nothing scrolls sideways, charts are drawn, strangers find nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import ViewportSize, expect

from recognition.models import Facing
from retail_exec.accounts.models import Membership, Role
from tests.browser.conftest import DESK, PHONE, SignIn, scrolls_sideways
from tests.factories import make_member
from tests.retail_exec.world import World, world

__all__ = ["world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pages(world: World) -> list[str]:
    """Every address of the application, with its detail pages."""
    assessment = world.visit.assessments.get(current=True)
    facing = Facing.objects.filter(run__photo=world.photo).first()
    assert facing is not None
    visit = [
        reverse("visits:list"),
        reverse("visits:stores"),
        reverse("visits:visit", args=[world.visit.pk]),
        reverse("visits:bay", args=[world.visit.pk, world.store.bays.get().pk]),
        reverse("visits:photo", args=[world.photo.pk]),
        reverse("visits:facing", args=[facing.pk]),
        reverse("visits:kpi", args=[assessment.kpis.get(key="facing_share").pk]),
        reverse("visits:out_of_stock", args=[assessment.out_of_stock.get().pk]),
        reverse("visits:position", args=[assessment.positions.first().pk]),
    ]
    office = [
        reverse("dashboards:overview"),
        reverse("dashboards:evidence"),
        reverse("dashboards:downloads"),
        reverse("dashboards:products"),
        reverse("dashboards:product", args=[world.skus[3].pk]),
        reverse("stores:list"),
        reverse("stores:upload"),
        reverse("rescoring:list"),
        reverse("rescoring:new"),
        reverse("planograms:list"),
        reverse("planograms:detail", args=[world.planogram.pk]),
        reverse("planograms:upload"),
        reverse("planograms:new"),
        reverse("planograms:edit", args=[world.planogram.pk]),
        reverse("planograms:download", args=[world.planogram.pk]),
    ]
    account = [reverse("account_change_password"), reverse("mfa_index")]
    return [*visit, *office, *account, "/nothing-here/"]


@pytest.fixture
def analyst(world: World) -> Membership:
    """Someone who may see every page."""
    return make_member(world.auditor.organisation, Role.ANALYST)


def test_no_page_scrolls_sideways_on_a_phone(world: World, analyst: Membership, sign_in: SignIn) -> None:
    page = sign_in(analyst, PHONE)
    for path in pages(world):
        page.goto(path)
        assert page.locator("h1").count() >= 1, path
        assert not scrolls_sideways(page), f"{path} is wider than {PHONE['width']} px"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_charts_are_drawn_and_lead_to_their_evidence(
    world: World, analyst: Membership, sign_in: SignIn, size: ViewportSize
) -> None:
    page = sign_in(analyst, size)
    page.goto(reverse("dashboards:overview"))
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_attached()
    page.locator(".chart-store .bars .point path").first.click(force=True)
    page.wait_for_url("**/dashboards/evidence/**")
    assert f"store={world.store.pk}" in page.url
    page.locator(".list-row").first.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="What counted")).to_be_visible()


def test_a_number_of_the_overview_opens_down_to_a_crop(
    world: World, analyst: Membership, sign_in: SignIn
) -> None:
    page = sign_in(analyst, PHONE)
    page.goto(reverse("dashboards:overview"))
    tile = page.locator(".tile", has_text="Facing share")
    expect(tile).to_contain_text("1 of 1 store")
    tile.click()
    page.wait_for_url("**/dashboards/evidence/**")
    page.locator(".list-row", has_text=world.store.name).click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="What counted")).to_be_visible()
    crop = sheet.locator(".crop").first
    expect(crop.locator("image")).to_be_attached()
    crop.click()
    page.wait_for_url(f"**{reverse('visits:photo', args=[world.photo.pk])}?facing=*")


def test_a_missing_product_opens_down_to_its_store(
    world: World, analyst: Membership, sign_in: SignIn
) -> None:
    page = sign_in(analyst, PHONE)
    page.goto(reverse("dashboards:overview"))
    page.get_by_role("link", name="Products", exact=True).click()
    row = page.locator(".product-row", has_text=world.skus[3].code)
    expect(row).to_contain_text("Missing in 1 store")
    row.click()
    page.locator(".list-row", has_text=world.store.name).click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Planned places")).to_be_visible()


def test_the_filters_apply_themselves(world: World, analyst: Membership, sign_in: SignIn) -> None:
    page = sign_in(analyst, DESK)
    page.goto(reverse("dashboards:overview"))
    page.get_by_label("Store", exact=True).select_option(world.store.name)
    page.wait_for_url("**store=*")
    expect(page.locator(".tile").first).to_contain_text("66.7 %")


def test_another_organisations_visit_is_not_there(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.outsider, PHONE)
    answer = page.goto(reverse("visits:visit", args=[world.visit.pk]))
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()


def test_an_auditor_is_told_that_the_overview_is_not_for_them(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.auditor, PHONE)
    answer = page.goto(reverse("dashboards:overview"))
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("not for the role Auditor")).to_be_visible()


def test_a_planogram_is_uploaded_with_its_report(world: World, analyst: Membership, sign_in: SignIn) -> None:
    page = sign_in(analyst, PHONE)
    page.goto(reverse("planograms:upload"))
    rows = [f"New plan,0,{at},{sku.code}" for at, sku in enumerate(world.skus[:2])] + [
        "New plan,0,2,unheard-of"
    ]
    content = "\n".join(["planogram,shelf,position,sku", *rows]).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "plan.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("table")).to_contain_text("unheard-of")
    page.get_by_role("button", name="Bring in 1 planogram").click()
    expect(page.get_by_role("link", name="New plan")).to_contain_text(
        "2 places on 1 shelf · version 1 stored"
    )


def test_signing_out_ends_it(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.auditor, PHONE)
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(reverse("visits:visit", args=[world.visit.pk]))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_ended_session_leads_back_to_signing_in(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.auditor, PHONE)
    page.goto(reverse("visits:visit", args=[world.visit.pk]))
    page.context.clear_cookies()
    page.locator(".kpi-value").first.click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_lost_detail_is_explained(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.auditor, PHONE)
    page.goto(reverse("visits:visit", args=[world.visit.pk]))
    world.visit.assessments.all().delete()
    page.locator(".kpi-value").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("no longer there")
