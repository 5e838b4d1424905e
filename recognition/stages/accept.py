"""Is the nearest product the right one?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import NamedTuple

from recognition.stages.retrieve import USUAL, USUAL_SPREAD
from recognition.types import Candidate, FacingStatus

KEPT_CANDIDATES = 10


class Verdict(NamedTuple):
    """What a facing is taken for. confidence: see Facing."""

    status: FacingStatus
    sku: str | None
    confidence: float


class Signals(NamedTuple):
    """What the chance of the first candidate is judged by."""

    similarity: float
    margin: float
    """How much more alike it is than the next best; 0 when re-ranking put it before a more similar one."""
    standing: float
    """See ``Candidate``."""


class Evidence(NamedTuple):
    """What re-ranking found, where it looked."""

    found: float
    """The first candidate's evidence."""
    lead: float
    """How much more that is than any other candidate's."""
    structure: float = 0.0
    """See ``Agreement``; 0 where the first candidate's packshot could not be laid over the crop."""
    colour: float = 0.0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Calibrated rule from nearest products to a verdict.

    The chance that the first candidate is right is the logistic of a weighted sum of its ``Signals`` (Platt,
    "Probabilistic outputs for support vector machines", 1999). Where re-ranking looked, that sum counts
    ``evidence_rest`` times, and its ``Evidence`` adds to it. From ``accept_at`` on the product is accepted,
    below ``unknown_below`` it is unknown.
    """

    bias: float
    margin: float
    accept_at: float
    unknown_below: float
    similarity: float = 0.0
    standing: float = 0.0
    evidence_bias: float = 0.0
    evidence: float = 0.0
    evidence_lead: float = 0.0
    evidence_structure: float = 0.0
    evidence_colour: float = 0.0
    evidence_rest: float = 1.0

    @classmethod
    def from_settings(cls, settings: Mapping[str, float]) -> Acceptance:
        """Read the rule from a model's settings; raises KeyError naming a missing field.

        Weights that are left out change nothing: rules fitted before a signal was known go without it.
        """
        return cls(
            **{
                field.name: float(settings[field.name])
                for field in fields(cls)
                if field.default is MISSING or field.name in settings
            }
        )

    def chance(self, candidates: Sequence[Candidate]) -> float:
        """Probability that the first candidate is right, 0..1."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.score(candidates)))))

    def score(self, candidates: Sequence[Candidate]) -> float:
        """Log odds that the first candidate is right."""
        seen = signals(candidates)
        score = self.bias + self.similarity * seen.similarity + self.margin * seen.margin
        score += self.standing * seen.standing
        local = evidence(candidates)
        if local is None:
            return score
        score = self.evidence_rest * score + self.evidence_bias
        score += self.evidence * local.found + self.evidence_lead * local.lead
        return score + self.evidence_structure * local.structure + self.evidence_colour * local.colour

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


def rule_of(shipped: Mapping[str, float], own: Mapping[str, float] | None) -> Mapping[str, float]:
    """The rule of an adapted head: its own, with the embedder's weights for evidence; else the embedder's."""
    if not own:
        return shipped
    return {name: value for name, value in shipped.items() if name.startswith("evidence")} | dict(own)


def signals(candidates: Sequence[Candidate]) -> Signals:
    """The signals of the first of at least one candidate."""
    first = candidates[0]
    margin = max(0.0, first.similarity - max((c.similarity for c in candidates[1:]), default=0.0))
    usual = (first.similarity - USUAL) / USUAL_SPREAD
    return Signals(first.similarity, margin, usual if first.standing is None else first.standing)


def evidence(candidates: Sequence[Candidate]) -> Evidence | None:
    """The evidence for the first candidate, None where re-ranking did not look."""
    found = candidates[0].evidence
    if found is None:
        return None
    lead = found - max((c.evidence or 0.0 for c in candidates[1:]), default=0.0)
    return Evidence(found, lead, *(candidates[0].agreement or ()))
