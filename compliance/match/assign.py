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

OUTSIDE = 0.25
"""A unit whose centre lies this part of its width beyond the bay stands in the next bay."""
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
    owner_of = {unit.ref: index for index, own in made.own.items() for unit in own}
    for row in rows:
        _join_neighbours(row, owner_of, plan, made)
    _leave_next_bay(plan, made)
    _find_moved(_blocks(rows, made), plan, made)
    _name_swaps(plan, made)
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


def _join_neighbours(
    row: list[Column], owner_of: dict[FacingRef, int], plan: PlanMap, made: Assignment
) -> None:
    """Left-over units in a run of facings with their position's own units, broken by nothing but unknown
    ones, belong to it too."""
    known = [column for column in row if column.units[0].facing.sku is not None]
    for _, run in groupby(known, key=lambda c: c.units[0].facing.sku):
        units = [u for column in run for u in column.units]
        owners = [owner_of[u.ref] for u in units if u.ref in owner_of]
        if not owners:
            continue
        index = owners[0]
        for unit in units:
            if unit.ref not in owner_of and unit.facing.sku == plan.positions[index].sku:
                _release(unit, made)
                made.own[index].append(unit)


def _leave_next_bay(plan: PlanMap, made: Assignment) -> None:
    """Where a position at the end of the bay has more facings than planned, those beyond the end are the next
    bay's."""
    for index, units in made.own.items():
        beyond = [unit for unit in units if is_outside(unit, plan)]
        for unit in beyond[: max(0, len(units) - plan.positions[index].facings)]:
            units.remove(unit)
            made.loose.append(unit)


def is_outside(unit: Placed, plan: PlanMap) -> bool:
    """Whether a unit stands beyond the ends of the bay."""
    slack = OUTSIDE * unit.width
    return not -slack <= unit.x <= plan.extent + slack


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


def _name_swaps(plan: PlanMap, made: Assignment) -> None:
    """Alignment keeps one of two products that changed places, or the one between them. Neither of the two
    has the better claim to be right: where just pairs changed places on a shelf, both of each have moved
    and the rest has not."""
    for shelf in range(plan.shelves):
        present = {i: units for i, units in made.own.items() if plan.positions[i].shelf == shelf}
        for index, units in made.moved.items():
            if plan.positions[index].shelf == units[0].shelf == shelf:
                present[index] = units
        planned = sorted(present, key=lambda i: plan.left[i])
        seen = sorted(present, key=lambda i: _middle(present[i]))
        stands_for = dict(zip(seen, planned, strict=True))
        changed = {i: other for i, other in stands_for.items() if i != other}
        if any(changed.get(other) != i for i, other in changed.items()):
            continue
        changed = {i: other for i, other in changed.items() if not _at_home(plan, i, other, present)}
        for index, units in present.items():
            made.own.pop(index, None)
            made.moved.pop(index, None)
            (made.moved if index in changed else made.own)[index] = units
            if index in changed:
                made.place.update({u.ref: changed[index] for u in units})


def _at_home(plan: PlanMap, index: int, other: int, present: dict[int, list[Placed]]) -> bool:
    """Whether a product seems to have changed places with another only because those planned between them are
    not there: it still stands in its own place."""
    off = abs(_middle(present[index]) - (plan.left[index] + plan.right[index]) / 2)
    return abs(index - other) > 1 and off < 0.5 * present[index][0].width


def _middle(units: list[Placed]) -> float:
    return sum(u.x for u in units) / len(units)
