"""Counting what was said about made-up bays against what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from compliance.kpis.context import build_context
from compliance.kpis.registry import REGISTRY
from compliance.simulate.truth import Event, named
from compliance.types import BayInput, BayMatch, Product, VisitInput

CLOSE = 0.01


@dataclass(slots=True)
class Tally:
    """Events by kind: said and true, said, true; and how many strict scores lie within one point."""

    hit: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    shelves: int = 0
    scored: int = 0
    close: int = 0

    def add(
        self,
        bay: BayInput,
        products: Mapping[str, Product],
        match: BayMatch,
        events: Set[Event],
        score: float | None,
    ) -> None:
        """Count one bay. events, score: see ``Setting.truth``."""
        found = named(match)
        for counter, some in ((self.hit, found & events), (self.said, found), (self.true, events)):
            counter.update(event[0] for event in some)
        self.shelves += 1
        if score is not None:
            self.scored += 1
            self.close += abs(_strict(bay, products, match) - score) <= CLOSE

    def figures(self) -> dict[str, object]:
        """``event_precision``, ``event_recall``, ``event_f1`` (each a dict with ``all`` and an entry a kind),
        ``score_within_1pt`` (share of bays whose strict compliance lies within one point of the truth),
        ``shelves``, ``events``."""
        hit, said, true = (Counter({**c, "all": c.total()}) for c in (self.hit, self.said, self.true))
        kinds = sorted(true | said)
        return {
            "event_precision": {kind: _ratio(hit[kind], said[kind]) for kind in kinds},
            "event_recall": {kind: _ratio(hit[kind], true[kind]) for kind in kinds},
            "event_f1": {kind: _ratio(2 * hit[kind], said[kind] + true[kind]) for kind in kinds},
            "score_within_1pt": _ratio(self.close, self.scored),
            "shelves": self.shelves,
            "events": true["all"],
        }


def _strict(bay: BayInput, products: Mapping[str, Product], match: BayMatch) -> float:
    """Strict compliance as the KPI gives it, -1 where it is not measurable."""
    context = build_context(VisitInput((bay,), dict(products)), {bay.key: match})
    definition = REGISTRY["planogram_strict"]
    value = next(iter(definition.compute(context, definition.settings({})))).value
    return value if value is not None else -1.0


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
