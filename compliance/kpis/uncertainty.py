"""Intervals from how sure the recogniser is of each facing.

Every facing is taken as an independent draw: its product with probability ``confidence``; otherwise one of
its other candidates, the likelier the more similar; otherwise no product of the catalogue. Counts of present
products and right positions have the exact Poisson-binomial distribution, and say the exact level of their
intervals; shares and sums of credits have their mean, spread and skewness worked out, and their quantiles by
the expansion of Cornish and Fisher (1938).
Facings that the detector missed or invented are not part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.types import Facing

Floats = NDArray[np.float64]
Spread = tuple[Sequence[float], Sequence[float]]
"""What something may be worth, and the probability of each."""

LEVEL = 0.9
REACH = 1.6448536269514722
"""Half the width of the central interval of ``LEVEL`` of a normal distribution, in standard deviations."""
TEMPERATURE = 0.05
"""Similarity by which one candidate must lead another to be e times as likely."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where the truth lies with probability ``level``, and its mean."""

    low: float
    high: float
    expected: float
    level: float = LEVEL

    def times(self, factor: float) -> Span:
        """In another unit. factor: above 0."""
        return Span(self.low * factor, self.high * factor, self.expected * factor, self.level)


def ends(span: Span | None) -> tuple[float | None, float | None, float | None]:
    """low, high and expected of a value; None each where they cannot be computed."""
    return (span.low, span.high, span.expected) if span else (None, None, None)


def level_of(span: Span | None) -> float:
    """The probability with which the interval holds the truth."""
    return span.level if span else LEVEL


def outcomes(facing: Facing, sku: str | None) -> dict[str | None, float]:
    """Probability of each SKU that the facing may be; key None: no product of the catalogue.

    sku: what the facing counts as.
    """
    sure = facing.confidence
    chances: dict[str | None, float] = {sku: sure}
    if sure >= 1.0:
        return chances
    others = [c for c in facing.candidates if c.sku != sku]
    if not others:
        chances[None] = chances.get(None, 0.0) + 1.0 - sure
        return chances
    best = others[0].similarity
    weights = [math.exp((c.similarity - best) / TEMPERATURE) for c in others]
    scale = (1.0 - sure) / sum(weights)
    for candidate, weight in zip(others, weights, strict=True):
        chances[candidate.sku] = chances.get(candidate.sku, 0.0) + scale * weight
    return chances


def quantiles(mean: Floats, variance: Floats, third: Floats) -> tuple[Floats, Floats]:
    """Ends of the central interval from the first three central moments, all of one shape."""
    spread = np.sqrt(np.maximum(variance, 0.0))
    skew = np.divide(third, spread**3, out=np.zeros_like(spread), where=spread > 1e-9)
    # Beyond this skewness the expansion no longer rises with the quantile.
    shift = (REACH**2 - 1.0) / 6.0 * np.clip(skew, -1.5, 1.5)
    return mean + (shift - REACH) * spread, mean + (shift + REACH) * spread


def sum_span(parts: Iterable[Spread], total: float) -> Span | None:
    """Interval of a sum of independent parts, divided by ``total``; None when that is 0."""
    if not total:
        return None
    mean = variance = third = least = most = 0.0
    for values, chances in parts:
        middle = sum(value * chance for value, chance in zip(values, chances, strict=True))
        mean += middle
        for value, chance in zip(values, chances, strict=True):
            apart = value - middle
            variance += apart * apart * chance
            third += apart * apart * apart * chance
        possible = [value for value, chance in zip(values, chances, strict=True) if chance > 1e-9]
        least, most = least + min(possible), most + max(possible)
    low, high = quantiles(np.array(mean), np.array(variance), np.array(third))
    return Span(max(float(low), least), min(float(high), most), mean).times(1.0 / total)


def poisson_binomial(chances: Iterable[float]) -> list[float]:
    """Distribution of the number of successes of independent trials, from none to all."""
    pmf = [1.0]
    for chance in chances:
        miss = 1.0 - chance
        pmf = [miss * here + chance * before for here, before in zip([*pmf, 0.0], [0.0, *pmf], strict=True)]
    return pmf


def count_span(chances: Sequence[float], total: float) -> Span | None:
    """Interval of successes / total; None for no trials.

    Counts come in steps, so that hardly any interval holds just ``LEVEL``: its own level says what it holds.
    """
    if not chances or not total:
        return None
    certain = sum(c > 1.0 - 1e-9 for c in chances)
    pmf = np.array(poisson_binomial(c for c in chances if 1e-9 < c <= 1.0 - 1e-9))
    low, high = _likeliest(pmf)
    level = min(float(pmf[low : high + 1].sum()), 1.0) if len(pmf) > 1 else 1.0
    return Span((low + certain) / total, (high + certain) / total, sum(chances) / total, level)


def _likeliest(pmf: Floats) -> tuple[int, int]:
    """Ends of the likeliest counts, as many of them as come nearest to ``LEVEL`` together.

    They lie side by side: the distribution has one peak (Darroch 1964). The fewest that reach ``LEVEL`` would
    hold the truth more often than that, the more so the fewer the trials.
    """
    order = np.argsort(-pmf, kind="stable")
    last = int(np.argmin(np.abs(np.cumsum(pmf[order]) - LEVEL)))
    chosen = order[: last + 1]
    return int(chosen.min()), int(chosen.max())
