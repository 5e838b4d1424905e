"""Real shelf photos from the phone's browser to KPIs, through the queue, a worker process and the models."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from compliance.models import KpiResult
from recognition.models import Facing
from recognition.services.galleries import refresh_gallery
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Brand, Sku
from retail_exec.catalog.services.import_catalogue import import_catalogue
from retail_exec.core.models import WorkState
from retail_exec.core.templatetags.figures import amount, figure
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit
from tests.browser.conftest import PHONE, SECONDS, SignIn, scrolls_sideways
from tests.factories import make_member, make_organisation, make_store
from tests.workers import running_worker

SHELVES = Path(__file__).resolve().parents[3] / "shared" / "data" / "snack-shelves"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow_proof,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
    pytest.mark.skipif(not SHELVES.exists(), reason=f"real shelf photos are not there: {SHELVES}"),
]
RECOGNISED = 480 * SECONDS


@pytest.fixture
def auditor() -> Membership:
    """Somebody whose catalogue is that of the photographed shelves, its gallery made."""
    organisation = make_organisation("Snack brands")
    import_catalogue(organisation, (SHELVES / "catalog.csv").read_bytes(), SHELVES / "packshots")
    Brand.objects.filter(organisation=organisation, name="Estrella").update(is_own=True)
    refresh_gallery(organisation)
    return make_member(organisation)


@pytest.fixture
def store(auditor: Membership) -> Store:
    """The photographed store with one bay."""
    category = Sku.objects.filter(organisation=auditor.organisation).values_list("category__name", flat=True)[
        0
    ]
    return make_store(auditor.organisation, "Snack corner", bays=["Chips"], category=category)


def test_real_photos_become_kpis_with_evidence(auditor: Membership, store: Store, sign_in: SignIn) -> None:
    photos = sorted((SHELVES / "photos").glob("*.jpg"))
    page = sign_in(auditor, PHONE)
    page.locator("#stores").get_by_role("button", name=store.name).click()
    page.get_by_text("Not sure").click()  # they show many bays; each then counts as a section of its own
    page.locator("#files").set_input_files(photos)
    expect(page.locator(".photo.card")).to_have_count(len(photos), timeout=120 * SECONDS)
    expect(page.locator(".upload-row")).to_have_count(0)
    with running_worker():
        done = page.locator(".photo.card", has_text="facings found")
        expect(done).to_have_count(len(photos), timeout=RECOGNISED)
        expect(page.locator(".kpi").first).to_be_visible(timeout=60 * SECONDS)
        expect(page.get_by_text("Working out the numbers")).to_be_hidden(timeout=60 * SECONDS)
    visit = Visit.objects.get()
    assert set(visit.photos.values_list("state", flat=True)) == {WorkState.DONE}
    share = visit.assessments.get(current=True).kpis.get(key="facing_share", scope={})
    assert 0 < share.numerator < share.denominator
    read_the_share(page, share)
    look_at_a_facing(page)


def read_the_share(page: Page, share: KpiResult) -> None:
    card = page.locator(".kpi", has_text="Facing share of shelf")
    expect(card.locator(".kpi-number").first).to_have_text(figure(share.value))
    expect(card).to_contain_text(f"{amount(share.numerator)} of {amount(share.denominator)}")
    assert not scrolls_sideways(page)
    card.locator(".kpi-value").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="What counted")).to_be_visible()
    crops = sheet.locator("section", has_text="What counted").locator(".crop")
    assert crops.count() == len(share.numerator_items)
    sheet.get_by_role("button", name="Close").click()


def look_at_a_facing(page: Page) -> None:
    facing = Facing.objects.filter(run__current=True, sku__isnull=False).order_by("-confidence").first()
    assert facing is not None
    assert facing.sku is not None
    page.goto(f"/photos/{facing.run.photo_id}/?facing={facing.pk}")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name=facing.sku.name)).to_be_visible()
    expect(panel.locator(".candidate img")).to_have_count(3)
