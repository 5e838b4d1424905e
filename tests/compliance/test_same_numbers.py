"""One visit's numbers on its pages, over the API and in the download: the same, for every KPI."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.kpis.registry import REGISTRY
from compliance.models import (
    KpiResult,
    MarketShare,
    Promotion,
    PromotionElement,
    SalesFigure,
    Scorecard,
    ScorecardPillar,
    StockLevel,
)
from compliance.services.assess import assess_claimed
from recognition.models import PriceTag, RecognitionRun
from retail_exec.accounts.models import Membership, Role
from retail_exec.catalog.models import MustStockItem, MustStockList, Sku
from retail_exec.core.models import WorkState
from retail_exec.core.templatetags.figures import figure
from retail_exec.stores.models import Bay
from retail_exec.visits.models import Visit
from tests import factories as make
from tests import results


@pytest.fixture
def manager(db: None) -> Membership:
    return make.make_member(make.make_organisation(), Role.MANAGER)


@pytest.fixture
def visit(manager: Membership) -> Visit:
    """A visit for which every KPI can be computed."""
    owner = manager.organisation
    store = make.make_store(owner)
    skus = make.make_skus(owner, count=4)
    Sku.objects.filter(organisation=owner).update(price=Decimal("2.49"))
    Bay.objects.filter(store=store).update(eye_level_from=0, eye_level_to=0)
    results.make_planogram(owner, list(store.bays.all()), [skus[:2], skus[2:]])
    listed = MustStockList.objects.create(organisation=owner, name="List")
    MustStockItem.objects.bulk_create(MustStockItem(must_stock_list=listed, sku=sku) for sku in skus)
    today = timezone.localdate()
    autumn = Promotion.objects.create(organisation=owner, name="Autumn", effective_from=today)
    PromotionElement.objects.create(promotion=autumn, kind="product").skus.set(skus[:2])
    MarketShare.objects.create(
        organisation=owner, category=skus[0].category, share=0.4, effective_from=today - timedelta(days=9)
    )
    SalesFigure.objects.create(organisation=owner, store=store, sales=120)
    SalesFigure.objects.create(organisation=owner, sku=skus[0], sales=7)
    StockLevel.objects.create(organisation=owner, store=store, sku=skus[3], day=today, units=5)
    card = Scorecard.objects.create(organisation=owner, name="Shops")
    ScorecardPillar.objects.create(scorecard=card, kpi="osa", weight=70, target=0.9)
    ScorecardPillar.objects.create(scorecard=card, kpi="price_compliance", weight=30)
    made = make.make_visit(make.make_member(owner), store)
    rows = [skus[:2], [skus[2], None]]
    run = results.make_run(make.make_photo(made, store.bays.first(), rows, WorkState.DONE), rows)
    add_tags(run)
    assert assess_claimed(made.pk) is True
    return made


def add_tags(run: RecognitionRun) -> None:
    """A right tag, a wrong one and one that cannot be read, each below a facing."""
    for index, (facing, price) in enumerate(zip(run.facings.all(), ("2.49", "2.99", None), strict=True)):
        x1, _, x2, y2 = facing.rect_box
        box = [x1 + 2, y2 + 1, x2 - 2, y2 + 6]
        PriceTag.objects.create(
            run=run,
            index=index,
            box=box,
            rect_box=box,
            shelf=facing.shelf,
            price=None if price is None else Decimal(price),
            readable=price is not None,
        )


@pytest.fixture
def client(manager: Membership) -> Client:
    client = Client()
    client.force_login(manager.user)
    return client


def number(text: str) -> float | None:
    return float(text) if text else None


def test_web_api_and_download_tell_the_same(visit: Visit, client: Client) -> None:
    stored = {row.pk: row for row in KpiResult.objects.filter(assessment__visit=visit)}
    assert {row.key for row in stored.values()} == set(REGISTRY)
    api, page = {}, f"{reverse('api:kpiresult-list')}?visit={visit.pk}&page_size=500"
    while page:
        answer = client.get(page).json()
        api |= {row["id"]: row for row in answer["results"]}
        page = answer["next"]
    lines = b"".join(client.get(f"{reverse('reports:kpis')}?visit={visit.pk}").streaming_content)
    told = list(csv.DictReader(io.StringIO(lines.decode("utf-8-sig"))))
    assert set(api) == set(stored)
    assert len(told) == len(stored)
    for line, row in zip(told, sorted(stored.values(), key=lambda row: row.pk), strict=True):
        assert line["kpi"] == row.key
        assert api[row.pk]["key"] == row.key
        for name in ("value", "numerator", "denominator", "coverage", "low", "high", "expected"):
            value = getattr(row, name)
            assert api[row.pk][name] == value, (row.key, name)
            assert number(line[name]) == (None if value is None else pytest.approx(value)), (row.key, name)
        assert line["definition"] == api[row.pk]["definition"] == row.assessment.definition


def test_every_kpi_opens_with_its_evidence(visit: Visit, client: Client) -> None:
    first: dict[str, KpiResult] = {}
    for row in KpiResult.objects.filter(assessment__visit=visit).order_by("pk"):
        first.setdefault(row.key, row)
    for key, row in first.items():
        shown = html.unescape(client.get(reverse("visits:kpi", args=[row.pk])).content.decode())
        assert f'<h1 class="number">{figure(row.value, row.unit)}</h1>' in shown, key
        assert REGISTRY[key].title in shown
        assert "version 1" in shown
    page = html.unescape(client.get(reverse("visits:visit", args=[visit.pk])).content.decode())
    for key, row in first.items():
        assert figure(row.value, row.unit) in page, key


def test_tags_elements_and_pillars_are_shown(visit: Visit, client: Client) -> None:
    def opened(key: str) -> str:
        row = KpiResult.objects.get(assessment__visit=visit, key=key, scope={})
        return html.unescape(client.get(reverse("visits:kpi", args=[row.pk])).content.decode())

    prices = opened("price_compliance")
    assert "Shows 2.99, expected 2.49" in prices
    assert "Tags that could not be read, on neither side: 1." in prices
    assert len(re.findall('class="crop"', prices)) == 3
    assert "1 of 1 facings seen" in opened("promo_compliance")
    score = opened("perfect_store")
    assert "On-shelf availability: 75.0%, target 90.0%, weight 70" in score
    osa = KpiResult.objects.get(assessment__visit=visit, key="osa", scope={})
    assert reverse("visits:kpi", args=[osa.pk]) in score


def test_strict_and_lenient_share_a_card_and_coverage_is_told(visit: Visit, client: Client) -> None:
    page = html.unescape(client.get(reverse("visits:visit", args=[visit.pk])).content.decode())
    cards = page.split('<article class="card kpi">')[1:]
    plan = next(card for card in cards if "Planogram compliance, strict" in card)
    assert "Strict" in plan
    assert "Lenient" in plan
    assert sum("Planogram compliance, lenient" in card for card in cards) == 0
    assert "Photos saw 100 % of the expected shelf" in plan
    assert "Phantom stock" in page
