"""What goes wrong on the sample's shelves: each fault is known, so that what is recognised can be checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

import numpy as np

from recognition.training.render.layout import Slot
from retail_exec.sample.catalogue import by_code
from retail_exec.sample.plans import SPACING, Place, Plan

KINDS = ("missing", "misplaced", "substituted", "wrong_facings")
OFTEN = (0.45, 0.15, 0.2, 0.2)


@dataclass(frozen=True, slots=True)
class Fault:
    """A planned place that is not as planned. kind: its status in compliance. by: what is there instead."""

    kind: str
    shelf: int
    position: int
    sku: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class FaultyShelf:
    """A bay as it is found: slots for the renderer, and what is wrong with it."""

    slots: tuple[tuple[Slot, ...], ...]
    faults: tuple[Fault, ...]

    def as_json(self) -> list[dict[str, object]]:
        """The faults for the truth file."""
        return [asdict(fault) for fault in self.faults]


def inject(plan: Plan, rng: np.random.Generator, count: int, sold_out: Collection[str] = ()) -> FaultyShelf:
    """The plan's shelf without the products sold out and with ``count`` faults at places of their own."""
    shelf = _Shelf(plan, rng)
    shelf.clear(sold_out)
    for _ in range(count):
        shelf.break_one(str(rng.choice(KINDS, p=OFTEN)))
    slots = tuple(tuple(slot for place in row for slot in place) for row in shelf.rows)
    return FaultyShelf(slots, tuple(shelf.faults))


class _Shelf:
    """A bay that still is as planned, place by place; each place becomes the slots that fill its width."""

    def __init__(self, plan: Plan, rng: np.random.Generator) -> None:
        self.plan, self.rng = plan, rng
        self.rows: list[list[list[Slot]]] = [
            [[(place.sku, place.wide, place.high)] for place in shelf] for shelf in plan.shelves
        ]
        self.whole = [(s, p) for s, shelf in enumerate(plan.shelves) for p in range(len(shelf))]
        self.faults: list[Fault] = []

    def clear(self, skus: Collection[str]) -> None:
        """These products are missing."""
        for at in [at for at in self.whole if self._place(at).sku in skus]:
            self._missing(at)

    def break_one(self, kind: str) -> None:
        """One more fault, at a random place that allows it; none when no place does."""
        made = len(self.faults)
        for index in self.rng.permutation(len(self.whole)):
            getattr(self, f"_{kind}")(self.whole[int(index)])
            if len(self.faults) > made:
                return

    def _place(self, at: tuple[int, int]) -> Place:
        return self.plan.shelves[at[0]][at[1]]

    def _set(self, at: tuple[int, int], kind: str, slots: list[Slot], by: str = "") -> None:
        self.whole.remove(at)
        self.rows[at[0]][at[1]] = slots
        self.faults.append(Fault(kind, at[0], at[1], self._place(at).sku, by))

    def _missing(self, at: tuple[int, int]) -> None:
        self._set(at, "missing", [(None, width(self._place(at)), 0)])

    def _wrong_facings(self, at: tuple[int, int]) -> None:
        place = self._place(at)
        if place.wide > 1:
            fewer = replace(place, wide=max(1, place.wide - int(self.rng.integers(1, 3))))
            free: Slot = (None, width(place) - width(fewer), 0)
            self._set(at, "wrong_facings", [(fewer.sku, fewer.wide, fewer.high), free])

    def _substituted(self, at: tuple[int, int]) -> None:
        strangers = [sku for sku in by_code() if sku not in self.plan.skus and self._fits(sku, at)]
        if strangers:
            sku = strangers[int(self.rng.integers(len(strangers)))]
            self._set(at, "substituted", self._filled(sku, at), by=sku)

    def _misplaced(self, at: tuple[int, int]) -> None:
        own = self._place(at).sku
        others = [
            other
            for other in self.whole
            if other[0] != at[0] and self._fits(own, other) and self._fits(self._place(other).sku, at)
        ]
        if others:
            other = others[int(self.rng.integers(len(others)))]
            theirs = self._place(other).sku
            self._set(at, "misplaced", self._filled(theirs, at), by=theirs)
            self._set(other, "misplaced", self._filled(own, other), by=own)

    def _fits(self, sku: str, at: tuple[int, int]) -> bool:
        tallest = max(by_code()[place.sku].height_cm * place.high for place in self.plan.shelves[at[0]])
        spec = by_code()[sku]
        return spec.width_cm * SPACING <= width(self._place(at)) and spec.height_cm <= tallest

    def _filled(self, sku: str, at: tuple[int, int]) -> list[Slot]:
        room, unit = width(self._place(at)), by_code()[sku].width_cm * SPACING
        wide = int(room // unit)
        rest = room - wide * unit
        return [(sku, wide, 1)] + ([(None, rest, 0)] if rest > 0.5 else [])


def width(place: Place) -> float:
    """Room the planned units take, cm."""
    return place.wide * by_code()[place.sku].width_cm * SPACING
