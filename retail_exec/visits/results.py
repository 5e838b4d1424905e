"""A visit's KPI values as the screens show them, each with the evidence behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from compliance.kpis.registry import definitions
from compliance.models import Assessment, KpiResult
from recognition.models import Facing, PriceTag, ShelfGap
from retail_exec.catalog.models import Sku
from retail_exec.visits.queries import with_packshot

Place = Facing | ShelfGap | PriceTag
KINDS: dict[str, type[Place]] = {"facing": Facing, "gap": ShelfGap, "tag": PriceTag}
"""What a line of evidence may show, by its kind."""
BROADEST_FIRST = ((), ("category",), ("bay",))
"""Scopes a card may speak of: the whole visit if the KPI has such a value, else by category, else by bay."""
PAIRS = {
    "planogram_strict": ("Strict", "planogram_lenient", "Lenient"),
    "price_compliance": ("Right price", "price_readable", "Readable tags"),
}
"""KPIs that are told side by side: the second on the card of the first, each with its word."""
COVERAGE_WORDS = {"promo_compliance": "Photos tell of", "perfect_store": "Assessed, by weight:"}
"""Where coverage is not the part of the expected shelf that photos saw."""
HEADLINES = (
    "perfect_store",
    "facing_share",
    "osa",
    "planogram_strict",
    "linear_share",
    "msl_compliance",
    "promo_compliance",
    "price_compliance",
)
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

    @property
    def coverage_word(self) -> str:
        """What is said before its coverage; empty for the usual words."""
        return COVERAGE_WORDS.get(self.key, "")


@dataclass
class ProductEvidence:
    """What one product, or one pillar of a scorecard, adds to one side of a KPI.

    weight: in the KPI's unit. places: the facings, gaps and price tags seen. notes: what is said of it. kpi:
    the value that a pillar stands for, named by ``code``.
    """

    sku: Sku | None
    code: str
    weight: float = 0
    places: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kpi: KpiResult | None = None


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
    for key, (word, other, other_word) in PAIRS.items():
        if key in found and other in found:
            beside, values = found.pop(other), found[key].values
            found[key].values[:] = [replace(value, about=_named(word, value)) for value in values]
            found[key].values.extend(replace(v, about=_named(other_word, v)) for v in beside.values)
            found[key].details.extend(replace(v, about=_named(other_word, v)) for v in beside.details)
    first = [found.pop(key) for key in HEADLINES if key in found]
    return first, list(found.values())


def _named(word: str, value: Value) -> str:
    return f"{word}, {value.about}" if value.about else word


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


def evidence(
    items: Iterable[dict[str, Any]], organisation_id: int, pillars: Iterable[KpiResult] = ()
) -> list[ProductEvidence]:
    """Evidence lines gathered by product, most weight first. items: as in ``KpiResult.numerator_items``.

    pillars: the values of whole visits that lines may stand for.
    """
    items = list(items)
    by_key = {row.key: row for row in pillars}
    places = _places(items)
    skus = _skus({item["sku"] for item in items if item["sku"]}, organisation_id)
    found: dict[tuple[str, str], ProductEvidence] = {}
    for item in items:
        code = item["sku"] or ""
        pillar = by_key.get(item["kpi"])
        product = found.setdefault((code, item["kpi"]), ProductEvidence(skus.get(code), code, kpi=pillar))
        product.weight += item["weight"]
        place = places.get(_place_key(item["kind"], item["run"], item["index"]))
        if place is not None:
            product.places.append(place)
        if item["note"] and item["note"] not in product.notes:
            product.notes.append(item["note"])
    return sorted(found.values(), key=lambda product: (-product.weight, product.code))


def places(refs: Iterable[Iterable[Any]], kind: str) -> list[Place]:
    """The facings, gaps or price tags behind ``[[run id, index]]`` of stored results, if they still exist."""
    items = [{"run": run, "index": index, "kind": kind} for run, index in refs]
    found = _places(items)
    keys = (_place_key(kind, item["run"], item["index"]) for item in items)
    return [found[key] for key in keys if key in found]


def _place_key(kind: object, run: object, index: object) -> tuple[str, str, str]:
    return str(kind), str(run), str(index)


def _places(items: list[dict[str, Any]]) -> dict[tuple[str, str, str], Place]:
    """The rows of the items' own runs, by kind, run and index: one query a kind that there is."""
    found: dict[tuple[str, str, str], Place] = {}
    for kind, model in KINDS.items():
        runs = {int(item["run"]) for item in items if item["kind"] == kind and item["run"] is not None}
        if runs:
            rows = model._default_manager.filter(run__in=runs)
            for row in rows.select_related("run__photo"):
                found[_place_key(kind, row.run_id, row.index)] = row
    return found


def _skus(codes: set[str], organisation_id: int) -> dict[str, Sku]:
    rows = Sku.objects.filter(organisation_id=organisation_id, code__in=codes).select_related("brand")
    return {sku.code: sku for sku in with_packshot(rows)}
