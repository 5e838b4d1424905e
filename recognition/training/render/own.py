"""The user's own catalogue and packshots as products to render."""

from __future__ import annotations

import csv
from pathlib import Path

from recognition.training.render.catalogue import PackSpec
from recognition.training.render.packshots import find_packshot, open_packshot


def read_catalogue(catalog: Path, packshots: Path) -> list[PackSpec]:
    """The user's own products: ``catalog.csv`` and a packshot folder (``<sku>.jpg|png|webp`` or
    ``<sku>/*.jpg``).

    Products without a picture are left out. Where sizes are missing, 20 cm of height is taken,
    and the width from the picture's aspect. Raises ValueError, naming what is wrong, when
    nothing is left.
    """
    with catalog.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if not rows or "sku" not in rows[0]:
        found = ", ".join(rows[0]) if rows else "no rows"
        raise ValueError(f"{catalog}: expected a CSV file with a 'sku' column, found {found}")
    out = []
    for row in rows:
        sku = (row["sku"] or "").strip()
        picture = find_packshot(packshots, sku) if sku else None
        if picture is None:
            continue
        height = _number(row.get("height_cm"), 20.0)
        width = _number(row.get("width_cm"), height * _aspect(picture))
        out.append(
            PackSpec(
                sku=sku,
                gtin=row.get("gtin") or "",
                brand=row.get("brand") or "",
                name=row.get("name") or sku,
                category=row.get("category") or "",
                size=row.get("size") or "",
                shape="bag",
                width_cm=width,
                height_cm=height,
                depth_cm=width * 0.4,
                price=row.get("price") or "1.99",
                design_seed=0,
                packshot=str(picture),
            )
        )
    if not out:
        raise ValueError(f"{packshots}: no packshot found for any of the {len(rows)} SKUs of {catalog}")
    return out


def _aspect(picture: Path) -> float:
    pack = open_packshot(picture)
    return pack.shape[1] / pack.shape[0]


def _number(text: str | None, default: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if value > 0 else default
