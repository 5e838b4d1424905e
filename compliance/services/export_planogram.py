"""A stored planogram as a file of another program, and what such a file cannot hold."""

from __future__ import annotations

import re

from compliance import importers
from compliance.importers.losses import Loss, differences
from compliance.importers.values import ImportedPlanogram, ImportedPosition
from compliance.models import Planogram

TYPES = {"psa": "text/plain; charset=utf-8", "azure": "application/json", "csv": "text/csv; charset=utf-8"}
"""Media type of each format's files."""


def stored(planogram: Planogram) -> ImportedPlanogram:
    """The planogram as the exporters write it. Its bay's name is told if all its bays have one name."""
    bays = {bay.name for bay in planogram.bays.all()}
    return ImportedPlanogram(
        name=planogram.name,
        bay=bays.pop() if len(bays) == 1 else "",
        positions=tuple(
            ImportedPosition(
                shelf=p.shelf,
                position=p.position,
                gtin=p.sku.gtin,
                sku=p.sku.code,
                facings_wide=p.facings_wide,
                facings_high=p.facings_high,
                x_cm=p.x_cm,
                y_cm=p.y_cm,
                width_cm=p.width_cm,
                height_cm=p.height_cm,
                name=p.sku.name,
            )
            for p in planogram.positions.select_related("sku").order_by("shelf", "position")
        ),
        width_cm=planogram.width_cm,
        height_cm=planogram.height_cm,
        effective=planogram.effective_from.isoformat() if planogram.effective_from else "",
        boards_cm=tuple(planogram.boards_cm),
    )


def export_planogram(planogram: Planogram, format: str) -> bytes:
    """The file. format: a key of ``importers.FORMATS``; ValueError for another."""
    return importers.export([stored(planogram)], format)


def losses(planogram: Planogram) -> dict[str, list[Loss]]:
    """By format, what of the planogram its file cannot hold."""
    given = stored(planogram)
    found = {}
    for format in importers.FORMATS:
        try:
            back = importers.parse(importers.export([given], format), given.name, format)
        except importers.PlanogramFileError:
            found[format] = differences(given, None)
            continue
        found[format] = differences(given, next(iter(back.planograms), None))
    return found


def file_name(planogram: Planogram, format: str) -> str:
    """What the file is called: letters and digits only, so that every system takes it."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", planogram.name).strip("-").lower() or "planogram"
    return f"{plain}-v{planogram.version}{importers.FORMATS[format]}"
