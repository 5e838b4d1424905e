"""What has been read of a PSA file before it becomes planograms."""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance.importers.psa_text import Record
from compliance.importers.values import LeftRow

CM_PER_INCH = 2.54
LARGEST = 9999


@dataclass(slots=True)
class PsaPosition:
    """A Position record, in file units. x, y: None where the file says nothing."""

    record: Record
    x: float | None
    y: float | None
    width: float
    height: float
    wide: int
    high: int


@dataclass(slots=True)
class PsaFixture:
    """A Fixture record, in file units, with the positions behind it. y: of its bottom. style: how products
    stand on it unless they say otherwise."""

    x: float
    width: float
    y: float
    height: float
    kind: int
    style: int = 0
    positions: list[PsaPosition] = field(default_factory=list)


@dataclass(slots=True)
class PsaPlan:
    """A Planogram record with what follows it. segments: their names."""

    record: Record
    segments: list[str] = field(default_factory=list)
    fixtures: list[PsaFixture] = field(default_factory=list)


@dataclass(slots=True)
class PsaFile:
    """What has been read so far. products: by UPC and ID as written. fixture: the one that positions belong
    to. by_code: products by either code alone."""

    to_cm: float = CM_PER_INCH
    products: dict[tuple[str, str], Record] = field(default_factory=dict)
    plans: list[PsaPlan] = field(default_factory=list)
    by_code: dict[str, Record] = field(default_factory=dict)
    fixture: PsaFixture | None = None
    left: list[LeftRow] = field(default_factory=list)
    remarks: list[LeftRow] = field(default_factory=list)


def product_of(file: PsaFile, record: Record) -> Record | None:
    """The Product record of a Position; its codes may stand in the other columns, or only one of them."""
    upc, own = record.text(1), record.text(2)
    exact = file.products.get((upc, own)) or file.products.get((own, upc))
    return exact or file.by_code.get(upc) or file.by_code.get(own)


class Unusable(Exception):
    """A record, or a field of it, that cannot be used, and why."""

    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


def number(record: Record, index: int, name: str, default: float = 0.0) -> float:
    """A field as a number. Raises Unusable."""
    try:
        return record.number(index, default)
    except ValueError as error:
        raise Unusable(f"{name} (field {index})", str(error)) from error


def count(record: Record, index: int, name: str) -> int:
    """A field as a whole number from 1, 1 when empty. Raises Unusable."""
    value = number(record, index, name, 1.0)
    if not value.is_integer() or not 1 <= value <= LARGEST:
        found = record.text(index)
        raise Unusable(f"{name} (field {index})", f"expected a whole number from 1, found {found!r}.")
    return int(value)
