"""Give every unit to a planned position or to none, and find the products that stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from scipy.optimize import linear_sum_assignment

from compliance.match.align import Column, align, columns, reads_as
from compliance.match.place import Placed
from compliance.match.plan import PlanMap
from compliance.types import FacingRef

ROW_CM = 200.0
"""A row further counts like this many centimetres when a misplaced product is looked for."""


@dataclass(slots=True)
class Assignment:
    """Who stands where. Keys of the dicts: index into ``PlanMap.positions``.

    own: units of the planned product in its place. guests: units of other products in that place. moved:
    units of the planned product elsewhere in the bay, for positions without own ones. place: position in
    whose place a unit stands, by the unit's ref. loose: units without a position.
    """

    own: dict[int, list[Placed]] = field(default_factory=dict)
    guests: dict[int, list[Placed]] = field(default_factory=dict)
    moved: dict[int, list[Placed]] = field(default_factory=dict)
    place: dict[FacingRef, int] = field(default_factory=dict)
    loose: list[Placed] = field(default_factory=list)


def assign(units: list[Placed], plan: PlanMap) -> Assignment:
    """Align each shelf, then look for missing products among what is left over."""
    made = Assignment()
    rows: list[list[Column]] = []
    for shelf, group in groupby(units, key=lambda u: u.shelf):
        row = columns(list(group))
        rows.append(row)
        slots = plan.on_shelf(shelf)
        _take(row, align(row, plan, slots), plan, made)
    for row in rows:
        _join_neighbours(row, plan, made)
    _find_moved(_blocks(rows, made), plan, made)
    _swap_neighbours(plan, made)
    return made


def _take(row: list[Column], taken: list[int], plan: PlanMap, made: Assignment) -> None:
    for column, slot in zip(row, taken, strict=True):
        index = int(plan.owner[slot]) if slot >= 0 else -1
        for unit in column.units:
            if index >= 0:
                made.place[unit.ref] = index
            if index >= 0 and reads_as(unit.facing, plan.positions[index].sku):
                made.own.setdefault(index, []).append(unit)
                continue
            made.loose.append(unit)
            if index >= 0:
                made.guests.setdefault(index, []).append(unit)


def _join_neighbours(row: list[Column], plan: PlanMap, made: Assignment) -> None:
    """Left-over units in an unbroken run of facings with their position's own units belong to it too."""
    owner_of = {unit.ref: index for index, units in made.own.items() for unit in units}
    for _, run in groupby(row, key=lambda c: c.units[0].facing.sku or ""):
        units = [u for column in run for u in column.units]
        owners = [owner_of[u.ref] for u in units if u.ref in owner_of]
        if not owners:
            continue
        index = owners[0]
        for unit in units:
            if unit.ref not in owner_of and unit.facing.sku == plan.positions[index].sku:
                _release(unit, made)
                made.own[index].append(unit)


def _release(unit: Placed, made: Assignment) -> None:
    """The unit is no longer left over."""
    made.loose.remove(unit)
    place = made.place.get(unit.ref)
    if place is not None and unit in made.guests.get(place, []):
        made.guests[place].remove(unit)


def _blocks(rows: list[list[Column]], made: Assignment) -> list[list[Placed]]:
    """Left-over units as runs of one product side by side."""
    loose = {unit.ref for unit in made.loose}
    blocks: list[list[Placed]] = []
    for row in rows:
        for sku, run in groupby(_unit_runs(row), key=lambda u: u.facing.sku if u.ref in loose else None):
            if sku is not None:
                blocks.append(list(run))
    return blocks


def _unit_runs(row: list[Column]) -> Iterator[Placed]:
    for column in row:
        yield from column.units


def _find_moved(blocks: list[list[Placed]], plan: PlanMap, made: Assignment) -> None:
    """Pair positions without their product with left-over blocks of it, nearest first in sum (Hungarian)."""
    wanted = {block[0].facing.sku for block in blocks}
    empty = [i for i, p in enumerate(plan.positions) if i not in made.own and p.sku in wanted]
    if not empty:
        return
    never = 1e9
    cost = np.full((len(empty), len(blocks)), never)
    for i, index in enumerate(empty):
        position = plan.positions[index]
        middle = (plan.left[index] + plan.right[index]) / 2
        for j, block in enumerate(blocks):
            if block[0].facing.sku == position.sku:
                rows_off = abs(block[0].shelf - position.shelf)
                cost[i, j] = ROW_CM * rows_off + abs(_middle(block) - middle) - len(block)
    rows, chosen = linear_sum_assignment(cost)
    for i, j in zip(rows.tolist(), chosen.tolist(), strict=True):
        if cost[i, j] < never:
            made.moved[empty[i]] = blocks[j]
            for unit in blocks[j]:
                made.loose.remove(unit)


def _swap_neighbours(plan: PlanMap, made: Assignment) -> None:
    """Alignment keeps one of two neighbours that changed places. Neither has the better claim to be right,
    so when a product moved past a single other one, that one has moved as well."""
    for index, block in list(made.moved.items()):
        shelf = plan.positions[index].shelf
        if block[0].shelf != shelf:
            continue
        middle = _middle(block)
        crossed = [
            other
            for other, units in made.own.items()
            if plan.positions[other].shelf == shelf
            and (plan.left[other] < plan.left[index]) != (_middle(units) < middle)
        ]
        if len(crossed) == 1:
            other = crossed[0]
            made.moved[other] = made.own.pop(other)
            made.place.update({u.ref: other for u in block})
            made.place.update({u.ref: index for u in made.moved[other]})


def _middle(units: list[Placed]) -> float:
    return sum(u.x for u in units) / len(units)
