"""The figures of the overview, read from the roll-ups: one small row a store, day and product or KPI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek

from compliance.models import KpiRollup, SkuRollup
from retail_exec.accounts.models import User
from retail_exec.core.access import visible
from retail_exec.dashboards.filters import MEASURES, SHARES
from retail_exec.dashboards.queries import Asked
from retail_exec.stores.models import Bay, Channel

DAILY_UP_TO_DAYS, WEEKLY_UP_TO_DAYS = 31, 370
"""A period of up to this many days is shown by day, up to that by week, a longer one by month."""
PATHS = {
    "store": ("store", "store__name"),
    "chain": ("store__chain", "store__chain__name"),
    "region": ("store__region", "store__region__name"),
    "channel": ("store__chain__channel", "store__chain__channel"),
    "auditor": ("auditor", "auditor"),
}
"""Of the places a measure is split by: what tells them apart, and their name."""
SKU_FIELD = {"facing_share": "facings", "linear_share": "width"}
Row = dict[str, Any]


def cells(asked: Asked, model: type[Model]) -> QuerySet[Any]:
    """The sums that the member may see, of the chosen places and days."""
    return visible(asked.membership, model._default_manager.all()).filter(**asked.cells())


def pool(asked: Asked, measure: str, *by: str, **annotations: Any) -> list[Row]:
    """The measure by the fields ``by`` of the sums: value (None when not measurable), numerator, denominator.

    A brand's or product's share is measured against all of the shelf, also where it was not seen.
    """
    part = asked.brand is not None or asked.sku is not None
    if not (part and measure in SHARES):
        rows, above, below = source(asked, measure)
        return _sums(rows.annotate(**annotations), by, above, below)
    whole = pool(replace(asked, brand=None, sku=None), measure, *by, **annotations)
    rows, above, below = source(asked, measure)
    seen = {_key(row, by): row["numerator"] for row in _sums(rows.annotate(**annotations), by, above, below)}
    return [_with(row, seen.get(_key(row, by), 0.0), row["denominator"]) for row in whole]


def by(asked: Asked, measure: str, dimension: str) -> list[Row]:
    """The measure by one of ``DIMENSIONS``: also pk and name, is_own of brands and products; best first."""
    if dimension in PATHS:
        path, name = PATHS[dimension]
        found = pool(asked, measure, *dict.fromkeys((path, name)))
        return _best_first(_named(found, path, name, dimension))
    return _best_first(
        {"category": _by_category, "brand": _by_brand, "sku": _by_sku}[dimension](asked, measure)
    )


def over_time(asked: Asked, step: str) -> dict[str, list[Row]]:
    """Each measure by "day", "week" or "month": {measure: [{"start": date, "value", ...}]}."""
    trunc = {"week": TruncWeek("day"), "month": TruncMonth("day")}.get(step)
    if trunc is None:
        return {key: _starting(pool(asked, key, "day"), "day") for key in MEASURES}
    return {key: _starting(pool(asked, key, "start", start=trunc), "start") for key in MEASURES}


def step_of(days: int) -> str:
    """What a period of so many days is split into."""
    return "day" if days <= DAILY_UP_TO_DAYS else "week" if days <= WEEKLY_UP_TO_DAYS else "month"


def source(asked: Asked, measure: str) -> tuple[QuerySet[Any], str, str]:
    """The sums behind a measure, and the fields of their two sides."""
    if measure in SHARES and asked.sku is not None:
        return cells(asked, SkuRollup).filter(sku=asked.sku), SKU_FIELD[measure], SKU_FIELD[measure]
    if measure == "osa" and (asked.category or asked.brand or asked.sku):
        return _of_products(asked, cells(asked, SkuRollup)), "present", "expected"
    rows = cells(asked, KpiRollup).filter(key=measure)
    if measure in SHARES:
        by_category = Q(category__isnull=asked.brand is None)
        category = Q(category=asked.category) if asked.category else by_category
        brand = Q(brand=asked.brand) if asked.brand else Q(brand=None)
        return rows.filter(category, brand, bay=0), "numerator", "denominator"
    if asked.brand or asked.sku:
        return rows.none(), "numerator", "denominator"
    if asked.category:
        rows = rows.filter(bay__in=Bay.objects.filter(category=asked.category).values("pk"))
    else:
        rows = rows.filter(bay=0, category=None, brand=None)
    return rows, "numerator", "denominator"


def _of_products(asked: Asked, rows: QuerySet[Any]) -> QuerySet[Any]:
    for name in ("category", "brand"):
        if value := getattr(asked, name):
            rows = rows.filter(**{f"sku__{name}": value})
    return rows.filter(sku=asked.sku) if asked.sku else rows


def _sums(rows: QuerySet[Any], by: Iterable[str], above: str, below: str) -> list[Row]:
    by = list(by)
    grouped = rows.order_by().values(*by) if by else rows.order_by().values("organisation")
    found = grouped.annotate(above=Sum(above), below=Sum(below))
    return [_with(row, float(row["above"]), float(row["below"])) for row in found]


def _with(row: Mapping[str, Any], above: float, below: float) -> Row:
    return {**row, "numerator": above, "denominator": below, "value": above / below if below else None}


def _key(row: Mapping[str, Any], by: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in by)


def _named(rows: list[Row], path: str, name: str, dimension: str) -> Iterable[Row]:
    names: dict[Any, str] = {}
    if dimension == "channel":
        names = {value: str(label) for value, label in Channel.choices}
    elif dimension == "auditor":
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=[row[path] for row in rows])}
    return [{**row, "pk": row[path], "name": names.get(row[path], row[name])} for row in rows]


def _by_category(asked: Asked, measure: str) -> Iterable[Row]:
    if measure == "osa" or asked.sku:
        rows, above, below = source(asked, measure)
        if above == "numerator":
            rows, above, below = _of_products(asked, cells(asked, SkuRollup)), "present", "expected"
        path, name = "sku__category", "sku__category__name"
    elif measure in SHARES:
        rows, above, below = cells(asked, KpiRollup), "numerator", "denominator"
        rows = rows.filter(key=measure, bay=0, brand=asked.brand, category__isnull=False)
        path, name = "category", "category__name"
    else:
        return _plans_by_category(asked, measure)
    rows = rows.filter(**{path: asked.category}) if asked.category else rows
    return [{**row, "pk": row[path], "name": row[name]} for row in _sums(rows, (path, name), above, below)]


def _plans_by_category(asked: Asked, measure: str) -> Iterable[Row]:
    if asked.brand:
        return []
    rows = cells(asked, KpiRollup).filter(key=measure, bay__gt=0, category=None, brand=None)
    mine = visible(asked.membership, Bay.objects.filter(category__isnull=False))
    category = {bay.pk: bay.category for bay in mine.select_related("category")}
    found: dict[int, Row] = {}
    for row in _sums(rows, ("bay",), "numerator", "denominator"):
        of = category.get(row["bay"])
        if of is not None and asked.category in (None, of):
            known = found.get(of.pk, {"pk": of.pk, "name": of.name, "numerator": 0.0, "denominator": 0.0})
            above, below = known["numerator"] + row["numerator"], known["denominator"] + row["denominator"]
            found[of.pk] = _with(known, above, below)
    return found.values()


def _by_brand(asked: Asked, measure: str) -> Iterable[Row]:
    if measure not in SHARES:
        return _by_product(asked, measure, "sku__brand", "sku__brand__name", "sku__brand__is_own")
    rows = cells(asked, KpiRollup).filter(key=measure, bay=0, brand__isnull=False)
    rows = rows.filter(category=asked.category) if asked.category else rows.filter(category__isnull=False)
    rows = rows.filter(brand=asked.brand) if asked.brand else rows
    total = _whole(asked, measure)
    found = _sums(rows, ("brand", "brand__name", "brand__is_own"), "numerator", "denominator")
    return [
        _with(
            {"pk": row["brand"], "name": row["brand__name"], "is_own": row["brand__is_own"]},
            row["numerator"],
            total,
        )
        for row in found
    ]


def _by_sku(asked: Asked, measure: str) -> Iterable[Row]:
    if measure not in SHARES:
        return _by_product(asked, measure, "sku", "sku__name", "sku__brand__is_own", "sku__code")
    field = SKU_FIELD[measure]
    rows = _of_products(asked, cells(asked, SkuRollup))
    found = _sums(rows, ("sku", "sku__name", "sku__code", "sku__brand__is_own"), field, field)
    total = _whole(asked, measure)
    return [
        _with(
            {
                "pk": row["sku"],
                "name": row["sku__name"] or row["sku__code"],
                "is_own": row["sku__brand__is_own"],
            },
            row["numerator"],
            total,
        )
        for row in found
        if row["numerator"]
    ]


def _by_product(asked: Asked, measure: str, path: str, name: str, own: str, *spare: str) -> Iterable[Row]:
    """Availability by a field of the products; nothing else is known of single products. spare: what names a
    row without a name."""
    if measure != "osa":
        return []
    rows = _of_products(asked, cells(asked, SkuRollup)).filter(expected__gt=0)
    found = _sums(rows, (path, name, own, *spare), "present", "expected")
    names = (name, *spare)
    return [
        {**row, "pk": row[path], "name": next(filter(None, map(row.get, names)), ""), "is_own": row[own]}
        for row in found
    ]


def _whole(asked: Asked, measure: str) -> float:
    return sum(row["denominator"] for row in pool(replace(asked, brand=None, sku=None), measure))


def _starting(rows: list[Row], name: str) -> list[Row]:
    return sorted(({**row, "start": row[name]} for row in rows), key=_start)


def _start(row: Row) -> date:
    start: date = row["start"]
    return start


def _best_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0), row["name"]))
