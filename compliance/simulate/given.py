"""A plan from a file as the simulation can stock it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from compliance.simulate.store import catalogue
from compliance.types import PlannedPosition, Planogram, Product

UNIT_CM, HEIGHT_CM = 8.0, 20.0
"""What a product measures where the file does not say."""


def as_stocked(plan: Planogram) -> tuple[dict[str, Product], Planogram]:
    """The plan with a place and a width for every position, in the order of its shelves, and its products.

    Half of the plan's products are taken for own ones, and invented products join them, so that there is
    something to bring in. Raises ValueError for a plan without positions.
    """
    if not plan.positions:
        raise ValueError(f"planogram {plan.name!r} has no positions")
    units = _units(plan)
    rows: dict[int, list[PlannedPosition]] = defaultdict(list)
    for position in sorted(plan.positions, key=lambda p: (p.shelf, p.position)):
        row = rows[position.shelf]
        width = units[position.sku] * position.facings_wide
        end = (
            row[-1].x_cm + row[-1].width_cm if row and row[-1].x_cm is not None and row[-1].width_cm else 0.0
        )
        left = end if position.x_cm is None else max(position.x_cm, end)
        row.append(replace(position, x_cm=left, width_cm=width, key=f"{position.shelf}/{len(row)}"))
    positions = tuple(p for row in rows.values() for p in row)
    needed = max((p.x_cm or 0.0) + (p.width_cm or 0.0) for p in positions)
    products = {
        f"invented {sku}": product for sku, product in catalogue(np.random.default_rng(0), 40).items()
    }
    products = {sku: replace(product, sku=sku) for sku, product in products.items()}
    for number, sku in enumerate(sorted(units)):
        products[sku] = Product(sku, f"Brand of {sku}", number % 2 == 0, "", sku, units[sku], HEIGHT_CM)
    return products, replace(plan, positions=positions, width_cm=max(plan.width_cm or 0.0, needed))


def _units(plan: Planogram) -> dict[str, float]:
    """Width of one unit of each product, cm: the narrowest that the plan gives it."""
    found: dict[str, float] = {}
    for p in plan.positions:
        unit = p.width_cm / p.facings_wide if p.width_cm else UNIT_CM
        found[p.sku] = min(found.get(p.sku, unit), unit)
    return found
