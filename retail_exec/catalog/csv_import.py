"""Reading ``catalog.csv``: one product a row; only the column ``sku`` is required. No Django here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from compliance import gtin
from compliance.importers.values import LeftRow, PlanogramFileError, decode, read_rows

COLUMNS = (
    "sku", "gtin", "brand", "name", "category", "size", "width_cm", "height_cm", "price", "image", "own",
)  # fmt: skip
OTHER_NAMES = {
    "ean": "gtin",
    "upc": "gtin",
    "barcode": "gtin",
    "code": "sku",
    "product": "name",
    "width": "width_cm",
    "height": "height_cm",
    "own_brand": "own",
    "packshot": "image",
}
MOST = Decimal(10**8)
"""No size and no price is larger; a greater number is a slip."""
LONGEST_PATH = 255
YES, NO = frozenset({"1", "yes", "true", "y", "own"}), frozenset({"0", "no", "false", "n"})


class CatalogueFileError(ValueError):
    """The file cannot be read at all; the text says where, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One product as the file says it. Text fields are "" and the others None where it says nothing.

    line: from 1. gtin: 14 digits. width_cm, height_cm: of one unit's front. image: picture file in the
    packshot folder. own: whether the brand is an own one.
    """

    line: int
    sku: str
    gtin: str = ""
    brand: str = ""
    name: str = ""
    category: str = ""
    size: str = ""
    width_cm: float | None = None
    height_cm: float | None = None
    price: Decimal | None = None
    image: str = ""
    own: bool | None = None


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """rows: the products. left: rows left out, and why. remarks: taken, but worth a look."""

    rows: tuple[CatalogueRow, ...]
    left: tuple[LeftRow, ...] = ()
    remarks: tuple[LeftRow, ...] = ()


class _Bad(Exception):
    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


def parse(data: bytes) -> CatalogueFile:
    """Read a catalogue: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252; decimal commas are fine.

    Columns we do not know are passed over. Raises CatalogueFileError for an empty file, a header without
    ``sku`` or broken quoting; a bad row is left out and reported.
    """
    try:
        text = decode(data)
    except PlanogramFileError as error:
        raise CatalogueFileError(str(error)) from error
    lines = _lines(text)
    header_line, header = next(lines, (0, []))
    if not header:
        raise CatalogueFileError("the file is empty.")
    columns = _columns(header_line, header)
    rows: list[CatalogueRow] = []
    left: list[LeftRow] = []
    remarks: list[LeftRow] = []
    first_line: dict[str, int] = {}
    for line, cells in lines:
        try:
            row, remark = _row(line, columns, cells)
            if row.sku in first_line:
                raise _Bad("sku", f"{row.sku!r} is in line {first_line[row.sku]} already.")
        except _Bad as bad:
            left.append(LeftRow(line, bad.field, bad.why))
            continue
        first_line[row.sku] = line
        rows.append(row)
        if remark:
            remarks.append(LeftRow(line, "gtin", remark))
    return CatalogueFile(tuple(rows), tuple(left), tuple(remarks))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from read_rows(text)
    except PlanogramFileError as error:
        raise CatalogueFileError(str(error)) from error


def _columns(line: int, header: list[str]) -> list[str]:
    names = [cell.lower().replace(" ", "_") for cell in header]
    columns = [OTHER_NAMES.get(name, name) for name in names]
    if "sku" not in columns:
        raise CatalogueFileError(f"Line {line}, header: expected a column sku; found: {', '.join(header)}.")
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    if twice:
        raise CatalogueFileError(f"Line {line}, header: the column {twice[0]} is there twice.")
    return columns


def _row(line: int, columns: list[str], cells: list[str]) -> tuple[CatalogueRow, str]:
    """The row, and a remark on its GTIN."""
    if any(cells[len(columns) :]):
        raise _Bad("", f"{len(cells)} cells where the header has {len(columns)}.")
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if name in COLUMNS}
    if not given.get("sku"):
        raise _Bad("sku", "is empty; every product needs one.")
    if len(given.get("image", "").encode()) > LONGEST_PATH:
        raise _Bad("image", f"expected a file name of up to {LONGEST_PATH} bytes, found a longer one.")
    key, remark = gtin.normalise(given.get("gtin", ""))
    row = CatalogueRow(
        line=line,
        sku=given["sku"],
        gtin=key,
        **{name: given.get(name, "") for name in ("brand", "name", "category", "size", "image")},
        width_cm=_size(given, "width_cm"),
        height_cm=_size(given, "height_cm"),
        price=_number(given, "price", "a price of 0 or more", Decimal(0)),
        own=_own(given.get("own", "")),
    )
    return row, remark


def _size(given: dict[str, str], name: str) -> float | None:
    value = _number(given, name, "centimetres above 0", Decimal("0.001"))
    return None if value is None else float(value)


def _number(given: dict[str, str], name: str, expected: str, least: Decimal) -> Decimal | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".") if "." not in text else text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not least <= value <= MOST:
        raise _Bad(name, f"expected {expected}, found {text!r}.")
    return value


def _own(text: str) -> bool | None:
    if not text:
        return None
    if text.lower() not in YES | NO:
        raise _Bad("own", f"expected yes or no, found {text!r}.")
    return text.lower() in YES
