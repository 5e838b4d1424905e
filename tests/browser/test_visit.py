"""An auditor's minutes in a store, in a real browser: photos, states, boxes, a correction, evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recognition.models import Facing
from recognition.services.galleries import refresh_gallery
from retail_exec.visits.models import Visit
from tests.browser.conftest import DESK, PHONE, SECONDS, SignIn
from tests.drawing import shelf_picture
from tests.rendered import RenderedShop, as_jpeg, make_rendered_shop, render
from tests.workers import running_worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
WORK = 120 * SECONDS


@pytest.fixture
def shop() -> RenderedShop:
    """A store whose shelf and products are rendered, with the gallery made."""
    made = make_rendered_shop()
    refresh_gallery(made.organisation)
    return made


@pytest.fixture
def photos(shop: RenderedShop, tmp_path: Path) -> dict[str, Path]:
    """A bay with one product missing, and a file that is no photo."""
    first, *rest = shop.plan[0]
    with_gap = [[(None, 40.0, 1), *rest], shop.plan[1]]
    files = {"bay": tmp_path / "bay.jpg", "letter": tmp_path / "letter.jpg"}
    files["bay"].write_bytes(as_jpeg(render(with_gap)))
    files["letter"].write_bytes(b"%PDF-1.7 a letter")
    assert first[0] == shop.skus[0].code
    return files


def start(page: Page, shop: RenderedShop) -> None:
    page.get_by_placeholder("Name, chain, address or number").fill(shop.bay.store.name)
    page.locator("#stores").get_by_role("button", name=shop.bay.store.name).click()
    expect(page.get_by_role("heading", name=shop.bay.store.name)).to_be_visible()


def test_from_the_camera_to_the_evidence(
    shop: RenderedShop, photos: dict[str, Path], sign_in: SignIn
) -> None:
    page = sign_in(shop.auditor, PHONE)
    start(page, shop)
    page.locator("#files").set_input_files([photos["bay"], photos["letter"]])
    expect(page.locator(".upload-row.failed")).to_contain_text("PDF")
    card = page.locator(".photo.card")
    expect(card).to_contain_text("Waiting")
    with running_worker():
        expect(card).to_contain_text("facings found", timeout=WORK)
        expect(page.locator(".kpi").first).to_be_visible(timeout=WORK)
    expect(page.locator("#work")).not_to_have_attribute(
        "hx-trigger", "every 1500ms, photos-changed from:body"
    )
    correct_a_facing(page)
    open_evidence(page)


def correct_a_facing(page: Page) -> None:
    page.locator(".photo-picture").click()
    page.wait_for_url("**/photos/*/")
    facing = Facing.objects.filter(run__current=True).order_by("index").first()
    assert facing is not None
    box = page.locator(f'.mark[data-kind=facing][data-pk="{facing.pk}"]')
    box.click(force=True)
    panel = page.locator("#panel")
    expect(panel.locator(".candidate").first).to_contain_text("similar")
    panel.get_by_role("button", name="Not a product").click()
    expect(panel).to_contain_text("Saved")
    expect(box).to_have_attribute("data-state", "removed")
    facing.refresh_from_db()
    assert facing.verdict == Facing.Verdict.NOT_A_PRODUCT


def open_evidence(page: Page) -> None:
    page.locator(".back").click()
    page.locator(".kpi-value").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="What counted")).to_be_visible()
    expect(sheet.locator(".crop image").first).to_be_attached()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()


def test_a_photo_is_sent_once_the_network_is_back(
    shop: RenderedShop, photos: dict[str, Path], sign_in: SignIn
) -> None:
    page = sign_in(shop.auditor, PHONE)
    start(page, shop)
    page.context.set_offline(True)
    page.locator("#files").set_input_files([photos["bay"]])
    expect(page.locator(".upload-word")).to_contain_text("No network")
    assert not Visit.objects.get().photos.exists()
    page.context.set_offline(False)
    expect(page.locator(".photo.card")).to_contain_text("Waiting")
    expect(page.locator(".upload-row")).to_have_count(0)
    assert Visit.objects.get().photos.count() == 1


def test_photos_are_dropped_on_a_desk(shop: RenderedShop, sign_in: SignIn) -> None:
    page = sign_in(shop.auditor, DESK)
    start(page, shop)
    page.get_by_text("Not sure").click()
    transfer = page.evaluate_handle(
        """async (bytes) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" }));
            return carried;
        }""",
        list(as_jpeg(shelf_picture([[None]]))),
    )
    page.dispatch_event("#upload", "drop", {"dataTransfer": transfer})
    expect(page.locator(".photo.card")).to_contain_text("No bay chosen")
    assert Visit.objects.get().photos.get().name == "dropped.jpg"


def test_choosing_a_bay_is_not_interrupted_and_too_large_a_file_is_not_sent(
    shop: RenderedShop, photos: dict[str, Path], sign_in: SignIn, tmp_path: Path
) -> None:
    page = sign_in(shop.auditor, PHONE)
    start(page, shop)
    large = tmp_path / "large.jpg"
    large.write_bytes(bytes(25_000_001))
    page.locator("#files").set_input_files([photos["bay"], large])
    expect(page.locator(".upload-row.failed")).to_contain_text("25 MB")
    card = page.locator(".photo.card")
    expect(card).to_contain_text("Waiting")
    card.locator("summary").click()
    page.wait_for_timeout(2 * 1500 + 500)  # the page polls every 1.5 seconds while the photo waits
    assert card.locator("details").get_attribute("open") is not None
    assert Visit.objects.get().photos.count() == 1
