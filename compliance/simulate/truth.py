"""What a perfect comparison of a made-up bay with its plan would say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from compliance.simulate.camera import Unit, View, units
from compliance.simulate.store import Block, Store
from compliance.types import BayMatch, PlannedPosition, PositionStatus, UnplannedKind

Event = tuple[str, ...]
"""What happened, where: ("missing", "2/3"), ("misplaced", "2/3", "4"), ("foreign", "2", "S012", "0")."""

IN_VIEW = 0.35
"""A planned column is in view when this part of it on both sides of its middle is."""


def named(match: BayMatch) -> set[Event]:
    """Everything a match says is not as planned."""
    found: set[Event] = {("mirrored",)} if match.mirrored else set()
    if not match.fits:
        return {("wrong_planogram",)}
    for result in match.positions:
        key = result.position.key
        if result.status is PositionStatus.MISPLACED:
            found.add(("misplaced", key, str(result.found_shelf)))
        elif result.status is PositionStatus.SUBSTITUTED:
            found.add(("substituted", key, result.substituted_by or "?"))
        elif result.status is not PositionStatus.CORRECT:
            found.add((result.status.value, key))
    shelf_of = dict(zip(match.counted, match.shelves, strict=True))
    return found | _numbered((u.kind.value, str(shelf_of[u.ref]), u.sku or "?") for u in match.unplanned)


def expected(store: Store, views: list[View]) -> tuple[set[Event], float, float]:
    """The events of the bay that the views show; the share of assessed positions that are strictly right,
    and of positions that are assessed."""
    seen = _in_view(store, views)
    events: set[Event] = {("mirrored",)} if store.mirrored else set()
    right = assessed = 0
    by_home: dict[str, list[tuple[int, Unit]]] = {}
    by_place: dict[str, list[tuple[int, Unit]]] = {}
    loose: list[Event] = []
    for shelf, unit in seen:
        block = unit.block
        known = unit.index not in block.unknown
        if known and block.home:
            by_home.setdefault(block.home, []).append((shelf, unit))
        if block.place and not (known and block.home == block.place):
            by_place.setdefault(block.place, []).append((shelf, unit))
        if not (known and block.home) and block.x < store.width:
            loose.append((_kind(store, block, known), str(shelf), block.sku if known else "?"))
    for position in store.plan.positions:
        own = by_home.get(position.key, [])
        guests = by_place.get(position.key, [])
        there = [unit for _, unit in (*own, *guests) if unit.block.place == position.key]
        columns = len({(id(unit.block), unit.index) for unit in there})
        shown = max(_columns_in_view(store, position, views), min(columns, position.facings_wide))
        if shown < 0.5 * position.facings_wide:
            events.add((PositionStatus.NOT_ASSESSED.value, position.key))
            continue
        assessed += 1
        event = _event(position, shown, own, guests)
        if event:
            events.add(event)
        elif not any(u.index in u.block.ambiguous for _, u in own):
            right += 1
    events |= _numbered(loose)
    return events, right / max(assessed, 1), assessed / len(store.plan.positions)


def _event(
    position: PlannedPosition,
    shown: int,
    own: list[tuple[int, Unit]],
    guests: list[tuple[int, Unit]],
) -> Event | None:
    key = position.key
    moved = [(shelf, unit) for shelf, unit in own if unit.block.place != key]
    if moved:
        return ("misplaced", key, str(moved[0][0]))
    if own:
        right = shown * position.facings_high <= len(own) <= position.facings
        return None if right else (PositionStatus.WRONG_FACINGS.value, key)
    if guests:
        by, _ = Counter("?" if u.index in u.block.unknown else u.block.sku for _, u in guests).most_common(1)[
            0
        ]
        return ("substituted", key, by)
    return (PositionStatus.MISSING.value, key)


def _in_view(store: Store, views: list[View]) -> list[tuple[int, Unit]]:
    """(shelf, unit) of every unit that some view shows, once."""
    found: dict[tuple[int, int, int], tuple[int, Unit]] = {}
    for view in views:
        for shelf, row in units(store, view):
            found.update({(id(unit.block), unit.index, unit.stack): (shelf, unit) for unit in row})
    return list(found.values())


def _columns_in_view(store: Store, position: PlannedPosition, views: list[View]) -> int:
    assert position.x_cm is not None
    assert position.width_cm is not None
    unit = position.width_cm / position.facings_wide
    shown = 0
    for column in range(position.facings_wide):
        middle = position.x_cm + (column + 0.5) * unit
        middle = store.width - middle if store.mirrored else middle
        ends = [view.bounds(position.shelf) for view in views]
        shown += any(
            left <= middle - IN_VIEW * unit and middle + IN_VIEW * unit <= right for left, right in ends
        )
    return shown


def _kind(store: Store, block: Block, known: bool) -> str:
    if not known:
        return UnplannedKind.UNKNOWN.value
    own = store.products[block.sku].own
    return UnplannedKind.INTRUDER.value if own else UnplannedKind.FOREIGN.value


def _numbered(events: Iterable[Event]) -> set[Event]:
    """Equal events told apart by a count."""
    return {(*event, str(n)) for event, count in Counter(events).items() for n in range(count)}
