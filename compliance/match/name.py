"""Say in words and numbers what became of each planned position and each unplanned facing."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from compliance.match.align import OTHER_PRODUCT, UNKNOWN_BUT_CANDIDATE, could_be
from compliance.match.assign import Assignment, is_outside
from compliance.match.place import Placed, PlacedGap
from compliance.match.plan import PlanMap
from compliance.types import (
    FacingRef,
    PositionResult,
    PositionStatus,
    Product,
    UnplannedFacing,
    UnplannedKind,
)
from recognition.types import FacingStatus

ENOUGH = 0.5
"""A position is assessed when the photos show at least this part of its columns."""


def facing_match(seen: float, planned: float) -> float:
    """1 − abs(seen − planned) / max(seen, planned); 1 when both are 0."""
    larger = max(seen, planned)
    return 1.0 - abs(seen - planned) / larger if larger else 1.0


def name_positions(
    plan: PlanMap, made: Assignment, visible: NDArray[np.bool_], gaps: list[PlacedGap]
) -> tuple[PositionResult, ...]:
    """The result of every planned position. visible: (slots,), whether a photo shows the slot."""
    shown = np.bincount(plan.owner, weights=visible, minlength=len(plan.positions))
    places = zip(shown.tolist(), plan.positions, plan.left.tolist(), plan.right.tolist(), strict=True)
    return tuple(
        _name(plan, index, made, int(slots), _gaps_at(position.shelf, left, right, gaps))
        for index, (slots, position, left, right) in enumerate(places)
    )


def name_unplanned(
    plan: PlanMap, made: Assignment, products: dict[str, Product]
) -> tuple[list[UnplannedFacing], set[FacingRef]]:
    """The unplanned facings of the bay, and the units that stand outside it."""
    unplanned, outside = [], set()
    for unit in made.loose:
        if is_outside(unit, plan):
            outside.add(unit.ref)
            continue
        unplanned.append(UnplannedFacing(unit.ref, _kind(unit.facing.sku, products), unit.facing.sku))
    return unplanned, outside


def resolved(plan: PlanMap, made: Assignment) -> dict[FacingRef, str]:
    """The SKU chosen with the plan's help, for every facing in its own place that needed it."""
    return {
        unit.ref: plan.positions[index].sku
        for index, units in made.own.items()
        for unit in units
        if _helped(unit, plan.positions[index].sku)
    }


def _helped(unit: Placed, sku: str) -> bool:
    """Whether only the plan says that the unit is the product."""
    return unit.facing.status is FacingStatus.AMBIGUOUS or unit.facing.sku != sku


def _kind(sku: str | None, products: dict[str, Product]) -> UnplannedKind:
    if sku is None or sku not in products:
        return UnplannedKind.UNKNOWN
    return UnplannedKind.INTRUDER if products[sku].own else UnplannedKind.FOREIGN


def _gaps_at(shelf: int, left: float, right: float, gaps: list[PlacedGap]) -> tuple[FacingRef, ...]:
    """Gaps that lie in a place for the most part of either."""
    return tuple(
        gap.ref
        for gap in gaps
        if gap.shelf == shelf
        and min(gap.right, right) - max(gap.left, left) > 0.5 * min(gap.right - gap.left, right - left)
    )


def _name(
    plan: PlanMap, index: int, made: Assignment, shown: int, gaps: tuple[FacingRef, ...]
) -> PositionResult:
    position = plan.positions[index]
    own, moved = made.own.get(index, []), made.moved.get(index, [])
    there = {u.column for u in (*own, *made.guests.get(index, []))}
    shown = max(shown, min(len(there), position.facings_wide))
    visible = shown * position.facings_high
    if shown < ENOUGH * position.facings_wide:
        return PositionResult(
            position,
            PositionStatus.NOT_ASSESSED,
            seen=_refs(own),
            visible=visible,
            why="No photo shows enough of its place.",
        )
    if own:
        return _present(plan, index, made, visible, gaps)
    if moved:
        shelf, place = _whereabouts(plan, index, made, moved)
        return PositionResult(
            position,
            PositionStatus.MISPLACED,
            seen=_refs(moved),
            gaps=gaps,
            guests=_refs(made.guests.get(index, [])),
            lenient_credit=0.5,
            found_shelf=shelf,
            found_position=place,
            visible=visible,
            why=_where(shelf, place),
        )
    return _absent(plan, index, made, visible, gaps)


def _present(
    plan: PlanMap, index: int, made: Assignment, visible: int, gaps: tuple[FacingRef, ...]
) -> PositionResult:
    position, own = plan.positions[index], made.own[index]
    unsure = [u for u in own if _helped(u, position.sku)]
    maybe = _maybe(plan, index, made)
    right = visible <= len(own) <= position.facings
    planned = min(max(visible, len(own)), position.facings)
    lenient = facing_match(len(own) - 0.5 * len(unsure) + 0.5 * maybe, planned)
    why = f"{len(own)} of {planned} facings." if not right or planned < position.facings else ""
    if right and planned < position.facings:
        why = f"{len(own)} facings where the photos show {visible} of {position.facings} places."
    if unsure:
        why += f" {len(unsure)} told from a similar product with the plan's help."
    if maybe:
        why += f" {maybe} unrecognised in its place may be it."
    return PositionResult(
        position,
        PositionStatus.CORRECT if right else PositionStatus.WRONG_FACINGS,
        seen=_refs(own),
        guests=_refs(made.guests.get(index, [])),
        gaps=() if right else gaps,
        credit=1.0 if right and not unsure else 0.0,
        lenient_credit=lenient,
        visible=visible,
        why=why.strip(),
    )


def _absent(
    plan: PlanMap, index: int, made: Assignment, visible: int, gaps: tuple[FacingRef, ...]
) -> PositionResult:
    position, guests = plan.positions[index], made.guests.get(index, [])
    if not guests:
        why = "Its place is empty." if gaps else "It was not seen, nor anything in its place."
        return PositionResult(position, PositionStatus.MISSING, gaps=gaps, visible=visible, why=why)
    (by, _), *_ = Counter(u.facing.sku for u in guests).most_common(1)
    maybe = _maybe(plan, index, made)
    why = f"{by} stands in its place." if by else "An unrecognised product stands in its place."
    if maybe:
        why += f" {maybe} of the facings there may be it."
    return PositionResult(
        position,
        PositionStatus.SUBSTITUTED,
        gaps=gaps,
        guests=_refs(guests),
        lenient_credit=facing_match(0.5 * maybe, max(visible, maybe)),
        substituted_by=by,
        visible=visible,
        why=why,
    )


def _maybe(plan: PlanMap, index: int, made: Assignment) -> int:
    """Unrecognised units in the position's place that have its product among their candidates."""
    sku = plan.positions[index].sku
    return sum(
        u.facing.sku is None and could_be(u.facing).get(sku, OTHER_PRODUCT) <= UNKNOWN_BUT_CANDIDATE
        for u in made.guests.get(index, [])
    )


def _whereabouts(plan: PlanMap, index: int, made: Assignment, units: list[Placed]) -> tuple[int, int | None]:
    """Shelf and planned position in whose place the units stand."""
    shelf = units[0].shelf
    places = Counter(made.place[u.ref] for u in units if u.ref in made.place)
    if places:
        return shelf, plan.positions[places.most_common(1)[0][0]].position
    middle = sum(u.x for u in units) / len(units)
    for other, position in enumerate(plan.positions):
        if position.shelf == shelf and other != index and plan.left[other] <= middle <= plan.right[other]:
            return shelf, position.position
    return shelf, None


def _where(shelf: int, position: int | None) -> str:
    if shelf < 0:
        return "It stands on a shelf that the plan does not have."
    if position is None:
        return f"It stands on shelf {shelf + 1}, where nothing is planned."
    return f"It stands on shelf {shelf + 1}, in place {position + 1}."


def _refs(units: list[Placed]) -> tuple[FacingRef, ...]:
    return tuple(u.ref for u in units)
