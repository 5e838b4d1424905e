"""Reading ``stores.csv``: one bay of a store a row, or a store without bays; only ``store`` is required.

No Django here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from compliance.importers.values import LeftRow, PlanogramFileError, decode, read_rows

TEXTS = {"store": 40, "name": 120, "chain": 120, "region": 120, "address": 200, "bay": 80, "category": 120}
"""Columns of text, with the most characters each may have."""
COLUMNS = (
    "store", "name", "chain", "channel", "region", "address", "bay", "category", "width_cm",
    "eye_level_from", "eye_level_to",
)  # fmt: skip
OTHER_NAMES = {
    "store_code": "store",
    "code": "store",
    "store_name": "name",
    "bay_category": "category",
    "width": "width_cm",
    "bay_width_cm": "width_cm",
}
OF_STORE = ("name", "chain", "channel", "region", "address")
OF_BAY = ("category", "width_cm", "eye_level_from", "eye_level_to")
CHANNELS = {"modern": "modern", "modern trade": "modern", "general": "general", "general trade": "general"}
WIDEST_CM, HIGHEST_SHELF = 10_000.0, 100
FORMULA_STARTS = ("'=", "'+", "'-", "'@")
"""What our own files write for a text that a spreadsheet would run."""


class StoresFileError(ValueError):
    """The file cannot be read at all; the text says where, what was found and what was expected."""


class BadCell(Exception):
    """A row that cannot be used: in which field, and why."""

    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why


@dataclass(frozen=True, slots=True)
class BayRow:
    """A bay as the file says it; None where it says nothing. width_cm: of the fixture. eye_level: first and
    last shelf at eye level, 0 is the top."""

    line: int
    name: str
    category: str = ""
    width_cm: float | None = None
    eye_level: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store as the file says it, "" where it says nothing. line: of its first row. channel: modern or
    general."""

    line: int
    code: str
    name: str = ""
    chain: str = ""
    channel: str = ""
    region: str = ""
    address: str = ""
    bays: dict[str, BayRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoresFile:
    """stores: in the file's order, each once. left: rows left out, and why."""

    stores: tuple[StoreRow, ...]
    left: tuple[LeftRow, ...]


def parse(data: bytes) -> StoresFile:
    """Read a file of stores: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252.

    A store's further rows may leave its own columns empty, or repeat them. Raises StoresFileError for an
    empty file, a header without ``store`` or broken quoting; a bad row is left out and reported.
    """
    try:
        lines = list(read_rows(decode(data)))
    except PlanogramFileError as error:
        raise StoresFileError(str(error)) from error
    if not lines:
        raise StoresFileError("the file is empty.")
    columns = _columns(*lines[0])
    stores: dict[str, StoreRow] = {}
    channels: dict[str, tuple[str, int]] = {}
    left: list[LeftRow] = []
    for line, cells in lines[1:]:
        try:
            given = _given(columns, cells)
            found = _store(line, given)
            bay = _bay(line, given)
            known = stores.get(found.code)
            _agrees(known, found)
            _one_channel(channels, (known.chain if known else "") or found.chain, found)
            if bay is not None and known is not None and (same := known.bays.get(bay.name.casefold())):
                raise BadCell("bay", f"{bay.name!r} of {found.code} is in line {same.line} already.")
        except BadCell as bad:
            left.append(LeftRow(line, bad.field, bad.why))
            continue
        store = stores[found.code] = _merged(known, found)
        if bay is not None:
            store.bays[bay.name.casefold()] = bay
    return StoresFile(tuple(stores.values()), tuple(left))


def _columns(line: int, header: list[str]) -> list[str]:
    names = [cell.lower().replace(" ", "_") for cell in header]
    columns = [OTHER_NAMES.get(name, name) for name in names]
    if "store" not in columns:
        raise StoresFileError(f"Line {line}, header: expected a column store; found: {', '.join(header)}.")
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    if twice:
        raise StoresFileError(f"Line {line}, header: the column {twice[0]} is there twice.")
    return columns


def _given(columns: list[str], cells: list[str]) -> dict[str, str]:
    """The row's cells by column; columns we do not know are passed over."""
    if any(cells[len(columns) :]):
        raise BadCell("", f"{len(cells)} cells where the header has {len(columns)}.")
    given = {
        name: cell[1:] if cell.startswith(FORMULA_STARTS) else cell
        for name, cell in zip(columns, cells, strict=False)
        if name in COLUMNS
    }
    if not given.get("store"):
        raise BadCell("store", "is empty; every row needs a store's code.")
    for name, most in TEXTS.items():
        text = given.get(name, "")
        if len(text) > most:
            raise BadCell(name, f"expected up to {most} characters, found {len(text)}.")
    if channel := given.get("channel", ""):
        if channel.lower() not in CHANNELS:
            raise BadCell("channel", f"expected modern or general, found {channel!r}.")
        given["channel"] = CHANNELS[channel.lower()]
    return given


def _store(line: int, given: dict[str, str]) -> StoreRow:
    name, chain, channel, region, address = (given.get(name, "") for name in OF_STORE)
    return StoreRow(line, given["store"], name, chain, channel, region, address)


def _bay(line: int, given: dict[str, str]) -> BayRow | None:
    if not given.get("bay"):
        lost = [name for name in OF_BAY if given.get(name)]
        if lost:
            raise BadCell("bay", f"is empty, while {lost[0]} is given.")
        return None
    first, last = _shelf(given, "eye_level_from"), _shelf(given, "eye_level_to")
    if (first is None) != (last is None):
        missing = "eye_level_from" if first is None else "eye_level_to"
        raise BadCell(missing, "is empty; the band of eye level needs both ends.")
    if first is not None and last is not None and last < first:
        raise BadCell("eye_level_to", f"{last} is above eye_level_from, {first}; shelf 0 is the top.")
    band = None if first is None or last is None else (first, last)
    return BayRow(line, given["bay"], given.get("category", ""), _width(given), band)


def _shelf(given: dict[str, str], name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) <= 3 and int(text) <= HIGHEST_SHELF):
        raise BadCell(name, f"expected a shelf from 0 (the top) to {HIGHEST_SHELF}, found {text!r}.")
    return int(text)


def _width(given: dict[str, str]) -> float | None:
    text = given.get("width_cm", "")
    if not text:
        return None
    try:
        value = float(text.replace(",", ".") if "." not in text else text)
    except ValueError:
        value = 0.0
    if not 0 < value <= WIDEST_CM:
        raise BadCell("width_cm", f"expected centimetres above 0, found {text!r}.")
    return value


def _agrees(known: StoreRow | None, found: StoreRow) -> None:
    """A store's rows must not say different things of it."""
    for name in OF_STORE if known is not None else ():
        before, now = getattr(known, name), getattr(found, name)
        if before and now and before.casefold() != now.casefold():
            line = known.line if known is not None else 0
            raise BadCell(name, f"found {now!r}, but line {line} says {before!r} of the store {found.code}.")


def _one_channel(channels: dict[str, tuple[str, int]], chain: str, found: StoreRow) -> None:
    """A chain has one channel."""
    if not (chain and found.channel):
        return
    channel, line = channels.setdefault(chain.casefold(), (found.channel, found.line))
    if channel != found.channel:
        raise BadCell("channel", f"found {found.channel!r}, but line {line} says {channel!r} of {chain}.")


def _merged(known: StoreRow | None, found: StoreRow) -> StoreRow:
    """What the rows so far say of the store."""
    if known is None:
        return found
    said = {name: getattr(known, name) or getattr(found, name) for name in OF_STORE}
    return replace(known, **said)
