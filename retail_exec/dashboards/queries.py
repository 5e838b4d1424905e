"""The figures of the overview, all of them from the current assessment of each visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet, prefetch_related_objects
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate, TruncWeek
from django.utils import timezone

from compliance.models import KpiResult, OutOfStock
from compliance.queries import of_whole_visits
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.core.access import visible
from retail_exec.dashboards.filters import MEASURES, SHARES
from retail_exec.reports.queries import current_kpis, current_out_of_stock, pooled
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit

DAILY_UP_TO_DAYS = 31
"""A period of up to this many days is shown by day, a longer one by week."""
AT = "assessment__visit__started_at"


@dataclass(frozen=True)
class Asked:
    """What the overview shows: visits chosen by the filters, and which of their results."""

    membership: Membership
    visits: QuerySet[Visit]
    category: Category | None = None
    brand: Brand | None = None


@dataclass(frozen=True)
class Tile:
    """One number of the overview. value: None when not measurable. why: said instead of a number."""

    key: str
    title: str
    value: float | None
    numerator: float = 0
    denominator: float = 0
    visits: int = 0
    why: str = ""


def results(asked: Asked, measure: str) -> QuerySet[KpiResult]:
    """The KPI rows behind ``measure``: one or more a visit, never two that count the same thing.

    With a category or brand, availability is pooled from its products, and planogram compliance from the bays
    of the category; nobody plans a shelf by brand, so that is empty.
    """
    rows = current_kpis(asked.membership).filter(assessment__visit__in=asked.visits)
    narrowed = asked.category or asked.brand
    if measure in SHARES:
        return of_whole_visits(rows).filter(
            Q(category=asked.category) if asked.category or not asked.brand else Q(category__isnull=False),
            key=measure,
            brand=asked.brand,
        )
    if measure == "osa" and narrowed:
        skus = visible(asked.membership, Sku.objects.all())
        skus = skus.filter(category=asked.category) if asked.category else skus
        skus = skus.filter(brand=asked.brand) if asked.brand else skus
        return rows.filter(key="sku_availability", scope__sku__in=list(skus.values_list("code", flat=True)))
    if asked.brand:
        return rows.none()
    if asked.category:
        return rows.filter(key=measure, bay__category=asked.category)
    return rows.filter(key=measure, scope={})


def pool(asked: Asked, measure: str, *by: str, **annotations: Any) -> list[dict[str, Any]]:
    """The measure by the fields ``by``: value (None when not measurable), numerator, denominator.

    A brand's share is measured against all of the shelf, also in visits that did not see the brand.
    """
    share_of_brand = asked.brand is not None and measure in SHARES
    whole = replace(asked, brand=None) if share_of_brand else asked
    found = [_figures(row) for row in pooled(results(whole, measure).annotate(**annotations), *by)]
    if share_of_brand:
        rows = pooled(results(asked, measure).annotate(**annotations), *by)
        seen = {tuple(row[name] for name in by): row["numerator_sum"] for row in rows}
        for row in found:
            row["numerator"] = seen.get(tuple(row[name] for name in by), 0.0)
            row["value"] = row["numerator"] / row["denominator"] if row["denominator"] else None
    return found


def tiles(asked: Asked) -> list[Tile]:
    """Each measure over all chosen visits."""
    found = []
    for key, title in MEASURES.items():
        total = next(iter(pool(asked, key, "assessment__organisation")), None)
        if total is None:
            why = (
                "Not planned by brand" if asked.brand and key.startswith("planogram") else "Not measured yet"
            )
            found.append(Tile(key, title, None, why=why))
        else:
            found.append(Tile(key, title, total["value"], total["numerator"], total["denominator"]))
    return found


def by(asked: Asked, measure: str, field: str) -> list[dict[str, Any]]:
    """The measure by store, chain or region: also pk and name; best first."""
    path = f"assessment__visit__{field}"
    rows = pool(asked, measure, path, f"{path}__name")
    return _best_first({**row, "pk": row[path], "name": row[f"{path}__name"]} for row in rows)


def by_brand(asked: Asked, measure: str) -> list[dict[str, Any]]:
    """Each brand's share, own and competitors': also pk, name and is_own; best first."""
    whole = next(iter(pool(replace(asked, brand=None), measure, "assessment__organisation")), None)
    if whole is None:
        return []
    narrow = Q(category=asked.category) if asked.category else Q(category__isnull=False)
    rows = of_whole_visits(current_kpis(asked.membership)).filter(
        narrow, assessment__visit__in=asked.visits, key=measure, brand__isnull=False
    )
    total = whole["denominator"]
    return _best_first(
        {
            "pk": row["brand"],
            "name": row["brand__name"],
            "is_own": row["brand__is_own"],
            "value": row["numerator_sum"] / total if total else None,
            "numerator": row["numerator_sum"],
            "denominator": total,
        }
        for row in pooled(rows, "brand", "brand__name", "brand__is_own")
    )


def over_time(asked: Asked) -> dict[str, list[dict[str, Any]]]:
    """Each measure by day or week: {measure: [{"start": date, "value", "numerator", "denominator"}]}."""
    trunc = TruncWeek if span_days(asked) > DAILY_UP_TO_DAYS else TruncDate
    start = trunc("assessment__visit__started_at")
    return {
        key: [{**row, "start": _day(row["start"])} for row in pool(asked, key, "start", start=start)]
        for key in MEASURES
    }


def span_days(asked: Asked) -> int:
    """Days from the first to the last of the chosen visits."""
    ends = asked.visits.order_by().aggregate(first=Min("started_at"), last=Max("started_at"))
    return (ends["last"] - ends["first"]).days if ends["first"] else 0


def latest_visits(asked: Asked) -> QuerySet[Visit]:
    """The newest assessed visit of each store."""
    assessed = asked.visits.filter(assessments__current=True, photos__state="done")
    newest = assessed.order_by("store_id", "-started_at", "-pk").distinct("store_id")
    return Visit.objects.filter(pk__in=newest.values("pk"))


def out_of_stock_now(asked: Asked) -> list[OutOfStock]:
    """What was missing when each store was last looked through for it, longest missing first.

    ``since``: from when. A visit that did not assess a product says nothing of it: it stays missing. One that
    saw it on the shelf ends that, and a later absence counts anew. Inactive products are left out.
    """
    missing = current_out_of_stock(asked.membership).filter(sku__active=True)
    rows = _of_products(asked, missing).filter(assessment__visit__in=asked.visits)
    newest = rows.order_by("assessment__visit__store_id", "sku_id", f"-{AT}", "-assessment_id")
    newest = newest.distinct("assessment__visit__store_id", "sku_id")
    found = list(newest.select_related("sku__brand", "assessment__visit__store__chain"))
    if not found:
        return []
    end = asked.visits.order_by().aggregate(last=Max("started_at"))["last"]
    codes, stores = {row.sku.code for row in found}, {row.assessment.visit.store_id for row in found}
    seen = _last_seen(asked.membership, codes, stores, end)
    now = [row for row in found if (last := seen.get(_place(row))) is None or _moment(row) > last]
    since = _missing_since(missing, now, seen)
    for row in now:
        row.since = since[_place(row)]  # type: ignore[attr-defined]
    prefetch_related_objects(now, "bays")
    return sorted(now, key=lambda row: (row.since, row.sku.name))  # type: ignore[attr-defined]


Seen = dict[tuple[int, str], datetime]
"""Moments by store and SKU code."""


def _place(row: OutOfStock) -> tuple[int, str]:
    return row.assessment.visit.store_id, row.sku.code


def _moment(row: OutOfStock) -> datetime:
    return row.assessment.visit.started_at


def _missing_since(missing: QuerySet[OutOfStock], now: list[OutOfStock], seen: Seen) -> Seen:
    """The first time since it was last seen that each product of ``now`` was missing."""
    before = missing.filter(
        sku__in={row.sku_id for row in now},
        assessment__visit__store__in={row.assessment.visit.store_id for row in now},
    )
    since = {_place(row): _moment(row) for row in now}
    for store, code, at in before.values_list("assessment__visit__store", "sku__code", AT):
        place = (store, code)
        if place in since and ((last := seen.get(place)) is None or at > last):
            since[place] = min(since[place], at)
    return since


def _last_seen(membership: Membership, codes: set[str], stores: set[int], end: datetime) -> Seen:
    """When each product was last seen on the shelf of each store, up to ``end``."""
    rows = current_kpis(membership).filter(
        key="sku_availability",
        numerator__gt=0,
        scope__sku__in=list(codes),
        assessment__visit__store__in=stores,
        assessment__visit__started_at__lte=end,
    )
    latest = rows.annotate(code=KT("scope__sku")).values("code", "assessment__visit__store")
    return {
        (row["assessment__visit__store"], row["code"]): row["at"]
        for row in latest.annotate(at=Max(AT)).order_by()
    }


def _of_products(asked: Asked, rows: QuerySet[OutOfStock]) -> QuerySet[OutOfStock]:
    rows = rows.filter(sku__category=asked.category) if asked.category else rows
    return rows.filter(sku__brand=asked.brand) if asked.brand else rows


@dataclass(frozen=True)
class Need:
    """Why a store should be visited. visit: its newest assessed one, None if there is none."""

    store: Store
    visit: Visit | None
    missing: int
    compliance: float | None
    days: int | None


def needs(asked: Asked, missing: list[OutOfStock], stores: QuerySet[Store]) -> list[Need]:
    """Stores with the most missing products first, then the least kept plan, then the longest unvisited."""
    latest = {visit.store_id: visit for visit in latest_visits(asked)}
    counts: dict[int, int] = {}
    for row in missing:
        counts[row.assessment.visit.store_id] = counts.get(row.assessment.visit.store_id, 0) + 1
    ids = [visit.pk for visit in latest.values()]
    kept = dict(
        current_kpis(asked.membership)
        .filter(key="planogram_strict", scope={}, assessment__visit__in=ids)
        .values_list("assessment__visit", "value")
    )
    today = timezone.localdate()
    found = []
    for store in stores:
        visit = latest.get(store.pk)
        days = (today - timezone.localdate(visit.started_at)).days if visit else None
        found.append(Need(store, visit, counts.get(store.pk, 0), kept.get(visit.pk) if visit else None, days))
    return sorted(found, key=_urgency)


def _urgency(need: Need) -> tuple[int, float, int]:
    never = need.visit is None
    return (
        -(10**6 if never else need.missing),
        1.0 if need.compliance is None else need.compliance,
        -(need.days or 0),
    )


def evidence(asked: Asked, measure: str) -> QuerySet[KpiResult]:
    """The single values that a pooled number is made of, newest first."""
    rows = results(asked, measure).defer("numerator_refs", "denominator_refs")
    related = rows.select_related("assessment__visit__store__chain", "category", "brand", "bay")
    return related.order_by(F("assessment__visit__started_at").desc(), "id")


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "value": row["pooled_value"],
        "numerator": row["numerator_sum"],
        "denominator": row["denominator_sum"],
    }


def _best_first(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0), row["name"]))


def _day(moment: datetime | date) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
