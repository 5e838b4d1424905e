"""Availability and numeric distribution by product: in how many stores it stands, and where it is missing.

Each store counts once for a product, as the last visit that could tell found it; a store that no visit could
tell of is not looked at and on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.utils import timezone

from compliance.kpis.population import StoreValue, population_interval
from compliance.models import KpiResult, OutOfStock, SkuFact, SkuRollup
from compliance.services.expected import stores_expecting
from retail_exec.catalog.models import Sku
from retail_exec.core.access import visible
from retail_exec.dashboards.filters import DEFAULT_ORDER
from retail_exec.dashboards.missing import Repeat, out_of_stock_now, repeats
from retail_exec.dashboards.queries import Asked, stores
from retail_exec.stores.models import Store

ON_THE_SHELF = ("distribution", "sku_availability")
"""KPIs whose evidence shows a product on the shelf: wherever an own one stands; wherever one is expected."""


@dataclass(frozen=True)
class Availability:
    """One product over the chosen stores.

    expected_in: ids of the stores that should have it and where a visit could tell. outlets_in: those and the
    ones that have it unasked; only of own products. not_looked_in: stores that should have it, of which no
    visit tells. missing: what each store without it noted last, longest missing first. repeats: where it
    keeps running out.
    """

    sku: Sku
    expected_in: frozenset[int]
    outlets_in: frozenset[int]
    not_looked_in: frozenset[int]
    missing: tuple[OutOfStock, ...]
    repeats: tuple[Repeat, ...]

    @property
    def stores_expected(self) -> int:
        """Stores that should have it and where a visit could tell."""
        return len(self.expected_in)

    @property
    def stores_missing(self) -> int:
        """Those of them that lack it."""
        return len(self.missing)

    @property
    def stores_with(self) -> int:
        """Those of them that have it."""
        return self.stores_expected - self.stores_missing

    @property
    def osa(self) -> float | None:
        """Stores with it / stores where it is expected; None: not measurable."""
        return self.stores_with / self.stores_expected if self.stores_expected else None

    @property
    def outlets(self) -> int:
        """Outlets where an own product is expected or stands."""
        return len(self.outlets_in)

    @property
    def outlets_with(self) -> int:
        """Those of them that have it."""
        return self.outlets - self.stores_missing if self.outlets else 0

    @property
    def distribution(self) -> float | None:
        """Outlets that have it / relevant outlets; None: not measurable, or another's product."""
        return self.outlets_with / self.outlets if self.outlets else None

    @property
    def not_looked_at(self) -> int:
        """Stores that should have it, of which no visit tells."""
        return len(self.not_looked_in)

    @property
    def coverage(self) -> float | None:
        """The part of the stores that should have it of which visits tell."""
        every = self.stores_expected + self.not_looked_at
        return self.stores_expected / every if every else None

    @property
    def osa_low(self) -> float | None:
        """Lower end of where the availability in all stores that should have it lies, with 90 %."""
        return self._likely[0] if self._likely else None

    @property
    def osa_high(self) -> float | None:
        """Upper end of it."""
        return self._likely[1] if self._likely else None

    @cached_property
    def _likely(self) -> tuple[float, float] | None:
        values = [StoreValue(1, 1)] * self.stores_with + [StoreValue(0, 1)] * self.stores_missing
        return population_interval(values, self.stores_expected + self.not_looked_at)

    @property
    def missing_since(self) -> datetime | None:
        """Since when it is missing where it is missing longest."""
        return since(self.missing[0]) if self.missing else None

    @property
    def keeps_running_out(self) -> int:
        """In how many stores."""
        return len(self.repeats)


class State(StrEnum):
    """How a product stands in a store."""

    MISSING = "missing"
    PRESENT = "present"
    NOT_LOOKED = "not looked at"


@dataclass(frozen=True)
class Place:
    """A product in a store. found: what the last visit that missed it noted. times: how often it ran out
    there in the 90 days before the period's end, if often. told_at, visit, assessment: the last that missed
    it, or else that saw it."""

    sku: Sku
    store: Store
    state: State
    found: OutOfStock | None = None
    times: int = 0
    told_at: datetime | None = None
    visit: int | None = None
    assessment: int | None = None

    @property
    def since(self) -> datetime | None:
        """Since when it is missing."""
        return since(self.found) if self.found else None


def since(row: OutOfStock) -> datetime:
    """When the spell began that ``out_of_stock_now`` found."""
    moment: datetime = row.since  # type: ignore[attr-defined]
    return moment


def by_product(asked: Asked, order: str = DEFAULT_ORDER) -> list[Availability]:
    """Every active product that is expected somewhere, or is own and stands somewhere.

    order: of ``filters.ORDERS``.
    """
    missing = _by_sku(out_of_stock_now(asked))
    often = _by_sku(repeats(asked))
    told = {row["sku"]: row for row in _told(asked)}
    expecting = _expecting(asked)
    rows = []
    for sku in _products(asked):
        gone = tuple(missing.get(sku.pk, ()))
        seen = told.get(sku.pk, {})
        lacking = {row.assessment.visit.store_id for row in gone}
        expected = frozenset(seen.get("expected_in") or ()) | lacking
        outlets = expected | frozenset(seen.get("seen_in") or ()) if sku.brand.is_own else frozenset()
        not_looked = frozenset(expecting.get(sku.code, ())) - expected - frozenset(outlets)
        if expected or outlets or not_looked:
            rows.append(Availability(sku, expected, outlets, not_looked, gone, tuple(often.get(sku.pk, ()))))
    return sorted(rows, key=_keys(order))


def places(asked: Asked, rows: Sequence[Availability]) -> Iterator[Place]:
    """The stores of each product: those without it, longest missing first; those that have it; those that no
    visit tells of. A few queries for all."""
    by_id = {store.pk: store for store in sorted(stores(asked), key=_store_name)}
    seen = _last_seen(asked, rows)
    for row in rows:
        times = {repeat.store.pk: repeat.times for repeat in row.repeats}
        lacking = set()
        for gone in row.missing:
            visit = gone.assessment.visit
            lacking.add(visit.store_id)
            told = (times.get(visit.store_id, 0), visit.started_at, visit.pk, gone.assessment_id)
            yield Place(row.sku, by_id[visit.store_id], State.MISSING, gone, *told)
        having = (row.expected_in | row.outlets_in) - lacking
        for pk, store in by_id.items():
            if pk in having:
                told_of = seen.get((row.sku.pk, pk), (None, None, None))
                yield Place(row.sku, store, State.PRESENT, None, times.get(pk, 0), *told_of)
        for pk, store in by_id.items():
            if pk in row.not_looked_in:
                yield Place(row.sku, store, State.NOT_LOOKED)


def proofs(sku: Sku, shown: Iterable[Place]) -> dict[int, int]:
    """By assessment, the KPI value that opens the crops of the product on the shelf."""
    assessments = [place.assessment for place in shown if place.state is State.PRESENT]
    values = KpiResult.objects.filter(
        assessment__in=assessments, key__in=ON_THE_SHELF, scope__sku=sku.code, numerator__gt=0
    )
    return dict(values.order_by("key").values_list("assessment_id", "pk"))


def _products(asked: Asked) -> Iterable[Sku]:
    rows = visible(asked.membership, Sku.objects.filter(active=True))
    chosen = {name: value for name in ("category", "brand") if (value := getattr(asked, name))}
    rows = rows.filter(**chosen)
    return (rows.filter(pk=asked.sku.pk) if asked.sku else rows).select_related("brand", "category")


def _told(asked: Asked) -> Iterable[Any]:
    """By product, the stores where it was expected and a visit could tell, and where it was seen."""
    rows = visible(asked.membership, SkuRollup.objects.filter(**asked.cells()))
    if asked.sku:
        rows = rows.filter(sku=asked.sku)
    expected, seen = Q(expected__gt=0) | Q(missing__gt=0), Q(facings__gt=0) | Q(present__gt=0)
    return (
        rows.order_by()
        .values("sku")
        .annotate(
            expected_in=ArrayAgg("store", filter=expected, distinct=True),
            seen_in=ArrayAgg("store", filter=seen, distinct=True),
        )
    )


def _expecting(asked: Asked) -> dict[str, set[int]]:
    """What the lists and planograms of the period's last day expect, today's when it is not over."""
    today = timezone.localdate()
    last: date = min(asked.chosen.get("date_to") or today, today)
    return stores_expecting(asked.membership.organisation_id, stores(asked), last)


def _last_seen(asked: Asked, rows: Sequence[Availability]) -> dict[tuple[int, int], tuple[Any, ...]]:
    """By product and store, the last visit that saw it: when, its id, and its assessment's."""
    visit = "assessment__visit"
    facts = SkuFact.objects.filter(
        Q(present__gt=0) | Q(facings__gt=0),
        assessment__current=True,
        assessment__visit__in=asked.visits,
        sku__in=[row.sku.pk for row in rows],
    )
    newest = facts.order_by("sku_id", f"{visit}__store_id", f"-{visit}__started_at", "-assessment_id")
    found = newest.distinct("sku_id", f"{visit}__store_id").values_list(
        "sku_id", f"{visit}__store_id", f"{visit}__started_at", f"{visit}_id", "assessment_id"
    )
    return {(sku, store): tuple(told) for sku, store, *told in found}


def _by_sku(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.sku.pk, []).append(row)
    return found


def _keys(order: str) -> Any:
    """How the products are put in order; a name settles what is equal."""

    def key(row: Availability) -> tuple[Any, ...]:
        name = (row.sku.name or row.sku.code).casefold()
        osa = 2.0 if row.osa is None else row.osa
        longest = row.missing_since.timestamp() if row.missing_since else float("inf")
        first: dict[str, tuple[float, ...]] = {
            "missing": (-len(row.missing), osa),
            "osa": (osa, -len(row.missing)),
            "since": (longest,),
            "repeats": (-len(row.repeats), -len(row.missing)),
        }
        return *first.get(order, ()), name, row.sku.pk

    return key


def _store_name(store: Store) -> tuple[str, int]:
    return store.name.casefold(), store.pk
