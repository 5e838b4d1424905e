"""What every planogram importer answers, and how a file is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from compliance.types import PlannedPosition, Planogram, Product

LARGEST_LENGTH = 1e6
"""No length or place in a file is larger, whatever its unit; a greater number is a slip."""
FindSku = Callable[[str, str], str | None]
"""(gtin, sku) as the file has them, "" for nothing -> the catalogue's SKU, None when it has no such product.
A GTIN is 14 digits, padded with zeros on the left."""


class PlanogramFileError(ValueError):
    """The file cannot be read at all. line: from 1, 0 for the file as a whole. field: what is wrong."""

    def __init__(self, line: int, field: str, why: str) -> None:
        self.line, self.field, self.why = line, field, why
        place = f"Line {line}: " if line else ""
        super().__init__(f"{place}{field}: {why}" if field else f"{place}{why}")


@dataclass(frozen=True, slots=True)
class LeftRow:
    """One row, or one thing in it, and what there is to say about it. line: from 1, 0 when it has none."""

    line: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportedPosition:
    """A product place as the file says it; sizes and frame as in ``compliance.types.PlannedPosition``.

    gtin: 14 digits or "". sku: the file's own code or "". line: where it stands in the file.
    """

    shelf: int
    position: int
    gtin: str = ""
    sku: str = ""
    facings_wide: int = 1
    facings_high: int = 1
    x_cm: float | None = None
    y_cm: float | None = None
    width_cm: float | None = None
    height_cm: float | None = None
    name: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ImportedPlanogram:
    """A planogram of the file. bay: the file's name of the bay or "". effective: date it says, ISO, or "".
    boards_cm: y of each shelf's board from the bay's top, empty where the file does not say."""

    name: str
    bay: str
    positions: tuple[ImportedPosition, ...]
    width_cm: float | None = None
    height_cm: float | None = None
    effective: str = ""
    boards_cm: tuple[float, ...] = ()

    @property
    def shelves(self) -> int:
        """Number of shelf rows, empty ones too where the file tells of them."""
        return max(len(self.boards_cm), max((p.shelf for p in self.positions), default=-1) + 1)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """planograms: what was read. left: rows left out and why. remarks: read, but worth a look."""

    planograms: tuple[ImportedPlanogram, ...]
    left: tuple[LeftRow, ...] = ()
    remarks: tuple[LeftRow, ...] = ()


def resolve(imported: ImportedPlanogram, find: FindSku) -> tuple[Planogram, list[LeftRow]]:
    """The planogram with the catalogue's SKUs, and the rows whose product the catalogue does not have."""
    positions, left = [], []
    for p in imported.positions:
        sku = find(p.gtin, p.sku)
        if sku is None:
            named = " and ".join(
                f"{what} {code}" for what, code in (("GTIN", p.gtin), ("SKU", p.sku)) if code
            )
            left.append(
                LeftRow(p.line, "sku" if p.sku else "gtin", f"the catalogue has no product with {named}.")
            )
            continue
        positions.append(
            PlannedPosition(
                p.shelf,
                p.position,
                sku,
                p.facings_wide,
                p.facings_high,
                p.x_cm,
                p.y_cm,
                p.width_cm,
                p.height_cm,
                key=f"{p.shelf}/{p.position}",
            )
        )
    return Planogram(imported.name, tuple(positions), imported.width_cm, imported.height_cm), left


def to_export(
    planogram: Planogram, products: dict[str, Product], gtins: dict[str, str], bay: str = ""
) -> ImportedPlanogram:
    """A planogram of ours in the form that the exporters write. gtins: by SKU."""
    return ImportedPlanogram(
        name=planogram.name,
        bay=bay,
        positions=tuple(
            ImportedPosition(
                p.shelf,
                p.position,
                gtins.get(p.sku, ""),
                p.sku,
                p.facings_wide,
                p.facings_high,
                p.x_cm,
                p.y_cm,
                p.width_cm,
                p.height_cm,
                name=products[p.sku].name if p.sku in products else "",
            )
            for p in planogram.positions
        ),
        width_cm=planogram.width_cm,
        height_cm=planogram.height_cm,
    )


def decode(data: bytes) -> str:
    """Text of a file, see ``text_of``. Raises PlanogramFileError when there is none, or a NUL character,
    which no text has and no database takes."""
    text = text_of(data)
    if not text.strip():
        raise PlanogramFileError(0, "", "the file is empty.")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise PlanogramFileError(line, "", "found a NUL character, so this is no text.")
    return text


def is_text(text: str) -> bool:
    """Whether a text can be stored and sent: no NUL character, no half of a character pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def text_of(data: bytes) -> str:
    """By its byte-order mark, else UTF-8 if valid, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


class Places:
    """Finds two products planned for the same place."""

    def __init__(self) -> None:
        self._line: dict[tuple[str, str, int, int], int] = {}

    def taken(self, name: str, bay: str, shelf: int, position: int, line: int) -> str:
        """ "" for a free place, which is then taken; otherwise why not."""
        key = (name, bay, shelf, position)
        if key in self._line:
            return f"shelf {shelf}, position {position} is taken by line {self._line[key]} already."
        self._line[key] = line
        return ""


def by_place(positions: Iterable[ImportedPosition]) -> tuple[ImportedPosition, ...]:
    """In reading order: top shelf first, left to right."""
    return tuple(sorted(positions, key=lambda p: (p.shelf, p.position)))


def delimiter(text: str) -> str:
    """The comma, semicolon or tab that the first row has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def read_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line the row starts on, its cells) of separated values, blank rows left out. PlanogramFileError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise PlanogramFileError(line, "", f"the quotation marks do not match ({error}).") from error
