"""How well the matcher does where the truth is known: bays with injected events, from layouts alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from compliance.kpis.context import build_context
from compliance.kpis.registry import REGISTRY
from compliance.match import match_bay
from compliance.simulate.camera import View, Window, photograph, place
from compliance.simulate.events import EVENTS, mirror
from compliance.simulate.store import Block, Rng, Store, catalogue, make_plan, stock
from compliance.simulate.truth import Event, expected, named
from compliance.types import BayInput, BayMatch, BayPhoto, VisitInput

__all__ = ["Scene", "evaluate_planograms", "make_scene"]

VIEWS = ("whole", "whole", "partial", "next_bay", "two_photos")
MIRRORED = 0.06
WRONG_PLANOGRAM = 0.05


@dataclass(frozen=True, slots=True)
class Scene:
    """A made-up bay with its photos and the truth. score: share of assessed positions that are strictly
    right, None where the plan is another bay's."""

    bay: BayInput
    store: Store
    views: tuple[View, ...]
    events: frozenset[Event]
    score: float | None


def make_scene(seed: int) -> Scene:
    """A bay with one to four events, photographed in one of several ways; the same for the same seed."""
    rng = np.random.default_rng(seed)
    products = catalogue(rng)
    store = stock(products, make_plan(rng, products))
    for _ in range(int(rng.integers(1, 5))):
        kind = str(rng.choice(list(EVENTS)))
        if EVENTS[kind](rng, store):
            store.events.append(kind)
    if rng.random() < MIRRORED:
        mirror(store)
    views = [place(rng, window) for window in _windows(rng, store)]
    events, score, _ = expected(store, views)
    plan = store.plan
    wrong = rng.random() < WRONG_PLANOGRAM
    if wrong:
        plan = make_plan(np.random.default_rng([seed, 1]), products)
    photos = tuple(BayPhoto(f"photo {n}", photograph(rng, store, v)) for n, v in enumerate(views))
    return Scene(
        BayInput("bay", "Bay", photos, plan),
        store,
        tuple(views),
        frozenset({("wrong_planogram",)} if wrong else events),
        None if wrong else score,
    )


def evaluate_planograms(shelves: int = 500, seed: int = 0) -> dict[str, object]:
    """Match ``shelves`` made-up bays and compare what is said with what was done.

    Keys: ``event_precision``, ``event_recall``, ``event_f1`` (each a dict with ``all`` and one entry a kind
    of event), ``score_within_1pt`` (share of bays whose strict compliance lies within one point of the
    truth), ``shelves``, ``events``.
    """
    hit, said, true = Counter[str](), Counter[str](), Counter[str]()
    close = scored = 0
    for number in range(shelves):
        scene = make_scene(seed * 1_000_003 + number)
        match = match_bay(scene.bay, scene.store.products)
        found = named(match)
        for counter, events in ((hit, found & scene.events), (said, found), (true, scene.events)):
            counter.update(event[0] for event in events)
        if scene.score is not None:
            scored += 1
            close += abs(_score(scene, match) - scene.score) <= 0.01
    for counter in (hit, said, true):
        counter["all"] = counter.total()
    kinds = sorted(true | said)
    return {
        "event_precision": {kind: _ratio(hit[kind], said[kind]) for kind in kinds},
        "event_recall": {kind: _ratio(hit[kind], true[kind]) for kind in kinds},
        "event_f1": {kind: _ratio(2 * hit[kind], said[kind] + true[kind]) for kind in kinds},
        "score_within_1pt": _ratio(close, scored),
        "shelves": shelves,
        "events": true["all"],
    }


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


def _score(scene: Scene, match: BayMatch) -> float:
    """Strict compliance as the KPI gives it."""
    visit = VisitInput((scene.bay,), scene.store.products)
    context = build_context(visit, {scene.bay.key: match})
    value = next(iter(REGISTRY["planogram_strict"].compute(context, {}))).value
    return value if value is not None else -1.0


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
