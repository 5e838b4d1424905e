"""Planograms as CSV: one row a position. Shelf 0 is the top, position 0 the leftmost."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from compliance import gtin
from compliance.importers.values import (
    LARGEST_LENGTH,
    ImportedPlanogram,
    ImportedPosition,
    ImportResult,
    LeftRow,
    Places,
    PlanogramFileError,
    by_place,
    decode,
    delimiter,
    read_rows,
)

COLUMNS = (
    "planogram",
    "bay",
    "shelf",
    "position",
    "gtin",
    "sku",
    "facings_wide",
    "facings_high",
    "width_cm",
    "height_cm",
    "x_cm",
    "y_cm",
)
OTHER_NAMES = {
    "rack": "bay",
    "rack_index": "bay",
    "rack_id": "bay",
    "shelf_index": "shelf",
    "shelf_id": "shelf",
    "product": "position",
    "product_index": "position",
    "product_id": "position",
    "ean": "gtin",
    "upc": "gtin",
    "facing_x": "facings_wide",
    "facings_x": "facings_wide",
    "facing_y": "facings_high",
    "facings_y": "facings_high",
    "width": "unit_width",
    "height": "unit_height",
    "x": "x_cm",
    "y": "y_cm",
}
"""Names of the index form. Its width and height are of one unit, ours of the whole block."""
LARGEST = 9999
"""No shelf, position or number of facings is larger; a greater number is a slip."""


class _Bad(Exception):
    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


def parse(data: bytes, name: str = "planogram") -> ImportResult:
    """Read a CSV file. name: of the planogram where the file has no such column.

    Comma, semicolon or tab; with semicolons and tabs a decimal comma is understood. Raises PlanogramFileError
    when the header lacks a required column or the quoting is broken; a bad row is left out and reported.
    """
    text = decode(data)
    rows = read_rows(text)
    header_line, header = next(rows, (0, []))
    if not header:
        raise PlanogramFileError(0, "", "the file is empty.")
    columns = _columns(header_line, header)
    decimal_comma = delimiter(text) != ","
    places, found = Places(), dict[tuple[str, str], list[ImportedPosition]]()
    left: list[LeftRow] = []
    remarks: list[LeftRow] = []
    for line, cells in rows:
        try:
            row = _cells(columns, cells, name)
            position, remark = _position(row, line, decimal_comma)
            taken = places.taken(
                row["planogram"], row.get("bay", ""), position.shelf, position.position, line
            )
            if taken:
                raise _Bad("position", taken)
        except _Bad as bad:
            left.append(LeftRow(line, bad.field, bad.why))
            continue
        if remark:
            remarks.append(LeftRow(line, "gtin", remark))
        found.setdefault((row["planogram"], row.get("bay", "")), []).append(position)
    planograms = tuple(ImportedPlanogram(plan, bay, by_place(ps)) for (plan, bay), ps in found.items())
    return ImportResult(planograms, tuple(left), tuple(remarks))


def export(planograms: Sequence[ImportedPlanogram]) -> bytes:
    """UTF-8 CSV with all columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for plan in planograms:
        for p in plan.positions:
            sizes = (p.width_cm, p.height_cm, p.x_cm, p.y_cm)
            writer.writerow(
                [plan.name, plan.bay, p.shelf, p.position, p.gtin, p.sku, p.facings_wide, p.facings_high]
                + ["" if size is None else repr(float(size)) for size in sizes]
            )
    return out.getvalue().encode("utf-8")


def _columns(line: int, header: list[str]) -> list[str]:
    names = [cell.lower().replace(" ", "_").lstrip("\ufeff") for cell in header]
    columns = [OTHER_NAMES.get(name, name) for name in names]
    wanted = ["shelf", "position"] + (["planogram"] if "bay" not in columns else [])
    missing = [name for name in wanted if name not in columns]
    if not {"gtin", "sku"} & set(columns):
        missing.append("gtin or sku")
    if missing:
        found = ", ".join(header)
        raise PlanogramFileError(
            line, "header", f"expected the column {' and '.join(missing)}; found: {found}."
        )
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice:
        raise PlanogramFileError(line, "header", f"the column {twice[0]} is there twice.")
    return columns


def _cells(columns: list[str], cells: list[str], name: str) -> dict[str, str]:
    if any(cells[len(columns) :]):
        raise _Bad("", f"{len(cells)} cells where the header has {len(columns)}.")
    row = dict(zip(columns, cells, strict=False))
    if "planogram" not in columns:
        row["planogram"] = name
    for required in ("planogram", "shelf", "position"):
        if not row.get(required):
            raise _Bad(required, "is empty.")
    if not row.get("gtin") and not row.get("sku"):
        raise _Bad("sku", "is empty; expected a SKU or a GTIN.")
    return row


def _position(row: dict[str, str], line: int, decimal_comma: bool) -> tuple[ImportedPosition, str]:
    """The row's position, and a remark on its GTIN."""
    key, remark = gtin.normalise(row.get("gtin", ""))
    if not key and not row.get("sku"):
        raise _Bad("gtin", remark)
    wide, high = _whole(row, "facings_wide", 1, 1), _whole(row, "facings_high", 1, 1)
    sizes = {
        name: _size(row, name, decimal_comma)
        for name in ("width_cm", "height_cm", "unit_width", "unit_height", "x_cm", "y_cm")
    }
    unit_width, unit_height = sizes["unit_width"], sizes["unit_height"]
    position = ImportedPosition(
        shelf=_whole(row, "shelf", None, 0),
        position=_whole(row, "position", None, 0),
        gtin=key,
        sku=row.get("sku", ""),
        facings_wide=wide,
        facings_high=high,
        x_cm=sizes["x_cm"],
        y_cm=sizes["y_cm"],
        width_cm=sizes["width_cm"] if unit_width is None else unit_width * wide,
        height_cm=sizes["height_cm"] if unit_height is None else unit_height * high,
        line=line,
    )
    return position, remark


def _whole(row: dict[str, str], name: str, default: int | None, least: int) -> int:
    text = row.get(name, "")
    if not text and default is not None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value.is_integer() or not least <= value <= LARGEST:
        raise _Bad(name, f"expected a whole number from {least}, found {text!r}.")
    return int(value)


def _size(row: dict[str, str], name: str, decimal_comma: bool) -> float | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        value = float(text.replace(",", ".") if decimal_comma else text)
    except ValueError:
        value = math.nan
    place = name in ("x_cm", "y_cm")
    if not abs(value) <= LARGEST_LENGTH or (value <= 0 and not place):
        expected = "a number" if place else "a number above 0"
        raise _Bad(name, f"expected {expected}, found {text!r}.")
    return value
