"""Align what stands on a shelf with what is planned there.

Needleman & Wunsch (1970) over columns and slots, with costs from product identity and from the distance
along the shelf. A column may also join the position of the slot before it, so that many facings fall to one
position.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compliance.match.place import Placed
from compliance.match.plan import Ints, PlanMap
from recognition.types import Facing, FacingStatus

OTHER_PRODUCT = 1.0
UNKNOWN_PRODUCT = 0.7
UNKNOWN_BUT_CANDIDATE = 0.5
BY_EXPECTATION = 0.1
FAR = 0.3
"""Cost of standing ``REACH`` slot widths or more from the slot."""
REACH = 2.0
SKIP = 0.55
"""Cost of a column without a slot, and of a slot without a column."""
ONE_MORE = 0.2
"""Cost of a further facing of the same position."""
CLOSE_CANDIDATE = 0.05
"""Candidates of an ambiguous facing within this similarity of the best may be what it is."""
SURE = 0.95
"""A place holds what is planned there some twenty times as often as a certain similar product, so an accepted
facing of less confidence says as little about which of the two it is as an ambiguous one."""
SIMILAR = 0.1
"""Candidates of such a facing within this similarity of the best are similar products."""


@dataclass(frozen=True, slots=True)
class Column:
    """Units standing above each other, bottom first. x, width: of the lowest, cm."""

    units: tuple[Placed, ...]
    x: float
    width: float

    @property
    def shelf(self) -> int:
        return self.units[0].shelf


def columns(units: list[Placed]) -> list[Column]:
    """Group units by column, left to right."""
    groups: dict[tuple[int, int, int], list[Placed]] = {}
    for unit in units:
        groups.setdefault(unit.column, []).append(unit)
    made = []
    for group in groups.values():
        group.sort(key=lambda u: u.facing.stack)
        made.append(Column(tuple(group), group[0].x, group[0].width))
    return sorted(made, key=lambda c: c.x)


def could_be(facing: Facing) -> dict[str, float]:
    """Cost of reading the facing as each SKU it may be: 0 for the recognised one, little for a candidate
    too close to call, more for a candidate of an unknown product."""
    if facing.sku is None:
        return {c.sku: UNKNOWN_BUT_CANDIDATE for c in facing.candidates}
    costs = {facing.sku: 0.0}
    if not facing.candidates or not is_open(facing):
        return costs
    ambiguous = facing.status is FacingStatus.AMBIGUOUS
    limit = facing.candidates[0].similarity - (CLOSE_CANDIDATE if ambiguous else SIMILAR)
    for rank, candidate in enumerate(facing.candidates):
        if (ambiguous and rank < 2) or candidate.similarity >= limit:
            costs.setdefault(candidate.sku, BY_EXPECTATION)
    return costs


def is_open(facing: Facing) -> bool:
    """Whether recognition left open which of a few similar products the facing is."""
    return facing.status is FacingStatus.AMBIGUOUS or facing.confidence < SURE


def reads_as(facing: Facing, sku: str) -> bool:
    """Whether the facing may count for ``sku``: it is that product, or ambiguous with it among the
    closest."""
    return could_be(facing).get(sku, OTHER_PRODUCT) <= BY_EXPECTATION


def align(seen: list[Column], plan: PlanMap, slots: Ints) -> list[int]:
    """For each column of one shelf the slot it takes, or -1. A column of another product that takes a slot
    stands in that slot's place."""
    if not seen or not len(slots):
        return [-1] * len(seen)
    owner = plan.owner[slots].tolist()
    cost, same = _costs(seen, plan, slots, [plan.positions[index].sku for index in owner])
    n, m = len(seen), len(owner)
    best = [[SKIP * j for j in range(m + 1)]]
    came = [[2] * (m + 1)]
    for i in range(n):
        above, costs, joins = best[-1], cost[i], same[i]
        row, trace = [above[0] + SKIP], [1]
        pick = row[0]
        for before, up, price, join in zip(above, above[1:], costs, joins, strict=False):
            left = pick + SKIP
            pick, how = before + price, 0
            up += ONE_MORE if join else SKIP
            if up < pick:
                pick, how = up, 3 if join else 1
            if left < pick:
                pick, how = left, 2
            row.append(pick)
            trace.append(how)
        best.append(row)
        came.append(trace)
    return _trace(came, n, m, slots.tolist())


def _trace(came: list[list[int]], i: int, j: int, slots: list[int]) -> list[int]:
    """Walk back through the choices: 0 takes the slot, 1 column left over, 2 slot left empty, 3 joins the
    slot."""
    taken = [-1] * i
    while i:
        how = came[i][j]
        if how in (0, 3):
            taken[i - 1] = slots[j - 1]
        if how in (0, 2):
            j -= 1
        if how != 2:
            i -= 1
    return taken


def _costs(
    seen: list[Column], plan: PlanMap, slots: Ints, planned: list[str]
) -> tuple[list[list[float]], list[list[bool]]]:
    """(columns, slots) cost of a column taking a slot, and whether it may join that slot's position.

    planned: the SKU of each slot.
    """
    places: dict[str, list[int]] = {}
    for j, sku in enumerate(planned):
        places.setdefault(sku, []).append(j)
    cost, same = [], []
    for column in seen:
        unknown = all(u.facing.sku is None for u in column.units)
        prices = [UNKNOWN_PRODUCT if unknown else OTHER_PRODUCT] * len(planned)
        joins = [False] * len(planned)
        for unit in column.units:
            for sku, price in could_be(unit.facing).items():
                for j in places.get(sku, ()):
                    prices[j] = min(prices[j], price)
                    joins[j] |= price <= BY_EXPECTATION
        cost.append(prices)
        same.append(joins)
    x = np.array([c.x for c in seen])
    off = np.abs(x[:, None] - plan.x[slots][None]) / (REACH * plan.width[slots][None])
    return (np.array(cost) + FAR * np.minimum(off, 1.0)).tolist(), same
