"""From the records of a PSA file to planograms: centimetres, origin at the top left, shelves from the top."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

from compliance import gtin
from compliance.importers.psa_model import (
    PsaFile,
    PsaFixture,
    PsaPlan,
    PsaPosition,
    Unusable,
    number,
    product_of,
)
from compliance.importers.psa_text import Record
from compliance.importers.values import ImportedPlanogram, ImportedPosition, LeftRow

SAME_HEIGHT_CM = 3.0
"""Fixtures whose heights differ by less are one shelf."""
OVERHANG_CM = 5.0
HUNG_IN_ROWS = {7, 8}
"""Pegboards: the rows are those of their positions."""
SHELF = 0


def build(file: PsaFile, plan: PsaPlan, names: dict[str, int]) -> ImportedPlanogram:
    """One planogram. names: how often each name has been used so far."""
    line = plan.record.line
    name = plan.record.text(1) or "planogram"
    names[name] = names.get(name, 0) + 1
    if names[name] > 1:
        file.remarks.append(
            LeftRow(line, "name (field 1)", f"{name!r} is there twice; this one is numbered.")
        )
        name = f"{name} ({names[name]})"
    width = _size(file, plan.record, 3, "width")
    height = _size(file, plan.record, 4, "height")
    relative = _is_relative(plan, file.to_cm)
    if relative:
        file.remarks.append(
            LeftRow(line, "", "positions are measured from their fixture, not from the planogram.")
        )
    per_unit = _is_unit_width(file, plan)
    if per_unit:
        file.remarks.append(LeftRow(line, "", "position widths are of one facing, not of the whole block."))
    if plan.record.text(22) == "2":
        file.remarks.append(LeftRow(line, "traffic (field 22)", "the traffic flow is from right to left."))
    placed: list[tuple[float, PsaFixture, PsaPosition | None]] = []
    for fixture in plan.fixtures:
        placed += [(_height(fixture, p, relative), fixture, p) for p in fixture.positions]
        if not fixture.positions and fixture.kind == SHELF:
            placed.append((fixture.y, fixture, None))
    shelf_of = _rows([y * file.to_cm for y, _, _ in placed])
    rows: dict[int, list[ImportedPosition]] = {}
    for (_, fixture, p), shelf in zip(placed, shelf_of, strict=True):
        if p is not None:
            made = _convert(file, fixture, p, shelf, height, relative, per_unit)
            rows.setdefault(shelf, []).append(made)
    return ImportedPlanogram(
        name=name,
        bay=plan.segments[0] if len(plan.segments) == 1 else "",
        positions=tuple(p for shelf in sorted(rows) for p in _numbered(rows[shelf])),
        width_cm=width,
        height_cm=height,
        effective=_date(plan.record.text(189)),
        boards_cm=_boards(placed, shelf_of, height, file.to_cm),
    )


def _boards(
    placed: list[tuple[float, PsaFixture, PsaPosition | None]],
    shelf_of: list[int],
    height: float | None,
    to_cm: float,
) -> tuple[float, ...]:
    """y of each shelf's board from the top, cm; empty if one of them is hung on something else."""
    if height is None or any(fixture.kind != SHELF for _, fixture, _ in placed):
        return ()
    found: dict[int, float] = {}
    for (_, fixture, _), shelf in zip(placed, shelf_of, strict=True):
        found.setdefault(shelf, height - (fixture.y + fixture.height) * to_cm)
    boards = [found[shelf] for shelf in sorted(found)]
    return tuple(boards) if all(a < b for a, b in pairwise(boards)) else ()


def _size(file: PsaFile, record: Record, index: int, name: str) -> float | None:
    """A length of the planogram, cm; None when it says nothing usable."""
    try:
        value = number(record, index, name)
    except Unusable as bad:
        file.left.append(LeftRow(record.line, bad.field, bad.why))
        return None
    return value * file.to_cm if value > 0 else None


def _height(fixture: PsaFixture, position: PsaPosition | None, relative: bool) -> float:
    """What tells which shelf a position is on, in file units."""
    if position is None or fixture.kind not in HUNG_IN_ROWS:
        return fixture.y
    return (position.y or 0.0) + (fixture.y if relative else 0.0)


def _rows(heights: list[float]) -> list[int]:
    """Shelf of each height, cm above the floor: 0 is the highest."""
    order = sorted(range(len(heights)), key=lambda i: -heights[i])
    shelf_of, shelf, top = [0] * len(heights), -1, float("inf")
    for index in order:
        if shelf < 0 or top - heights[index] >= SAME_HEIGHT_CM:
            shelf, top = shelf + 1, heights[index]
        shelf_of[index] = shelf
    return shelf_of


def _is_relative(plan: PsaPlan, to_cm: float) -> bool:
    """Whether more positions lie on their fixture when x is counted from its left end."""
    slack = OVERHANG_CM / to_cm
    inside, relative = 0, 0
    for fixture in plan.fixtures:
        for p in fixture.positions:
            if p.x is not None and fixture.x > slack:
                inside += fixture.x - slack <= p.x <= fixture.x + fixture.width + slack
                relative += -slack <= p.x <= fixture.width + slack
    return relative > inside


def _is_unit_width(file: PsaFile, plan: PsaPlan) -> bool:
    """Whether more widths look like one facing's than like the whole block's."""
    unit = block = 0
    for fixture in plan.fixtures:
        for p in fixture.positions:
            product = product_of(file, p.record)
            if p.wide < 2 or p.width <= 0 or product is None:
                continue
            try:
                one = product.number(5)
            except ValueError:
                continue
            if one > 0:
                near_unit = abs(p.width - one) < abs(p.width - one * p.wide)
                unit, block = unit + near_unit, block + (not near_unit)
    return unit > block


def _convert(
    file: PsaFile,
    fixture: PsaFixture,
    p: PsaPosition,
    shelf: int,
    plan_height: float | None,
    relative: bool,
    per_unit: bool,
) -> ImportedPosition:
    key, sku = _codes(file, p.record)
    product = product_of(file, p.record)
    width = p.width * (p.wide if per_unit else 1) * file.to_cm
    height = p.height * (p.high if per_unit else 1) * file.to_cm
    x = None if p.x is None else (p.x + (fixture.x if relative else 0.0)) * file.to_cm
    y = None
    if p.y is not None and plan_height is not None:
        y = plan_height - (p.y + (fixture.y if relative else 0.0)) * file.to_cm - height
    return ImportedPosition(
        shelf=shelf,
        position=0,
        gtin=key,
        sku=sku,
        facings_wide=p.wide,
        facings_high=p.high,
        x_cm=x,
        y_cm=y,
        width_cm=width or None,
        height_cm=height or None,
        name=product.text(3) if product else "",
        line=p.record.line,
    )


def _codes(file: PsaFile, record: Record) -> tuple[str, str]:
    """(GTIN, SKU): the GTIN may stand in either column."""
    upc, own = record.text(1), record.text(2)
    looks = [bool(re.fullmatch(r"\d{8,14}", text)) for text in (upc, own)]
    code, other = (own, upc) if looks[1] and not looks[0] else (upc, own)
    key, remark = gtin.normalise(code) if any(looks) else ("", "")
    if remark:
        file.remarks.append(LeftRow(record.line, "UPC (field 1)", remark))
    sku = other or ("" if key else code)
    return key, sku if sku or not (own and looks[1]) else own


def _numbered(row: list[ImportedPosition]) -> list[ImportedPosition]:
    """A shelf's positions from left to right, the lower of two first; in file order where nothing tells."""
    ordered = sorted(row, key=lambda p: (p.x_cm or 0.0, -(p.y_cm or 0.0)))
    return [replace(p, position=rank) for rank, p in enumerate(ordered)]


def _date(text: str) -> str:
    """ISO form of a date that can be read in one way only, else ""."""
    match = re.match(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)", text)
    try:
        return date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:
        return ""
