"""Bringing in market shares, sales and stock from a CSV file; which of them it is, its columns tell."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model

from compliance.importers.values import LeftRow, PlanogramFileError, decode, read_rows
from compliance.models import MarketShare, SalesFigure, StockLevel
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.stores.models import Store


class FiguresFileError(ValueError):
    """The file cannot be read at all; the text says what was found and expected."""


@dataclass(frozen=True)
class FiguresImport:
    """kind: market shares, sales or stock. stored: rows new or changed. left: rows left out, and why."""

    kind: str
    stored: int
    left: list[LeftRow]


class _Bad(Exception):
    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


Row = dict[str, str]


@dataclass(frozen=True)
class _Kind:
    """A kind of figures. columns: the needed ones. key: fields that name a figure. unique: of its
    constraint. value: the figure's."""

    name: str
    columns: tuple[str, ...]
    model: type[Model]
    key: tuple[str, ...]
    unique: tuple[str, ...]
    value: str
    read: Callable[[_Names, Row], dict[str, Any]]


@transaction.atomic
def import_figures(organisation: Organisation, data: bytes, dry_run: bool = False) -> FiguresImport:
    """Store the figures; the same category, store, SKU and day again replaces what was there.

    Raises FiguresFileError for an empty file, broken quoting or columns of none of the kinds.
    """
    try:
        lines = list(read_rows(decode(data)))
    except PlanogramFileError as error:
        raise FiguresFileError(str(error)) from error
    if not lines:
        raise FiguresFileError("the file is empty.")
    header = [cell.strip().lower().replace(" ", "_") for cell in lines[0][1]]
    kind = _kind(header)
    names = _Names(organisation)
    left: list[LeftRow] = []
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line, cells in lines[1:]:
        try:
            values = kind.read(names, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        except _Bad as bad:
            left.append(LeftRow(line, bad.field, bad.why))
            continue
        found[tuple(values[name] for name in kind.key)] = values
    if not dry_run:
        kind.model._default_manager.bulk_create(
            [kind.model(organisation=organisation, **values) for values in found.values()],
            update_conflicts=True,
            unique_fields=kind.unique,
            update_fields=[kind.value],
            batch_size=2000,
        )
    return FiguresImport(kind.name, len(found), left)


class _Names:
    """What a file's names mean in one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self.categories = {c.name.casefold(): c for c in Category.objects.filter(organisation=organisation)}
        self.brands = {b.name.casefold(): b for b in Brand.objects.filter(organisation=organisation)}
        self.skus = {s.code: s for s in Sku.objects.filter(organisation=organisation)}
        self.stores = {s.code: s for s in Store.objects.filter(organisation=organisation)}


def _market_share(names: _Names, row: Row) -> dict[str, Any]:
    brand = row.get("brand", "")
    share = _number(row, "share", 100.0) / (100 if row.get("share", "").endswith("%") else 1)
    if not 0 < share <= 1:
        raise _Bad("share", f"found {row['share']!r}, expected a share such as 0.25 or 25%.")
    return {
        "category": _named(names.categories, row, "category", fold=True),
        "brand": _named(names.brands, row, "brand", fold=True) if brand else None,
        "effective_from": _day(row, "from"),
        "share": share,
    }


def _sales(names: _Names, row: Row) -> dict[str, Any]:
    store, sku = row.get("store", ""), row.get("sku", "")
    if bool(store) is bool(sku):
        raise _Bad("store", "expected either a store or a SKU, found " + ("both." if store else "neither."))
    sales = _number(row, "sales")
    if not sales:
        raise _Bad("sales", "expected a figure above 0, found 0.")
    return {
        "store": _named(names.stores, row, "store") if store else None,
        "sku": _named(names.skus, row, "sku") if sku else None,
        "sales": sales,
    }


def _stock(names: _Names, row: Row) -> dict[str, Any]:
    return {
        "store": _named(names.stores, row, "store"),
        "sku": _named(names.skus, row, "sku"),
        "day": _day(row, "day"),
        "units": _number(row, "units"),
    }


KINDS = (
    _Kind(
        "market shares",
        ("category", "from", "share"),
        MarketShare,
        ("category", "brand", "effective_from"),
        ("organisation", "category", "brand", "effective_from"),
        "share",
        _market_share,
    ),
    _Kind(
        "sales",
        ("sales",),
        SalesFigure,
        ("store", "sku"),
        ("organisation", "store", "sku"),
        "sales",
        _sales,
    ),
    _Kind(
        "stock",
        ("store", "sku", "day", "units"),
        StockLevel,
        ("store", "sku", "day"),
        ("store", "sku", "day"),
        "units",
        _stock,
    ),
)


def _kind(header: list[str]) -> _Kind:
    for kind in KINDS:
        if set(kind.columns) <= set(header):
            return kind
    expected = "; or ".join(", ".join(kind.columns) for kind in KINDS)
    raise FiguresFileError(f"Line 1: found the columns {', '.join(header)}; expected {expected}.")


def _named(known: dict[str, Any], row: Row, field: str, fold: bool = False) -> Any:
    text = row.get(field, "")
    found = known.get(text.casefold() if fold else text)
    if found is None:
        raise _Bad(field, f"found {text!r}, which is not known.")
    return found


def _number(row: Row, field: str, most: float = 1e12) -> float:
    text = row.get(field, "")
    try:
        value = float((text.replace(",", ".") if "." not in text else text).removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise _Bad(field, f"found {text!r}, expected a number from 0 to {most:g}.")
    return value


def _day(row: Row, field: str) -> date:
    text = row.get(field, "")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _Bad(field, f"found {text!r}, expected a day as 2026-01-31.") from error
