"""The columns of the CSV downloads: name, what it says, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.timezone import localtime

from recognition.models import Facing
from retail_exec.visits.models import Visit


class Column(NamedTuple):
    """One column. value: from the result row to the cell."""

    name: str
    meaning: str
    value: Callable[[Any], Any]


def visit_columns(visit: Callable[[Any], Visit]) -> list[Column]:
    """When and where, for rows that reach their visit by ``visit``."""
    return [
        Column("visit", "Number of the visit.", lambda row: visit(row).pk),
        Column("date", "Day of the visit.", lambda row: localtime(visit(row).started_at).date()),
        Column("store_code", "The store's code.", lambda row: visit(row).store.code),
        Column("store", "The store's name.", lambda row: visit(row).store.name),
        Column("chain", "The store's chain.", lambda row: visit(row).store.chain.name),
        Column("channel", "modern or general trade.", lambda row: visit(row).store.chain.channel),
        Column("region", "The store's region.", lambda row: visit(row).store.region.name),
    ]


def _product(of: Callable[[Any], Any]) -> Callable[[Facing], Any]:
    return lambda facing: of(facing.product) if facing.product else None


def _side(at: int) -> Callable[[Facing], float]:
    return lambda facing: round(facing.box[at], 1)


FACINGS = [
    *visit_columns(lambda facing: facing.run.photo.visit),
    Column("bay", "The bay photographed.", lambda f: f.run.photo.bay.name if f.run.photo.bay else None),
    Column("photo", "Number of the photo.", lambda f: f.run.photo_id),
    Column("index", "Number of the facing on the photo.", lambda f: f.index),
    Column("shelf", "Shelf row, 0 is the top.", lambda f: f.shelf),
    Column("position", "Column on the shelf, 0 is the leftmost.", lambda f: f.position),
    Column("stack", "0 stands on the shelf, 1 on top of it, and so on.", lambda f: f.stack),
    Column(
        "sku", "The product: a person's correction, or else the recogniser's.", _product(lambda p: p.code)
    ),
    Column("gtin", "The product's GTIN, 14 digits.", _product(lambda p: p.gtin)),
    Column("product", "The product's name.", _product(lambda p: p.name)),
    Column("brand", "The product's brand.", _product(lambda p: p.brand.name)),
    Column("own", "1 for an own brand, 0 for a competitor's.", _product(lambda p: int(p.brand.is_own))),
    Column("category", "The product's category.", _product(lambda p: p.category.name)),
    Column("status", "accepted, ambiguous (a close call) or unknown.", lambda f: f.status),
    Column(
        "confidence",
        "Probability that the recognised product is right, 0 to 1.",
        lambda f: round(f.confidence, 4),
    ),
    Column("corrected", "A person's verdict, empty if nobody gave one.", lambda f: f.verdict),
    Column("recognised_sku", "The product before any correction.", lambda f: f.sku.code if f.sku else None),
    Column("by_plan", "1 if the planogram chose among products too close to call.", lambda f: int(f.by_plan)),
    Column("plan_sku", "The product that the planogram chose; it counts as this.", lambda f: f.plan_sku),
    Column(
        "counted",
        "yes if it is in its visit's facing share, else no.",
        lambda f: "yes" if f.counted else "no",
    ),
    *(
        Column(name, f"Box on the photo, pixels: {side}.", _side(at))
        for at, (name, side) in enumerate([("x1", "left"), ("y1", "top"), ("x2", "right"), ("y2", "bottom")])
    ),
    Column("detector", "The model that found it.", lambda f: f.run.detector),
    Column("embedder", "The model that named it.", lambda f: f.run.embedder),
    Column("gallery", "The version of the packshots it was compared with.", lambda f: f.run.gallery),
]

KPIS = [
    *visit_columns(lambda kpi: kpi.assessment.visit),
    Column("kpi", "Key of the KPI, as in its definition.", lambda k: k.key),
    Column(
        "section",
        "Key of the part of the visit: a bay's number, or photo: and the number of a photo without one.",
        lambda k: k.scope.get("bay"),
    ),
    Column("bay", "That part's name: the bay's, or No bay chosen.", lambda k: k.section),
    Column("category", "The category it is about.", lambda k: k.category.name if k.category else None),
    Column("brand", "The brand it is about.", lambda k: k.brand.name if k.brand else None),
    Column("sku", "The code of the product it is about.", lambda k: k.scope.get("sku")),
    Column("promotion", "The promotion it is about.", lambda k: k.scope.get("promotion")),
    Column("value", "Numerator / denominator; empty: not measurable.", lambda k: k.value),
    Column("numerator", "What was counted.", lambda k: k.numerator),
    Column("denominator", "Out of what.", lambda k: k.denominator),
    Column("unit", "share (0 to 1), cm, count or index.", lambda k: k.unit),
    Column("coverage", "Share of the expected shelf that photos saw.", lambda k: k.coverage),
    Column("low", "Lower end of the interval.", lambda k: k.low),
    Column("high", "Upper end of the interval.", lambda k: k.high),
    Column("expected", "Mean of the true value, allowing for recognition errors.", lambda k: k.expected),
    Column("level", "Probability that the interval holds the true value.", lambda k: k.level),
    Column("definition", "Version of the KPI definitions.", lambda k: k.assessment.definition),
    Column("note", "What to know about this value.", lambda k: k.note),
]
FACING_RELATED = [
    "run__photo__visit__store__chain",
    "run__photo__visit__store__region",
    "run__photo__bay",
    *(f"{sku}__{part}" for sku in ("sku", "verdict_sku") for part in ("brand", "category")),
]
KPI_RELATED = [
    "assessment__visit__store__chain",
    "assessment__visit__store__region",
    "bay",
    "category",
    "brand",
]


def _day(at: datetime | None) -> date | None:
    return localtime(at).date() if at else None


TASKS = [
    Column("task", "Number of the task.", lambda task: task.pk),
    Column(
        "state", "open, done (a photo proves it), cannot (be fixed) or withdrawn.", lambda task: task.state
    ),
    Column("finding", "What is wrong with the product.", lambda task: task.finding),
    Column("sku", "The product.", lambda task: task.sku.code),
    Column("product", "The product's name.", lambda task: task.sku.name),
    Column("brand", "The product's brand.", lambda task: task.sku.brand.name),
    Column("store_code", "The store's code.", lambda task: task.store.code),
    Column("store", "The store's name.", lambda task: task.store.name),
    Column("chain", "The store's chain.", lambda task: task.store.chain.name),
    Column("region", "The store's region.", lambda task: task.store.region.name),
    Column("assigned_to", "The auditor last seen in the store.", lambda task: task.assigned_to.email),
    Column("rule", "The rule that asked for it.", lambda task: task.rule.name if task.rule else None),
    Column("opened", "Day it was found.", lambda task: _day(task.opened_at)),
    Column("due", "Day by which it should be put right.", lambda task: task.due_on),
    Column("closed", "Day it was closed.", lambda task: _day(task.closed_at)),
    Column("opened_visit", "Number of the visit that found it.", lambda task: task.opened_by.visit_id),
    Column(
        "closed_visit",
        "Number of the visit that proves it done.",
        lambda task: task.closed_by.visit_id if task.closed_by else None,
    ),
    Column("reason", "Why it cannot be fixed.", lambda task: task.reason),
    Column("note", "A person's or the system's words on it.", lambda task: task.note),
]
SPELLS = [
    Column("store_code", "The store's code.", lambda spell: spell.store.code),
    Column("store", "The store's name.", lambda spell: spell.store.name),
    Column("chain", "The store's chain.", lambda spell: spell.store.chain.name),
    Column("region", "The store's region.", lambda spell: spell.store.region.name),
    Column("sku", "The product.", lambda spell: spell.sku.code),
    Column("product", "The product's name.", lambda spell: spell.sku.name),
    Column("brand", "The product's brand.", lambda spell: spell.sku.brand.name),
    Column("category", "The product's category.", lambda spell: spell.sku.category.name),
    Column("kind", "oos, void or phantom, as last noted.", lambda spell: spell.latest.kind),
    Column("since", "Day of the first visit that missed it.", lambda spell: _day(spell.since)),
    Column("last_missing", "Day of the last visit that missed it.", lambda spell: _day(spell.last_missing)),
    Column("until", "Day it was seen again; empty: still missing.", lambda spell: _day(spell.until)),
    Column("visits", "Visits that missed it.", lambda spell: spell.visits),
    Column("times", "How often it ran out there in the 90 days up to this.", lambda spell: spell.times),
    Column("visit", "Number of the last visit that missed it.", lambda s: s.latest.assessment.visit_id),
]


def _sku_columns() -> list[Column]:
    return [
        Column("sku", "The product.", lambda row: row.sku.code),
        Column("product", "The product's name.", lambda row: row.sku.name),
        Column("brand", "The product's brand.", lambda row: row.sku.brand.name),
        Column("own", "1 for an own brand, 0 for a competitor's.", lambda row: int(row.sku.brand.is_own)),
        Column("category", "The product's category.", lambda row: row.sku.category.name),
    ]


AVAILABILITY = [
    *_sku_columns(),
    Column(
        "stores_expected",
        "Stores that should have it and where a visit could tell.",
        lambda row: row.stores_expected,
    ),
    Column("stores_with", "Those of them that have it.", lambda row: row.stores_with),
    Column("stores_missing", "Those of them that lack it.", lambda row: row.stores_missing),
    Column("osa", "stores_with / stores_expected; empty: not measurable.", lambda row: row.osa),
    Column("osa_low", "Lower end for all stores that should have it, at 90 %.", lambda row: row.osa_low),
    Column("osa_high", "Upper end for all stores that should have it, at 90 %.", lambda row: row.osa_high),
    Column(
        "not_looked_at", "Stores that should have it, of which no visit tells.", lambda row: row.not_looked_at
    ),
    Column("coverage", "stores_expected / (stores_expected + not_looked_at).", lambda row: row.coverage),
    Column("outlets", "Outlets where an own product is expected or stands.", lambda row: row.outlets),
    Column("outlets_with", "Those of them that have it.", lambda row: row.outlets_with),
    Column("distribution", "outlets_with / outlets; empty: not measurable.", lambda row: row.distribution),
    Column(
        "missing_since",
        "Day since when it is missing where it is missing longest.",
        lambda row: _day(row.missing_since),
    ),
    Column(
        "keeps_running_out",
        "Stores where it ran out three times or more in 90 days.",
        lambda row: row.keeps_running_out,
    ),
]
AVAILABILITY_STORES = [
    *_sku_columns(),
    Column("store_code", "The store's code.", lambda place: place.store.code),
    Column("store", "The store's name.", lambda place: place.store.name),
    Column("chain", "The store's chain.", lambda place: place.store.chain.name),
    Column("channel", "modern or general trade.", lambda place: place.store.chain.channel),
    Column("region", "The store's region.", lambda place: place.store.region.name),
    Column("state", "missing, present or not looked at.", lambda place: place.state.value),
    Column("kind", "oos, void or phantom, where it is missing.", lambda p: p.found.kind if p.found else None),
    Column("since", "Day since when it is missing.", lambda place: _day(place.since)),
    Column("times", "How often it ran out there in 90 days, from three times on.", lambda p: p.times or None),
    Column("date", "Day of the visit that missed it last, or else saw it.", lambda p: _day(p.told_at)),
    Column("visit", "Number of that visit.", lambda place: place.visit),
]
SPELL_RELATED = ["store__chain", "store__region", "sku__brand", "sku__category", "latest__assessment"]
TASK_RELATED = [
    "sku__brand",
    "store__chain",
    "store__region",
    "assigned_to",
    "rule",
    "opened_by",
    "closed_by",
]
