"""Planograms as JSON in the form of Azure's planogram matching: one position a facing, origin at the top
left.

The file gives no unit; its numbers are taken as centimetres unless ``cm_per_unit`` says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from compliance import gtin
from compliance.importers.azure_text import kind_of, load
from compliance.importers.values import (
    LARGEST_LENGTH,
    ImportedPlanogram,
    ImportedPosition,
    ImportResult,
    LeftRow,
    PlanogramFileError,
)

NEAR = 0.35
"""Facings of one product are a block when their distance is their size, give or take this part of it."""
DEFAULT_CM = 8.0


@dataclass(frozen=True, slots=True)
class _Place:
    """One position of the file: a single facing. at: where it stands in the list."""

    at: int
    product: str
    x: float
    y: float
    width: float | None
    height: float | None


class _Bad(Exception):
    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


def parse(data: bytes, name: str = "planogram", cm_per_unit: float = 1.0) -> ImportResult:
    """Read a planogram. name: it gets, for the format has none. Neighbouring facings of a product become one
    position.

    Raises PlanogramFileError when the JSON is broken or lacks a list; what cannot be used is left out and
    reported by field.
    """
    value = load(data)
    plan = value.get("planogram", value)
    if not isinstance(plan, dict):
        raise PlanogramFileError(0, "planogram", f"expected an object, found {kind_of(plan)}.")
    left: list[LeftRow] = []
    products = _by_id(plan, "products", left)
    shelf_of = _shelves(_by_id(plan, "fixtures", left), left)
    rows: dict[int, list[_Place]] = {shelf: [] for shelf in shelf_of.values()}
    ids: set[str] = set()
    for at, item in enumerate(_list(plan, "positions")):
        try:
            shelf, place = _place(at, item, products, shelf_of, ids)
            rows[shelf].append(place)
        except _Bad as bad:
            left.append(LeftRow(0, bad.field, bad.why))
    remarks: list[LeftRow] = []
    codes = {key: _codes(key, remarks) for key in products}
    positions = [
        _position(shelf, number, block, codes, products, cm_per_unit)
        for shelf, places in sorted(rows.items())
        for number, block in enumerate(_blocks(places))
    ]
    if cm_per_unit == 1.0:
        remarks.append(LeftRow(0, "", "the file gives no unit; its numbers are taken as centimetres."))
    boards = _boards(_by_id(plan, "fixtures", []), shelf_of, rows)
    made = ImportedPlanogram(
        name=str(plan.get("name") or name),
        bay="",
        positions=tuple(positions),
        width_cm=_length(plan, "width", "planogram", cm_per_unit, left),
        height_cm=_length(plan, "height", "planogram", cm_per_unit, left),
        boards_cm=tuple(y * cm_per_unit for y in boards),
    )
    return ImportResult((made,), tuple(left), tuple(remarks))


def _list(plan: dict[str, Any], name: str) -> list[Any]:
    value = plan.get(name)
    if not isinstance(value, list):
        raise PlanogramFileError(0, f"planogram.{name}", f"expected a list, found {kind_of(value)}.")
    return value


def _by_id(plan: dict[str, Any], name: str, left: list[LeftRow]) -> dict[str, dict[str, Any]]:
    """The objects of a list by their id, as text."""
    found: dict[str, dict[str, Any]] = {}
    for at, item in enumerate(_list(plan, name)):
        field = f"{name}[{at}]"
        if not isinstance(item, dict):
            left.append(LeftRow(0, field, f"expected an object, found {kind_of(item)}."))
        elif not isinstance(item.get("id"), str | int) or str(item["id"]) == "":
            left.append(LeftRow(0, f"{field}.id", "is missing."))
        elif str(item["id"]) in found:
            left.append(LeftRow(0, f"{field}.id", f"{item['id']!r} is there twice."))
        else:
            found[str(item["id"])] = {**item, "_at": at}
    return found


def _number(item: dict[str, Any], name: str, field: str) -> float:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_LENGTH:
        raise _Bad(f"{field}.{name}", f"expected a number, found {value!r}.")
    return float(value)


def _length(
    item: dict[str, Any], name: str, field: str, cm_per_unit: float, left: list[LeftRow]
) -> float | None:
    """A size in cm, None when the file has none; a wrong one is reported."""
    if item.get(name) is None:
        return None
    try:
        value = _number(item, name, field)
        if value <= 0:
            raise _Bad(f"{field}.{name}", f"expected a number above 0, found {value:g}.")
    except _Bad as bad:
        left.append(LeftRow(0, bad.field, bad.why))
        return None
    return value * cm_per_unit


def _shelves(fixtures: dict[str, dict[str, Any]], left: list[LeftRow]) -> dict[str, int]:
    """Shelf of each fixture: 0 is the top; fixtures whose heights overlap by half are one shelf."""
    placed: list[tuple[float, float, str]] = []
    for key, item in fixtures.items():
        field = f"fixtures[{item['_at']}]"
        try:
            y = _number(item, "y", field)
            placed.append((y, y + _number(item, "h", field), key))
        except _Bad as bad:
            left.append(LeftRow(0, bad.field, bad.why))
    shelf_of: dict[str, int] = {}
    row, top, bottom = -1, 0.0, 0.0
    for y, end, key in sorted(placed):
        if row < 0 or min(end, bottom) - y < 0.5 * min(end - y, bottom - top) or (end == y and y > top):
            row, top, bottom = row + 1, y, end
        shelf_of[key] = row
    return shelf_of


def _boards(
    fixtures: dict[str, dict[str, Any]], shelf_of: dict[str, int], rows: dict[int, list[_Place]]
) -> list[float]:
    """y of each shelf's board, in the file's unit: the bottom of a fixture that its products stand in, or the
    top of one too low for them."""
    heights = sorted(place.height for places in rows.values() for place in places if place.height)
    usual = heights[len(heights) // 2] if heights else 0.0
    found: dict[int, float] = {}
    for key, shelf in shelf_of.items():
        top, high = float(fixtures[key]["y"]), float(fixtures[key]["h"])
        found[shelf] = max(found.get(shelf, -math.inf), top if high < usual / 2 else top + high)
    boards = [found[shelf] for shelf in sorted(found)]
    return boards if all(a < b for a, b in pairwise(boards)) else []


def _place(
    at: int,
    item: object,
    products: dict[str, dict[str, Any]],
    shelf_of: dict[str, int],
    ids: set[str],
) -> tuple[int, _Place]:
    field = f"positions[{at}]"
    if not isinstance(item, dict):
        raise _Bad(field, f"expected an object, found {kind_of(item)}.")
    key, product, fixture = (str(item.get(name, "")) for name in ("id", "productId", "fixtureId"))
    if key and key in ids:
        raise _Bad(f"{field}.id", f"{key!r} is there twice.")
    if product not in products:
        raise _Bad(f"{field}.productId", f"no product has the id {product!r}.")
    if fixture not in shelf_of:
        raise _Bad(f"{field}.fixtureId", f"no usable fixture has the id {fixture!r}.")
    sizes = []
    for name in ("w", "h"):
        size = products[product].get(name)
        ok = isinstance(size, int | float) and not isinstance(size, bool) and 0 < size <= LARGEST_LENGTH
        sizes.append(float(size) if ok and size is not None else None)
    place = _Place(at, product, _number(item, "x", field), _number(item, "y", field), sizes[0], sizes[1])
    ids.add(key)
    return shelf_of[fixture], place


def _blocks(places: list[_Place]) -> Iterator[list[list[_Place]]]:
    """A shelf's facings as blocks, left to right: each a list of columns, each a list from the top down."""
    columns: list[list[_Place]] = []
    for place in sorted(places, key=lambda p: (p.x, p.product, p.y)):
        last = columns[-1][0] if columns else None
        same = last is not None and last.product == place.product
        if same and last is not None and abs(place.x - last.x) < NEAR * (place.width or DEFAULT_CM):
            columns[-1].append(place)
        else:
            columns.append([place])
    block: list[list[_Place]] = []
    for before, column in pairwise([[], *columns]):
        if block and not _go_on(before, column):
            yield block
            block = []
        block.append(column)
    if block:
        yield block


def _go_on(before: list[_Place], column: list[_Place]) -> bool:
    """Whether a column belongs to the block of the one on its left."""
    one, two = before[0], column[0]
    if one.product != two.product or len(before) != len(column):
        return False
    return one.width is None or abs(two.x - one.x - one.width) < NEAR * one.width


def _codes(key: str, remarks: list[LeftRow]) -> tuple[str, str]:
    """(GTIN, SKU) of a product id."""
    if key.isascii() and key.isdigit() and 8 <= len(key) <= 14:
        code, remark = gtin.normalise(key)
        if remark:
            remarks.append(LeftRow(0, "products", remark))
        return code, key
    return "", key


def _position(
    shelf: int,
    number: int,
    block: list[list[_Place]],
    codes: dict[str, tuple[str, str]],
    products: dict[str, dict[str, Any]],
    cm_per_unit: float,
) -> ImportedPosition:
    first = block[0][0]
    code, sku = codes[first.product]
    named = products[first.product]
    given, _ = gtin.normalise(str(named.get("gtin") or ""))
    return ImportedPosition(
        shelf=shelf,
        position=number,
        gtin=given or code,
        sku=sku,
        facings_wide=len(block),
        facings_high=len(block[0]),
        x_cm=first.x * cm_per_unit,
        y_cm=first.y * cm_per_unit,
        width_cm=first.width * len(block) * cm_per_unit if first.width else None,
        height_cm=first.height * len(block[0]) * cm_per_unit if first.height else None,
        name=str(named.get("name") or ""),
    )
