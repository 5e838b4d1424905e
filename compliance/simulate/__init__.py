"""How well the matcher does where the truth is known: made-up bays with injected events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from compliance.match import match_bay
from compliance.simulate.camera import View, Window, photograph, place
from compliance.simulate.events import EVENTS, mirror
from compliance.simulate.score import Tally
from compliance.simulate.store import Block, Rng, Store, catalogue, make_plan, stock
from compliance.simulate.truth import Event, expected
from compliance.types import BayInput, BayPhoto, Planogram, Product

__all__ = ["Scene", "Setting", "evaluate_planograms", "make_scene", "make_setting"]

VIEWS = ("whole", "whole", "partial", "next_bay", "two_photos")
MIRRORED = 0.06
WRONG_PLANOGRAM = 0.05
Products = Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class Setting:
    """A made-up bay with its events, and how it is photographed. plan: what it is compared with, another
    bay's where ``wrong``."""

    store: Store
    windows: tuple[Window, ...]
    plan: Planogram
    wrong: bool

    def truth(self, views: Sequence[View]) -> tuple[frozenset[Event], float | None]:
        """The events that the views show, and the share of assessed positions that are strictly right; no
        share where the plan is another bay's."""
        if self.wrong:
            return frozenset({("wrong_planogram",)}), None
        events, score, _ = expected(self.store, list(views))
        return frozenset(events), score


@dataclass(frozen=True, slots=True)
class Scene:
    """A setting seen by a recogniser that errs only where the events say so. score: see ``Setting.truth``."""

    bay: BayInput
    store: Store
    views: tuple[View, ...]
    events: frozenset[Event]
    score: float | None


def make_setting(
    rng: Rng,
    products: Products | None = None,
    plan: Planogram | None = None,
    kinds: Sequence[str] = tuple(EVENTS),
) -> Setting:
    """A bay with one to four events of the ``kinds``, to be photographed in one of several ways.

    products: what there is to put there, invented when None. plan: the plan it is stocked by; a position
    needs ``x_cm`` and ``width_cm``, and its key.
    """
    known = dict(products) if products is not None else catalogue(rng)
    store = stock(known, plan or make_plan(rng, known))
    for _ in range(int(rng.integers(1, 5))):
        kind = str(rng.choice(list(kinds)))
        if EVENTS[kind](rng, store):
            store.events.append(kind)
    if rng.random() < MIRRORED:
        mirror(store)
    windows = tuple(_windows(rng, store))
    wrong = plan is None and rng.random() < WRONG_PLANOGRAM
    other = make_plan(np.random.default_rng(int(rng.integers(2**32))), known) if wrong else store.plan
    return Setting(store, windows, other, wrong)


def make_scene(seed: int, products: Products | None = None, plan: Planogram | None = None) -> Scene:
    """A setting with its layouts; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    setting = make_setting(rng, products, plan)
    views = tuple(place(rng, window) for window in setting.windows)
    events, score = setting.truth(views)
    photos = tuple(BayPhoto(f"photo {n}", photograph(rng, setting.store, v)) for n, v in enumerate(views))
    return Scene(BayInput("bay", "Bay", photos, setting.plan), setting.store, views, events, score)


def evaluate_planograms(
    shelves: int = 500,
    seed: int = 0,
    plans: Sequence[tuple[Products, Planogram]] = (),
    progress: Callable[[], object] = lambda: None,
) -> dict[str, object]:
    """Match ``shelves`` made-up bays and compare what is said with what was done: see ``Tally.figures``.

    plans: bays are stocked by these plans with these products in turn; invented ones when there are none.
    progress: called after each bay.
    """
    tally = Tally()
    for number in range(shelves):
        products, plan = plans[number % len(plans)] if plans else (None, None)
        scene = make_scene(seed * 1_000_003 + number, products, plan)
        match = match_bay(scene.bay, scene.store.products)
        tally.add(scene.bay, scene.store.products, match, scene.events, scene.score)
        progress()
    return tally.figures()


def _windows(rng: Rng, store: Store) -> list[Window]:
    kind = str(rng.choice(VIEWS))
    width, last = store.width, store.plan.shelves - 1
    if kind == "partial":
        cut = float(rng.uniform(0.15, 0.5)) * width
        sides = {
            "left": Window(cut, width, 0, last),
            "right": Window(0.0, width - cut, 0, last),
            "top": Window(0.0, width, 1, last),
            "bottom": Window(0.0, width, 0, last - 1),
        }
        return [sides[str(rng.choice(list(sides)))]]
    if kind == "next_bay":
        _next_bay(rng, store)
        cut = float(rng.uniform(0.1, 0.3)) * width
        return [Window(cut, width + cut, 0, last)]
    if kind == "two_photos":
        middle = width / 2
        lap = float(rng.uniform(0.1, 0.25)) * width
        return [Window(0.0, middle + lap, 0, last), Window(middle - lap, width, 0, last)]
    margin = rng.uniform(0, 6, 2)
    return [Window(-float(margin[0]), width + float(margin[1]), 0, last)]


def _next_bay(rng: Rng, store: Store) -> None:
    """Products of the bay to the right, which the photo shows too."""
    planned = {p.sku for p in store.plan.positions}
    others = sorted(set(store.products) - planned)
    for shelf in range(store.plan.shelves):
        x = store.width + 1.0
        while x < 1.3 * store.width:
            product = store.products[str(rng.choice(others))]
            unit = product.width_cm or 8.0
            store.blocks.append(Block(product.sku, shelf, x, unit, product.height_cm or 20.0, [0, 1], 1))
            x += 2 * unit
