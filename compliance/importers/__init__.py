"""Planograms in and out: PSA, Azure-style JSON, CSV. Bytes in, typed values and a report of every row left
out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from compliance.importers import azure, azure_export, csv, psa, psa_export
from compliance.importers.psa_text import HEADER
from compliance.importers.values import (
    FindSku,
    ImportedPlanogram,
    ImportedPosition,
    ImportResult,
    LeftRow,
    PlanogramFileError,
    resolve,
    text_of,
    to_export,
)

__all__ = [
    "FORMATS",
    "FindSku",
    "ImportResult",
    "ImportedPlanogram",
    "ImportedPosition",
    "LeftRow",
    "PlanogramFileError",
    "export",
    "parse",
    "resolve",
    "sniff",
    "to_export",
]

FORMATS = {"psa": ".psa", "azure": ".json", "csv": ".csv"}
"""Formats with the ending of their files."""


def sniff(data: bytes, filename: str = "") -> str:
    """Which format a file has: "psa", "azure" or "csv"; by its first characters, not by its name.

    Raises PlanogramFileError when it is empty or no text.
    """
    start = text_of(data[:4096]).lstrip("\ufeff \t\r\n")
    if not data.strip():
        raise PlanogramFileError(0, "", "the file is empty.")
    if "\x00" in start:
        raise PlanogramFileError(0, "", f"{filename or 'the file'} is no text: expected PSA, JSON or CSV.")
    if start.upper().startswith(HEADER):
        return "psa"
    return "azure" if start.startswith(("{", "[")) else "csv"


def parse(data: bytes, filename: str = "", format: str | None = None) -> ImportResult:
    """Read a planogram file. filename: names the planogram where the file does not. format: a key of FORMATS,
    found out when None. Raises PlanogramFileError."""
    kind = format or sniff(data, filename)
    name = PurePath(filename).stem or "planogram"
    if kind == "psa":
        return psa.parse(data)
    if kind == "azure":
        return azure.parse(data, name)
    if kind == "csv":
        return csv.parse(data, name)
    raise ValueError(f"expected a format of {', '.join(FORMATS)}, got {kind!r}")


def export(planograms: Sequence[ImportedPlanogram], format: str) -> bytes:
    """Write planograms. format: a key of FORMATS; "azure" holds just one. Raises ValueError."""
    if format == "psa":
        return psa_export.export(planograms)
    if format == "csv":
        return csv.export(planograms)
    if format != "azure":
        raise ValueError(f"expected a format of {', '.join(FORMATS)}, got {format!r}")
    if len(planograms) != 1:
        raise ValueError(f"the Azure form holds one planogram, got {len(planograms)}")
    return azure_export.export(planograms[0])
