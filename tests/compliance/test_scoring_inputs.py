"""What stores are held against: chosen by store and day, and brought in from files."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from compliance.models import (
    MarketShare,
    Promotion,
    PromotionElement,
    SalesFigure,
    Scorecard,
    ScorecardPillar,
    StockLevel,
)
from compliance.services.figures import FiguresFileError, import_figures
from compliance.services.scoring_inputs import ScoringInputs
from compliance.targets import Stock, Targets
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from retail_exec.stores.models import Channel, Store
from tests.factories import make_organisation, make_skus, make_store

TODAY = date(2026, 11, 20)


@pytest.fixture
def owner(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def store(owner: Organisation) -> Store:
    return make_store(owner)


def targets(store: Store, day: date = TODAY) -> Targets:
    return ScoringInputs(store.organisation_id).for_store(store, day)


def test_an_organisation_with_nothing_has_no_targets(store: Store) -> None:
    assert targets(store) == Targets()


def test_a_promotion_holds_in_its_days_and_stores_and_sets_its_price(
    owner: Organisation, store: Store
) -> None:
    sku = make_skus(owner, 1)[0]
    Sku.objects.filter(pk=sku.pk).update(price=Decimal("2.49"))
    promotion = Promotion.objects.create(
        organisation=owner, name="Autumn", effective_from=TODAY, effective_to=TODAY + timedelta(days=6)
    )
    element = PromotionElement.objects.create(promotion=promotion, kind="price", price=Decimal("1.99"))
    element.skus.add(sku)
    assert targets(store).prices == {sku.code: 1.99}
    assert targets(store).promotions[0].elements[0].skus == {sku.code}
    for other_day in (TODAY - timedelta(days=1), TODAY + timedelta(days=7)):
        assert targets(store, other_day).prices == {sku.code: 2.49}
        assert targets(store, other_day).promotions == ()
    elsewhere = make_store(owner, chain="Corner", region="South", channel=Channel.GENERAL)
    promotion.chains.add(store.chain)
    assert (len(targets(store).promotions), len(targets(elsewhere).promotions)) == (1, 0)
    promotion.chains.clear()
    promotion.stores.add(elsewhere)
    assert (len(targets(store).promotions), len(targets(elsewhere).promotions)) == (0, 1)
    promotion.stores.clear()
    Promotion.objects.update(channel=Channel.GENERAL)
    assert (len(targets(store).promotions), len(targets(elsewhere).promotions)) == (0, 1)


def test_the_closest_and_latest_scorecard_counts(owner: Organisation, store: Store) -> None:
    def card(name: str, **more: object) -> Scorecard:
        row = Scorecard.objects.create(organisation=owner, name=name, **more)
        ScorecardPillar.objects.create(scorecard=row, kpi="osa", weight=10)
        return row

    def chosen() -> str:
        found = targets(store).scorecard
        return found.name if found else ""

    card("everywhere")
    assert chosen() == "everywhere"
    card("modern", channel=Channel.MODERN)
    card("general", channel=Channel.GENERAL)
    assert chosen() == "modern"
    card("north").regions.add(store.region)
    assert chosen() == "north"
    card("chain", effective_from=date(2026, 1, 1)).chains.add(store.chain)
    card("later", effective_from=date(2026, 6, 1)).chains.add(store.chain)
    card("next year", effective_from=date(2027, 1, 1)).chains.add(store.chain)
    assert chosen() == "later"


def test_stock_holds_for_three_days_and_market_shares_until_the_next(
    owner: Organisation, store: Store
) -> None:
    sku = make_skus(owner, 1)[0]
    StockLevel.objects.create(
        organisation=owner, store=store, sku=sku, day=TODAY - timedelta(days=2), units=4
    )
    StockLevel.objects.create(
        organisation=owner, store=store, sku=sku, day=TODAY - timedelta(days=3), units=9
    )
    assert targets(store).stock == {sku.code: Stock(4.0, "2026-11-18")}
    assert targets(store, TODAY + timedelta(days=2)).stock == {}
    for month, share in ((1, 0.4), (6, 0.5), (12, 0.6)):
        MarketShare.objects.create(
            organisation=owner, category=sku.category, share=share, effective_from=date(2026, month, 1)
        )
    assert targets(store).market_shares == {("Crisps", None): 0.5}


def test_many_stores_cost_no_more_queries(
    owner: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stores = [make_store(owner) for _ in range(4)]
    sku = make_skus(owner, 1)[0]
    for store in stores:
        StockLevel.objects.create(organisation=owner, store=store, sku=sku, day=TODAY, units=1)
    scoring = ScoringInputs(owner.pk)
    scoring.load_stock([store.pk for store in stores])
    scoring.for_store(stores[0], TODAY)
    with django_assert_num_queries(0):
        found = [scoring.for_store(store, TODAY).stock for store in stores]
    assert len(found[3]) == 1


def test_figures_come_in_by_their_columns(owner: Organisation, store: Store) -> None:
    one, two = make_skus(owner, 2)
    shares = "category;brand;from;share\nCrisps;;2026-01-01;45%\nCRISPS;Rivermill;2026-01-01;0,25\n"
    assert import_figures(owner, shares.encode()).kind == "market shares"
    assert targets(store).market_shares == {("Crisps", None): 0.45, ("Crisps", "Rivermill"): 0.25}
    import_figures(owner, shares.replace("45%", "50%").encode())
    assert MarketShare.objects.count() == 2
    assert targets(store).market_shares["Crisps", None] == 0.5
    import_figures(owner, f"store,sku,sales\n{store.code},,1200\n,{one.code},30\n".encode())
    import_figures(owner, f"store,sku,sales\n{store.code},,1300\n".encode())
    assert SalesFigure.objects.count() == 2
    assert (targets(store).store_sales, targets(store).sku_sales) == (1300.0, {one.code: 30.0})
    stock = f"store,sku,day,units\n{store.code},{two.code},2026-11-20,6\n"
    assert import_figures(owner, stock.encode(), dry_run=True).stored == 1
    assert targets(store).stock == {}
    import_figures(owner, stock.encode())
    assert targets(store).stock == {two.code: Stock(6.0, "2026-11-20")}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Nuts,,2026-01-01,0.4", "category: found 'Nuts', which is not known."),
        ("Crisps,Nobody,2026-01-01,0.4", "brand: found 'Nobody', which is not known."),
        ("Crisps,,1 May,0.4", "from: found '1 May', expected a day as 2026-01-31."),
        ("Crisps,,2026-01-01,4", "share: found '4', expected a share such as 0.25 or 25%."),
        ("Crisps,,2026-01-01,much", "share: found 'much', expected a number from 0 to 100."),
    ],
)
def test_rows_that_cannot_be_used_are_left_out_with_a_reason(
    owner: Organisation, store: Store, line: str, why: str
) -> None:
    outcome = import_figures(owner, f"category,brand,from,share\n{line}\nCrisps,,2026-02-01,0.4\n".encode())
    assert outcome.stored == 1
    assert [f"{row.field}: {row.why}" for row in outcome.left] == [why]
    assert outcome.left[0].line == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"a,b\n1,2\n", "found the columns a, b; expected category, from, share"),
        (b'a,"b\n1,2\n', "quotation marks"),
    ],
)
def test_files_that_are_no_figures(owner: Organisation, data: bytes, why: str) -> None:
    with pytest.raises(FiguresFileError, match=why):
        import_figures(owner, data)


def test_the_command_brings_in_figures(
    owner: Organisation, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(f"store,sales\n{store.code},12\nnowhere,3\n")
    call_command("import_figures", file, organisation=owner.slug)
    out = capsys.readouterr().out
    assert "left: line 3, store: found 'nowhere', which is not known." in out
    assert "Stored 1 sales; 1 rows left out." in out
