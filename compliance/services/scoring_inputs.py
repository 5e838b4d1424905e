"""What stores are held against, gathered once for an organisation and then chosen by store and day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property

from compliance.kpis.registry import Options
from compliance.models import KpiDefinitions, MarketShare, Promotion, SalesFigure, Scorecard, StockLevel
from compliance.models.promotions import Applies
from compliance.services.definitions import active_definitions, known_options
from compliance.targets import ElementKind, Pillar, PromotionElement, Stock, Targets
from compliance.targets import Promotion as RunningPromotion
from compliance.targets import Scorecard as Card
from retail_exec.catalog.models import Sku
from retail_exec.stores.models import Store

STOCK_HOLDS = timedelta(days=3)
"""How long a stock figure tells what a store has."""


class ScoringInputs:
    """Options, prices, promotions, market shares, sales, stock and scorecards of one organisation.

    Asks the database for each kind once; stock is asked for by store, or for many by ``load_stock``. Use one
    for a batch of visits and forget it then. definitions: another version than the active one.
    """

    def __init__(self, organisation_id: int, definitions: KpiDefinitions | None = None) -> None:
        self.organisation_id = organisation_id
        self.definitions = definitions or active_definitions(organisation_id)
        self.options: Mapping[str, Options] = known_options(self.definitions.options)
        self._stock: dict[int, list[StockLevel]] = {}

    def for_store(self, store: Store, day: date) -> Targets:
        """What the store is held against on ``day``; ``store.chain`` is looked at."""
        promotions = tuple(
            running
            for promotion, running in self._promotions
            if _holds(promotion, store, day) and (not (only := _pks(promotion.stores)) or store.pk in only)
        )
        prices = dict(self._prices)
        for element in (e for p in promotions for e in p.elements if e.kind is ElementKind.PRICE):
            prices.update(dict.fromkeys(element.skus, element.price or 0.0))
        return Targets(
            prices=prices,
            promotions=promotions,
            market_shares=self._market_shares(day),
            stock=self._stock_of(store, day),
            store_sales=self._sales[0].get(store.pk),
            sku_sales=self._sales[1],
            materials=self._materials,
            scorecard=self._scorecard(store, day),
        )

    def load_stock(self, stores: Iterable[int]) -> None:
        """Fetch the stock of many stores at once."""
        wanted = set(stores) - set(self._stock)
        self._stock.update({store: [] for store in wanted})
        if not self._has_stock or not wanted:
            return
        for level in StockLevel.objects.filter(store__in=wanted).select_related("sku").order_by("day"):
            self._stock[level.store_id].append(level)

    def _stock_of(self, store: Store, day: date) -> dict[str, Stock]:
        self.load_stock([store.pk])
        levels = [level for level in self._stock[store.pk] if day - STOCK_HOLDS <= level.day <= day]
        return {level.sku.code: Stock(level.units, level.day.isoformat()) for level in levels}

    @cached_property
    def _has_stock(self) -> bool:
        return StockLevel.objects.filter(organisation=self.organisation_id).exists()

    @cached_property
    def _prices(self) -> dict[str, float]:
        rows = Sku.objects.filter(organisation=self.organisation_id, price__isnull=False)
        return {code: float(price) for code, price in rows.values_list("code", "price") if price is not None}

    @cached_property
    def _materials(self) -> frozenset[str]:
        rows = Sku.objects.filter(organisation=self.organisation_id, kind=Sku.Kind.MATERIAL)
        return frozenset(rows.values_list("code", flat=True))

    @cached_property
    def _sales(self) -> tuple[dict[int, float], dict[str, float]]:
        """Sales by store and by SKU code."""
        rows = SalesFigure.objects.filter(organisation=self.organisation_id).select_related("sku")
        stores = {row.store_id: row.sales for row in rows if row.store_id is not None}
        return stores, {row.sku.code: row.sales for row in rows if row.sku is not None}

    @cached_property
    def _shares(self) -> list[MarketShare]:
        rows = MarketShare.objects.filter(organisation=self.organisation_id)
        return list(rows.select_related("category", "brand").order_by("effective_from"))

    def _market_shares(self, day: date) -> dict[tuple[str, str | None], float]:
        """The newest figure of each category and brand; rows come in the order of their days."""
        return {
            (row.category.name, row.brand.name if row.brand else None): row.share
            for row in self._shares
            if row.effective_from <= day
        }

    @cached_property
    def _promotions(self) -> list[tuple[Promotion, RunningPromotion]]:
        rows = Promotion.objects.filter(organisation=self.organisation_id).order_by("effective_from", "pk")
        rows = rows.prefetch_related("chains", "regions", "stores", "elements__skus")
        return [(row, _promotion(row)) for row in rows]

    @cached_property
    def _scorecards(self) -> list[tuple[Scorecard, Card]]:
        rows = Scorecard.objects.filter(organisation=self.organisation_id)
        rows = rows.prefetch_related("chains", "regions", "pillars")
        return [(row, _scorecard(row)) for row in rows]

    def _scorecard(self, store: Store, day: date) -> Card | None:
        """The scorecard in force: the one for the fewest stores, of those the latest to start or come in."""
        mine = [(row, card) for row, card in self._scorecards if _holds(row, store, day) and card.pillars]
        if not mine:
            return None
        return max(
            mine, key=lambda pair: (_closeness(pair[0]), pair[0].effective_from or date.min, pair[0].pk)
        )[1]


def _holds(row: Applies, store: Store, day: date) -> bool:
    chains, regions = _pks(row.chains), _pks(row.regions)
    return (
        (not row.effective_from or row.effective_from <= day)
        and (not row.effective_to or day <= row.effective_to)
        and (not chains or store.chain_id in chains)
        and (not regions or store.region_id in regions)
        and (not row.channel or row.channel == store.chain.channel)
    )


def _closeness(row: Applies) -> tuple[bool, bool, bool]:
    """Chain over region over channel, as a chain is the narrowest."""
    return bool(_pks(row.chains)), bool(_pks(row.regions)), bool(row.channel)


def _pks(rows: object) -> set[int]:
    """Ids of prefetched rows."""
    return {row.pk for row in rows.all()}  # type: ignore[attr-defined]


def _promotion(row: Promotion) -> RunningPromotion:
    elements = tuple(
        PromotionElement(
            kind=ElementKind(element.kind),
            name=str(element),
            skus=frozenset(sku.code for sku in element.skus.all()),
            facings=element.facings,
            bay=element.bay,
            price=None if element.price is None else float(element.price),
            text=element.text,
        )
        for element in row.elements.all()
    )
    return RunningPromotion(str(row.pk), row.name, elements)


def _scorecard(row: Scorecard) -> Card:
    pillars = tuple(Pillar(p.kpi, p.weight, p.target) for p in row.pillars.all())
    return Card(row.name, row.version, pillars, row.proportional)
