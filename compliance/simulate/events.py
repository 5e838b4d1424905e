"""What makes a made-up bay differ from its plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from compliance.simulate.store import Block, Rng, Store
from compliance.types import Product

Event = Callable[[Rng, Store], bool]
"""Changes the store; False when it found no place for the event and did nothing."""


def _untouched(rng: Rng, store: Store) -> list[Block]:
    blocks = [b for b in store.blocks if b.home and b.home not in store.touched]
    return [blocks[i] for i in rng.permutation(len(blocks))]


def _beside(store: Store, block: Block) -> set[str]:
    """Products next to a block."""
    row = store.row(block.shelf)
    at = row.index(block)
    return {b.sku for b in row[max(0, at - 1) : at + 2] if b is not block}


def swap(rng: Rng, store: Store) -> bool:
    """Two products change places: neighbours, on one shelf, or across shelves."""
    near = rng.choice(["neighbours", "shelf", "anywhere"])
    for one in _untouched(rng, store)[:8]:
        for two in _untouched(rng, store):
            row = store.row(one.shelf)
            apart = abs(row.index(one) - row.index(two)) if one.shelf == two.shelf else 0
            wanted = {"neighbours": apart == 1, "shelf": apart > 1, "anywhere": one.shelf != two.shelf}[
                str(near)
            ]
            if wanted and one.sku != two.sku and _fits(store, one, two):
                _exchange(store, one, two)
                return True
    return False


def _fits(store: Store, one: Block, two: Block) -> bool:
    if two.sku in _beside(store, one) - {one.sku} and one.shelf != two.shelf:
        return False
    if one.sku in _beside(store, two) - {two.sku} and one.shelf != two.shelf:
        return False
    if one.shelf == two.shelf:
        return True
    more = two.width - one.width
    return store.free(one.shelf) >= more and store.free(two.shelf) >= -more


def _exchange(store: Store, one: Block, two: Block) -> None:
    rows = {shelf: store.row(shelf) for shelf in (one.shelf, two.shelf)}
    at_one, at_two = rows[one.shelf].index(one), rows[two.shelf].index(two)
    shelf_one, shelf_two = one.shelf, two.shelf
    rows[shelf_one][at_one], rows[shelf_two][at_two] = two, one
    left, right = (one, two) if one.x < two.x else (two, one)
    if shelf_one == shelf_two and abs(at_one - at_two) == 1:
        left.x, right.x = right.x + right.width - left.width, left.x
    else:
        one.x, two.x = two.x, one.x
    one.shelf, two.shelf = shelf_two, shelf_one
    one.place, two.place = two.place, one.place
    for shelf, row in rows.items():
        store.settle(shelf, row)
    store.touched |= {one.home, two.home}


def gap(rng: Rng, store: Store) -> bool:
    """A product is out of stock."""
    for block in _untouched(rng, store)[:1]:
        store.blocks.remove(block)
        store.touched.add(block.home)
        return True
    return False


def wrong_facings(rng: Rng, store: Store) -> bool:
    """A product has fewer or more columns than planned."""
    for block in _untouched(rng, store):
        wide = len(block.columns)
        if wide > 1 and rng.random() < 0.6:
            keep = rng.choice(wide, int(rng.integers(1, wide)), replace=False)
            block.columns = sorted(int(k) for k in keep)
        elif store.free(block.shelf) >= block.unit:
            room = int(store.free(block.shelf) / block.unit)
            block.columns = list(range(wide + int(rng.integers(1, min(room, 2) + 1))))
            store.settle(block.shelf)
        else:
            continue
        store.touched.add(block.home)
        return True
    return False


def _stranger(rng: Rng, store: Store, own: bool, room: float) -> Product | None:
    planned = {p.sku for p in store.plan.positions}
    there = {b.sku for b in store.blocks}
    found = [
        p
        for p in store.products.values()
        if p.own is own and p.sku not in planned | there and (p.width_cm or 99) <= room
    ]
    return found[int(rng.integers(len(found)))] if found else None


def _bring(rng: Rng, store: Store, own: bool) -> bool:
    """A product that the plan does not have, in the place of another or squeezed in."""
    if rng.random() < 0.5:
        for block in _untouched(rng, store):
            product = _stranger(rng, store, own, block.width)
            if product is not None:
                unit = product.width_cm or 8.0
                store.blocks.remove(block)
                wide = max(1, int(block.width / unit))
                new = replace(
                    block,
                    sku=product.sku,
                    unit=unit,
                    height=product.height_cm or 20.0,
                    columns=list(range(wide)),
                    high=1,
                    home="",
                )
                store.blocks.append(new)
                store.touched.add(block.home)
                return True
    for shelf in rng.permutation(max(b.shelf for b in store.blocks) + 1):
        row = store.row(int(shelf))
        calm = all(b.home and b.home not in store.touched for b in row)
        planned = sum(p.shelf == shelf for p in store.plan.positions)
        product = _stranger(rng, store, own, store.free(int(shelf)))
        if not calm or len(row) < planned or product is None:
            continue
        at = int(rng.integers(len(row) + 1))
        x = row[at].x if at < len(row) else store.width
        new = Block(product.sku, int(shelf), x, product.width_cm or 8.0, product.height_cm or 20.0, [0], 1)
        store.blocks.append(new)
        store.settle(int(shelf), [*row[:at], new, *row[at:]])
        store.touched |= {b.home for b in row}
        return True
    return False


def foreign(rng: Rng, store: Store) -> bool:
    """A competitor's product without a place in the plan."""
    return _bring(rng, store, own=False)


def intruder(rng: Rng, store: Store) -> bool:
    """An own product without a place in the plan."""
    return _bring(rng, store, own=True)


def unknowns(rng: Rng, store: Store) -> bool:
    """The recogniser cannot tell some columns of a product."""
    for block in _untouched(rng, store)[:1]:
        count = int(rng.integers(1, len(block.columns) + 1))
        block.unknown = {int(k) for k in rng.choice(block.columns, count, replace=False)}
        store.touched.add(block.home)
        return True
    return False


def ambiguous(rng: Rng, store: Store) -> bool:
    """The recogniser wavers between a product and a similar one; the plan may help."""
    for block in _untouched(rng, store)[:1]:
        block.ambiguous = set(block.columns)
        store.touched.add(block.home)
        return True
    return False


def shift(rng: Rng, store: Store) -> bool:
    """A whole shelf is pushed along as far as there is room: nothing is wrong with that."""
    shelf = int(rng.integers(max(b.shelf for b in store.blocks) + 1))
    row = store.row(shelf)
    if not row:
        return False
    room = store.width - max(b.x + b.width for b in row)
    for block in row:
        block.x += room
    return room > 1.0


def mirror(store: Store) -> None:
    """The bay is built for a traffic flow from the other side."""
    for block in store.blocks:
        wide = max(block.columns) + 1
        block.columns = sorted(wide - 1 - k for k in block.columns)
        block.unknown = {wide - 1 - k for k in block.unknown}
        block.ambiguous = {wide - 1 - k for k in block.ambiguous}
        block.x = store.width - block.x - block.unit * wide
    store.mirrored = True


EVENTS: dict[str, Event] = {
    "swap": swap,
    "gap": gap,
    "wrong_facings": wrong_facings,
    "foreign": foreign,
    "intruder": intruder,
    "unknowns": unknowns,
    "ambiguous": ambiguous,
    "shift": shift,
}
