"""Shares under uncertainty: what each facing may count for, drawn many times and summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compliance.kpis.uncertainty import DRAWS, Floats, draw_codes, sample_interval
from compliance.types import EvidenceItem


class Group(NamedTuple):
    """What a facing counts for. brand: None for an unknown product or a gap."""

    category: str
    brand: str | None
    own: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One facing or gap of a share. group: what it counts for, None when it counts nowhere. chances: all it
    may count for, with probabilities."""

    group: Group | None
    item: EvidenceItem
    chances: dict[Group | None, float]

    def counts_in(self, category: str | None) -> bool:
        """Whether it is in the denominator; category None: of all categories."""
        return self.group is not None and category in (None, self.group.category)

    def counts_for(self, category: str | None, brand: str | None) -> bool:
        """Whether it is in the numerator: the brand's, or the own brands' when brand is None."""
        return self.counts_in(category) and _takes_part(self.group, brand)


def _takes_part(group: Group | None, brand: str | None) -> bool:
    return group is not None and (group.own if brand is None else group.brand == brand)


@dataclass(frozen=True, slots=True)
class ShareDraws:
    """groups: what can be counted. totals: weight of each group in each draw, (DRAWS, groups)."""

    groups: tuple[Group, ...]
    totals: Floats

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> ShareDraws:
        """Draw every uncertain entry; certain ones only add their weight."""
        groups = sorted({g for e in entries for g in e.chances if g is not None}, key=str)
        code: dict[Group | None, int] = {group: k for k, group in enumerate(groups)}
        nowhere = code[None] = len(groups)
        totals = np.zeros((DRAWS, nowhere + 1))
        unsure = [e for e in entries if len(e.chances) > 1]
        for entry in entries:
            if len(entry.chances) == 1:
                totals[:, code[next(iter(entry.chances))]] += entry.item.weight
        if unsure:
            drawn = draw_codes([([code[g] for g in e.chances], list(e.chances.values())) for e in unsure])
            flat = (np.arange(DRAWS)[:, None] * (nowhere + 1) + drawn).ravel()
            weight = np.tile([e.item.weight for e in unsure], DRAWS)
            totals += np.bincount(flat, weight, DRAWS * (nowhere + 1)).reshape(totals.shape)
        return cls(tuple(groups), totals[:, :nowhere])

    def interval(self, category: str | None, brand: str | None) -> tuple[float, float] | None:
        """Where the share lies with probability LEVEL."""
        below = [k for k, g in enumerate(self.groups) if category in (None, g.category)]
        above = [k for k in below if _takes_part(self.groups[k], brand)]
        whole = self.totals[:, below].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return sample_interval(self.totals[:, above].sum(axis=1) / whole)
