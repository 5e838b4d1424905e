"""Write a planogram as JSON in the form of Azure's planogram matching."""

from __future__ import annotations

import json
from typing import Any

from compliance.importers.azure import DEFAULT_CM
from compliance.importers.values import ImportedPlanogram

SHELF_CM = 40.0


def export(planogram: ImportedPlanogram) -> bytes:
    """One planogram as JSON: each facing becomes a position, ``<shelf>-<position>-<column>-<level>``.

    The format needs a place and a size for everything; where ours has none, products follow each other from
    the left with a usual width. A fixture is the space between two boards.
    """
    products: dict[str, dict[str, Any]] = {}
    positions: list[dict[str, Any]] = []
    shelves = planogram.shelves
    width, height = planogram.width_cm, planogram.height_cm or shelves * SHELF_CM
    boards = planogram.boards_cm or tuple((s + 1) * height / shelves for s in range(shelves))
    tops = (0.0, *boards)
    fixtures = [
        {"id": f"shelf-{s}", "w": width or 0.0, "h": boards[s] - tops[s], "x": 0.0, "y": tops[s]}
        for s in range(shelves)
    ]
    ends = [0.0] * shelves
    for p in sorted(planogram.positions, key=lambda p: (p.shelf, p.position)):
        key = p.sku or p.gtin
        w = p.width_cm / p.facings_wide if p.width_cm else DEFAULT_CM
        h = p.height_cm / p.facings_high if p.height_cm else height / shelves / p.facings_high
        products.setdefault(key, {"id": key, "name": p.name, "w": w, "h": h, "gtin": p.gtin})
        left = ends[p.shelf] if p.x_cm is None else p.x_cm
        top = boards[p.shelf] - h * p.facings_high if p.y_cm is None else p.y_cm
        ends[p.shelf] = left + w * p.facings_wide
        positions += [
            {
                "id": f"{p.shelf}-{p.position}-{column}-{level}",
                "productId": key,
                "fixtureId": f"shelf-{p.shelf}",
                "x": left + column * w,
                "y": top + level * h,
            }
            for level in range(p.facings_high)
            for column in range(p.facings_wide)
        ]
    plan = {
        "name": planogram.name,
        "width": width or max(ends, default=0.0),
        "height": height,
        "products": list(products.values()),
        "fixtures": fixtures,
        "positions": positions,
    }
    return json.dumps({"planogram": plan}, ensure_ascii=False, indent=1).encode("utf-8")
