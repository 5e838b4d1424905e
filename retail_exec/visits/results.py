"""A visit's KPI values as the screens show them, each with the evidence behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from compliance.kpis.registry import definitions
from compliance.models import Assessment, KpiResult
from recognition.models import Facing, ShelfGap
from retail_exec.catalog.models import Sku
from retail_exec.visits.queries import with_packshot

BROADEST_FIRST = ((), ("category",), ("bay",))
"""Scopes a card may speak of: the whole visit if the KPI has such a value, else by category, else by bay."""
HEADLINES = ("facing_share", "osa", "planogram_strict", "linear_share", "msl_compliance")
"""The KPIs shown first, in this order; the others follow on demand."""


@dataclass(frozen=True)
class Value:
    """One KPI value. about: what of, in words; empty for the whole visit."""

    row: KpiResult
    about: str


@dataclass(frozen=True)
class Card:
    """One KPI of a visit. values: what the card itself shows; details: the same KPI by brand, by bay …"""

    key: str
    title: str
    explanation: str
    values: list[Value]
    details: list[Value]


@dataclass
class ProductEvidence:
    """What one product adds to one side of a KPI.

    weight: in the KPI's unit. places: the facings and gaps seen. notes: what is said of it.
    """

    sku: Sku | None
    code: str
    weight: float = 0
    places: list[Facing | ShelfGap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def cards(assessment: Assessment) -> tuple[list[Card], list[Card]]:
    """A card for each KPI the assessment has: the headlines, and the others in the order of the registry."""
    rows = assessment.kpis.select_related("bay", "category", "brand").defer(
        "numerator_refs", "denominator_refs"
    )
    by_key: dict[str, list[KpiResult]] = {}
    for row in rows.order_by("id"):
        by_key.setdefault(row.key, []).append(row)
    names = product_names(assessment.organisation_id, (row.scope.get("sku") for row in rows))
    found = {
        str(known["key"]): Card(
            str(known["key"]),
            str(known["title"]),
            str(known["explanation"]),
            *_split(by_key[str(known["key"])], names),
        )
        for known in definitions()
        if known["key"] in by_key
    }
    first = [found.pop(key) for key in HEADLINES if key in found]
    return first, list(found.values())


def _split(rows: list[KpiResult], names: dict[str, str]) -> tuple[list[Value], list[Value]]:
    """The values of the broadest scope there is, and all others."""
    values = [Value(row, scope_name(row, names)) for row in rows]
    for scope in BROADEST_FIRST:
        if main := [value for value in values if tuple(sorted(value.row.scope)) == scope]:
            return main, [value for value in values if value not in main]
    return [], values


def product_names(organisation_id: int, codes: Iterable[str | None]) -> dict[str, str]:
    """Names of products by code."""
    wanted = {code for code in codes if code}
    rows = (
        Sku.objects.filter(organisation_id=organisation_id, code__in=wanted) if wanted else Sku.objects.none()
    )
    return {code: name or code for code, name in rows.values_list("code", "name")}


def scope_name(row: KpiResult, names: dict[str, str] | None = None) -> str:
    """What a value is about, in words; empty for the whole visit. names: of products, by code."""
    sku = str(row.scope.get("sku", ""))
    named = [str(part) for part in (row.category, row.brand, row.section) if part]
    named += [(names or {}).get(sku, sku)] if sku else []
    return ", ".join(named) or ", ".join(str(value) for value in row.scope.values())


def evidence(items: Iterable[dict[str, Any]], organisation_id: int) -> list[ProductEvidence]:
    """Evidence lines gathered by product, most weight first. items: as in ``KpiResult.numerator_items``."""
    items = list(items)
    places = _places(items)
    skus = _skus({item["sku"] for item in items if item["sku"]}, organisation_id)
    found: dict[str, ProductEvidence] = {}
    for item in items:
        code = item["sku"] or ""
        product = found.setdefault(code, ProductEvidence(skus.get(code), code))
        product.weight += item["weight"]
        place = places.get(_place_key(item["kind"], item["run"], item["index"]))
        if place is not None:
            product.places.append(place)
        if item["note"] and item["note"] not in product.notes:
            product.notes.append(item["note"])
    return sorted(found.values(), key=lambda product: (-product.weight, product.code))


def places(refs: Iterable[Iterable[Any]], kind: str) -> list[Facing | ShelfGap]:
    """The facings or gaps behind ``[[run id, index]]`` of stored results, those that still exist."""
    items = [{"run": run, "index": index, "kind": kind} for run, index in refs]
    found = _places(items)
    keys = (_place_key(kind, item["run"], item["index"]) for item in items)
    return [found[key] for key in keys if key in found]


def _place_key(kind: object, run: object, index: object) -> tuple[str, str, str]:
    return str(kind), str(run), str(index)


def _places(items: list[dict[str, Any]]) -> dict[tuple[str, str, str], Facing | ShelfGap]:
    """The rows of the items' own runs, by kind, run and index: one query for facings, one for gaps."""
    found: dict[tuple[str, str, str], Facing | ShelfGap] = {}
    for kind, model in (("facing", Facing), ("gap", ShelfGap)):
        runs = {int(item["run"]) for item in items if item["kind"] == kind and item["run"] is not None}
        if runs:
            rows = model._default_manager.filter(run__in=runs)
            for row in rows.select_related("run__photo"):
                found[_place_key(kind, row.run_id, row.index)] = row
    return found


def _skus(codes: set[str], organisation_id: int) -> dict[str, Sku]:
    rows = Sku.objects.filter(organisation_id=organisation_id, code__in=codes).select_related("brand")
    return {sku.code: sku for sku in with_packshot(rows)}
