"""Is the nearest product the right one?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recognition.types import Candidate, FacingStatus

KEPT_CANDIDATES = 10


class Verdict(NamedTuple):
    """What a facing is taken for. confidence: see Facing."""

    status: FacingStatus
    sku: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Calibrated rule from nearest products to a verdict.

    The chance that the nearest product is right is the logistic of bias + similarity · s + margin · m,
    where s is its similarity and m how much more alike it is than the next product (Platt, "Probabilistic
    outputs for support vector machines", 1999). From ``accept_at`` on it is accepted, below
    ``unknown_below`` unknown.
    """

    bias: float
    similarity: float
    margin: float
    accept_at: float
    unknown_below: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, float]) -> Acceptance:
        """Read the rule from a model's settings; raises KeyError naming a missing field."""
        return cls(**{name: float(settings[name]) for name in cls.__dataclass_fields__})

    def chance(self, candidates: Sequence[Candidate]) -> float:
        """Probability that the first candidate is right, 0..1."""
        first = candidates[0].similarity
        second = candidates[1].similarity if len(candidates) > 1 else 0.0
        score = self.bias + self.similarity * first + self.margin * (first - second)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))

    def judge(self, candidates: Sequence[Candidate]) -> Verdict:
        """Decide on a facing by its candidates, best first."""
        if not candidates:
            return Verdict(FacingStatus.UNKNOWN, None, 1.0)
        chance = self.chance(candidates)
        if chance >= self.accept_at:
            return Verdict(FacingStatus.ACCEPTED, candidates[0].sku, chance)
        if chance >= self.unknown_below:
            return Verdict(FacingStatus.AMBIGUOUS, candidates[0].sku, chance)
        return Verdict(FacingStatus.UNKNOWN, None, 1 - chance)
