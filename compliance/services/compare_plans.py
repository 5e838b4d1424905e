"""Two versions of a planogram side by side: what came, went, moved or got other facings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from compliance.models import PlanogramPosition


@dataclass(frozen=True, slots=True)
class Change:
    """One place that is not as before. kinds: of added, removed, moved, facings. before, after: None where
    the place is not."""

    kinds: tuple[str, ...]
    before: PlanogramPosition | None = None
    after: PlanogramPosition | None = None

    @property
    def one(self) -> PlanogramPosition:
        """The place, as it is now if it still is."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def why(self) -> str:
        """What changed, in words."""
        if self.before is None:
            return f"New on {_where(self.one)}."
        if self.after is None:
            return f"Was on {_where(self.one)}."
        said = []
        if "moved" in self.kinds:
            said.append(f"From {_where(self.before)} to {_where(self.after)}.")
        if "facings" in self.kinds:
            said.append(f"{_facings(self.before)} facings become {_facings(self.after)}.")
        return " ".join(said)


@dataclass(frozen=True, slots=True)
class Comparison:
    """changes: in reading order. before, after: kind of change by position id, for the drawings."""

    changes: list[Change] = field(default_factory=list)
    before: dict[int, str] = field(default_factory=dict)
    after: dict[int, str] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """How many places changed in this way."""
        return sum(kind in change.kinds for change in self.changes)

    @property
    def counts(self) -> dict[str, int]:
        """How many places changed, by kind."""
        return {kind: self.count(kind) for kind in ("added", "removed", "moved", "facings")}


def compare(before: Sequence[PlanogramPosition], after: Sequence[PlanogramPosition]) -> Comparison:
    """Pair the places of each product, on the same shelf first; a product that others only made room for has
    not moved: on each shelf the longest run of places in the old order counts as unmoved."""
    pairs, gone, new = _pair(before, after)
    moved = _moved(pairs)
    changes = [Change(("removed",), before=p) for p in gone] + [Change(("added",), after=p) for p in new]
    for old, now in pairs:
        kinds = ("moved",) * (now.pk in moved)
        kinds += ("facings",) * (_facings(old) != _facings(now))
        if kinds:
            changes.append(Change(kinds, old, now))
    changes.sort(key=lambda change: (change.one.shelf, change.one.position))
    return Comparison(
        changes,
        {c.before.pk: c.kinds[0] for c in changes if c.before},
        {c.after.pk: c.kinds[0] for c in changes if c.after},
    )


Pair = tuple[PlanogramPosition, PlanogramPosition]


def _pair(
    before: Sequence[PlanogramPosition], after: Sequence[PlanogramPosition]
) -> tuple[list[Pair], list[PlanogramPosition], list[PlanogramPosition]]:
    """(places there before and after, places gone, new places)."""
    pairs: list[Pair] = []
    left = {p.pk: p for p in before}
    open_after = {p.pk: p for p in after}
    for same_shelf in (True, False):
        for now in list(open_after.values()):
            fitting = [
                p
                for p in left.values()
                if p.sku_id == now.sku_id and (p.shelf == now.shelf or not same_shelf)
            ]
            if not fitting:
                continue
            old = min(fitting, key=lambda p: (abs(p.shelf - now.shelf), abs(p.position - now.position), p.pk))
            pairs.append((old, now))
            del left[old.pk], open_after[now.pk]
    return pairs, list(left.values()), list(open_after.values())


def _moved(pairs: list[Pair]) -> set[int]:
    """Ids of the new places that stand on another shelf, or in another order than before."""
    moved = {now.pk for old, now in pairs if old.shelf != now.shelf}
    stayed = [pair for pair in pairs if pair[1].pk not in moved]
    for shelf in {now.shelf for _, now in stayed}:
        row = sorted((pair for pair in stayed if pair[1].shelf == shelf), key=lambda pair: pair[1].position)
        kept = _longest_rise([old.position for old, _ in row])
        moved |= {now.pk for index, (_, now) in enumerate(row) if index not in kept}
    return moved


def _longest_rise(numbers: list[int]) -> set[int]:
    """Indices of a longest increasing subsequence (patience sorting)."""
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for index, number in enumerate(numbers):
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
        last[at : at + 1] = [index]
        previous.append(last[at - 1] if at else -1)
    found, index = set(), last[-1] if last else -1
    while index >= 0:
        found.add(index)
        index = previous[index]
    return found


def _where(p: PlanogramPosition) -> str:
    return f"shelf {p.shelf + 1}, place {p.position + 1}"


def _facings(p: PlanogramPosition) -> str:
    return f"{p.facings_wide} × {p.facings_high}"
