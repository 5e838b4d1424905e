"""What is out of stock, since when, and what keeps coming back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from compliance.models import OutOfStock, Spell
from retail_exec.catalog.models import Sku
from retail_exec.core.access import visible
from retail_exec.dashboards.queries import Asked, ends_of
from retail_exec.reports.queries import REPEATS, REPEATS_IN_DAYS
from retail_exec.stores.models import Store


@dataclass(frozen=True)
class Repeat:
    """A product that keeps running out in a store. times: spells that began then. now: one goes on."""

    sku: Sku
    store: Store
    times: int
    now: bool
    last: datetime


def spells(asked: Asked) -> QuerySet[Spell]:
    """The spells of the chosen places and products, of any time. Inactive products are left out."""
    rows = visible(asked.membership, Spell.objects.filter(sku__active=True))
    rows = rows.filter(**asked.places())
    for name in ("category", "brand"):
        if value := getattr(asked, name):
            rows = rows.filter(**{f"sku__{name}": value})
    if auditor := asked.chosen.get("auditor"):
        rows = rows.filter(latest__assessment__visit__auditor=auditor)
    return rows.filter(sku=asked.sku) if asked.sku else rows


def out_of_stock_now(asked: Asked) -> list[OutOfStock]:
    """What was missing when each store was last looked through for it, longest missing first.

    ``since``: from when. A visit that did not assess a product says nothing of it: it stays missing. One that
    saw it on the shelf ends that, and a later absence counts anew. Inactive products are left out. With a
    period, all is as at its end, and missing is what a visit within it missed.
    """
    start, end = ends_of(asked)
    rows = spells(asked).filter(Q(until=None) | Q(until__gte=end), since__lt=end, last_missing__gte=start)
    related = ("latest__sku__brand", "latest__assessment__visit__store__chain", "sku")
    open_then = list(rows.select_related(*related))
    found = [_at(spell, spell.latest) for spell in open_then if spell.last_missing < end]
    found += _earlier([spell for spell in open_then if spell.last_missing >= end], start, end)
    prefetch_related_objects(found, "bays")
    return sorted(found, key=lambda row: (row.since, row.sku.name))  # type: ignore[attr-defined]


def repeats(asked: Asked) -> list[Repeat]:
    """Products that ran out in a store again and again in the days before the period's end, worst first."""
    _, end = ends_of(asked)
    end = min(end, timezone.now() + timedelta(days=1))
    rows = spells(asked).filter(since__gte=end - timedelta(days=REPEATS_IN_DAYS), since__lt=end)
    often = (
        rows.order_by()
        .values("store", "sku")
        .annotate(
            times=Count("pk"),
            open=Count("pk", filter=Q(until=None) | Q(until__gte=end)),
            last=Max("since"),
        )
    )
    found = list(often.filter(times__gte=REPEATS))
    stores = Store.objects.select_related("chain").in_bulk([row["store"] for row in found])
    skus = Sku.objects.select_related("brand").in_bulk([row["sku"] for row in found])
    repeats = [
        Repeat(skus[row["sku"]], stores[row["store"]], row["times"], bool(row["open"]), row["last"])
        for row in found
    ]
    return sorted(repeats, key=lambda row: (-row.times, not row.now, row.sku.name, row.store.name))


def _at(spell: Spell, row: OutOfStock) -> OutOfStock:
    row.since = spell.since  # type: ignore[attr-defined]
    return row


def _earlier(open_then: list[Spell], start: date, end: date) -> list[OutOfStock]:
    """What noted those spells last before ``end``, where that was after ``start``."""
    if not open_then:
        return []
    rows = OutOfStock.objects.filter(
        assessment__current=True,
        sku__in={spell.sku_id for spell in open_then},
        assessment__visit__store__in={spell.store_id for spell in open_then},
        assessment__visit__started_at__gte=start,
        assessment__visit__started_at__lt=end,
    )
    newest = rows.order_by(
        "assessment__visit__store_id", "sku_id", "-assessment__visit__started_at", "-assessment_id"
    ).distinct("assessment__visit__store_id", "sku_id")
    by_place = {
        (row.assessment.visit.store_id, row.sku_id): row
        for row in newest.select_related("sku__brand", "assessment__visit__store__chain")
    }
    pairs = ((spell, by_place.get((spell.store_id, spell.sku_id))) for spell in open_then)
    return [_at(spell, row) for spell, row in pairs if row and row.assessment.visit.started_at >= spell.since]
