"""The text of a PSA file (Blue Yonder / JDA Space Planning): records of escaped, comma-separated fields.

It is not CSV: nothing is quoted; a comma inside a field is written ``\\,``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance.importers.values import LARGEST_LENGTH, PlanogramFileError, decode

HEADER = "PROSPACE SCHEMATIC FILE"
_ESCAPES = {",": ",", "\\": "\\", '"': '"', "t": "\t", "n": "\n", "r": "\r"}
_TOKEN = re.compile(r"\\(.)|,", re.DOTALL)
_SPECIAL = re.compile(r'[\\,"\t\n\r]')
_WRITTEN = {"\\": "\\\\", ",": "\\,", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Record:
    """One line. kind: its first field. fields: all of them, the kind at index 0."""

    line: int
    fields: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.fields[0]

    def text(self, index: int) -> str:
        """The field without blanks around it, "" where the record is shorter."""
        return self.fields[index].strip() if index < len(self.fields) else ""

    def number(self, index: int, default: float = 0.0) -> float:
        """The field as a number, ``default`` when empty. Raises ValueError saying what was found."""
        text = self.text(index)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) <= LARGEST_LENGTH:
            raise ValueError(f"expected a number, found {text!r}.")
        return value + 0.0


def split(line: str) -> tuple[str, ...]:
    """Fields of a line, unescaped. An unknown escape keeps its backslash."""
    if "\\" not in line:
        return tuple(line.split(","))
    fields, parts, at = [], list[str](), 0
    for token in _TOKEN.finditer(line):
        parts.append(line[at : token.start()])
        at = token.end()
        if token.group(1) is None:
            fields.append("".join(parts))
            parts = []
        else:
            parts.append(_ESCAPES.get(token.group(1), token.group()))
    fields.append("".join([*parts, line[at:]]))
    return tuple(fields)


def join(fields: Iterable[object]) -> str:
    """The line that ``split`` takes apart into these fields."""
    return ",".join(_SPECIAL.sub(lambda m: _WRITTEN[m.group()], str(field)) for field in fields)


def read(data: bytes) -> Iterator[Record]:
    """The records of a file, comments left out, unknown kinds kept.

    Raises PlanogramFileError unless the first line says that it is a PSA file.
    """
    lines = decode(data).split("\n")
    first = lines[0].rstrip("\r").strip()
    if not first.upper().startswith(HEADER):
        raise PlanogramFileError(1, "", f"expected {HEADER!r}, found {first[:60]!r}.")
    for number, raw in enumerate(lines[1:], start=2):
        line = raw.rstrip("\r")
        if line.strip() and not line.lstrip().startswith(";"):
            yield Record(number, split(line))


def write(records: Iterable[Sequence[object]]) -> bytes:
    """A file of these records, each a sequence of fields with the kind first."""
    lines = [HEADER, "; Version 2017.2.0", *(join(record) for record in records)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")
