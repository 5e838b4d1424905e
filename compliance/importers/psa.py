"""Planograms as PSA files (Blue Yonder / JDA Space Planning, "ProSpace schematic").

Measures become centimetres, the origin moves from the bottom left to the top left, and fixtures at one height
become one shelf. Not taken over: what stands behind the front, caps, segments, performance.
"""

from __future__ import annotations

from collections.abc import Callable

from compliance.importers.psa_build import build
from compliance.importers.psa_model import (
    CM_PER_INCH,
    PsaFile,
    PsaFixture,
    PsaPlan,
    PsaPosition,
    Unusable,
    count,
    number,
)
from compliance.importers.psa_text import Record, read
from compliance.importers.values import ImportResult, LeftRow, PlanogramFileError

NO_PRODUCTS = {10, 11, 13}
"""Fixture types without products of their own: obstruction, sign, sub-planogram."""
INHERIT = -1
CAPS = (17, 21, 25)
"""Numbers of units that lie across the front, on top and behind."""
MERCH_STYLES = {1: "trays", 2: "cases", 3: "displays"}


def parse(data: bytes) -> ImportResult:
    """Read a PSA file.

    Raises PlanogramFileError when it is none or has no planogram; a record that cannot be used is left out
    and reported.
    """
    file = PsaFile()
    readers: dict[str, Callable[[PsaFile, Record], None]] = {
        "Project": _project,
        "Product": _product,
        "Planogram": _planogram,
        "Segment": _segment,
        "Fixture": _fixture,
        "Position": _position,
    }
    for record in read(data):
        reader = readers.get(record.kind)
        if reader is None:
            continue
        try:
            reader(file, record)
        except Unusable as bad:
            file.left.append(LeftRow(record.line, bad.field, bad.why))
    if not file.plans:
        raise PlanogramFileError(0, "", "expected at least one Planogram record, found none.")
    names: dict[str, int] = {}
    planograms = tuple(build(file, plan, names) for plan in file.plans)
    return ImportResult(planograms, tuple(file.left), tuple(file.remarks))


def _project(file: PsaFile, record: Record) -> None:
    measure = number(record, 12, "measurement")
    if measure not in (0.0, 1.0):
        raise Unusable("measurement (field 12)", f"expected 0 (inch) or 1 (cm), found {record.text(12)!r}.")
    file.to_cm = 1.0 if measure == 1.0 else CM_PER_INCH


def _product(file: PsaFile, record: Record) -> None:
    file.products[record.text(1), record.text(2)] = record
    for code in (record.text(1), record.text(2)):
        if code:
            file.by_code.setdefault(code, record)


def _planogram(file: PsaFile, record: Record) -> None:
    file.plans.append(PsaPlan(record))
    file.fixture = None


def _segment(file: PsaFile, record: Record) -> None:
    if file.plans:
        file.plans[-1].segments.append(record.text(1))


def _fixture(file: PsaFile, record: Record) -> None:
    file.fixture = None
    if not file.plans:
        raise Unusable("Fixture", "stands before the first Planogram.")
    fixture = PsaFixture(
        x=number(record, 4, "x"),
        width=number(record, 5, "width"),
        y=number(record, 6, "y"),
        height=_thickness(file, record),
        kind=int(number(record, 1, "type")),
        style=_style(record, 23),
    )
    file.fixture = fixture
    file.plans[-1].fixtures.append(fixture)


def _thickness(file: PsaFile, record: Record) -> float:
    """Height of a fixture's board, file units; its products can do without."""
    try:
        return number(record, 7, "height")
    except Unusable as bad:
        file.remarks.append(LeftRow(record.line, bad.field, bad.why))
        return 0.0


def _style(record: Record, index: int) -> int:
    """A merchandising style, 0 (units) when it is none."""
    try:
        return int(record.number(index))
    except ValueError:
        return 0


def _is_above_0(record: Record, index: int) -> bool:
    try:
        return record.number(index) > 0
    except ValueError:
        return False


def _position(file: PsaFile, record: Record) -> None:
    if file.fixture is None:
        raise Unusable("Position", "belongs to the fixture before it, and there is no usable one.")
    if not record.text(1) and not record.text(2):
        raise Unusable("UPC (field 1)", "is empty, and so is the ID (field 2).")
    if file.fixture.kind in NO_PRODUCTS:
        raise Unusable(
            "Position", f"stands on a fixture of type {file.fixture.kind}, which holds no products."
        )
    style = _style(record, 13)
    style = file.fixture.style if style == INHERIT else style
    if style in MERCH_STYLES:
        file.remarks.append(
            LeftRow(record.line, "merch style (field 13)", f"facings are counted in {MERCH_STYLES[style]}.")
        )
    if any(_is_above_0(record, index) for index in CAPS):
        file.remarks.append(
            LeftRow(record.line, "caps (fields 17 to 25)", "caps are not counted as facings.")
        )
    file.fixture.positions.append(
        PsaPosition(
            record=record,
            x=number(record, 4, "x") if record.text(4) else None,
            y=number(record, 6, "y") if record.text(6) else None,
            width=number(record, 5, "width"),
            height=number(record, 7, "height"),
            wide=count(record, 14, "horizontal facings"),
            high=count(record, 15, "vertical facings"),
        )
    )
