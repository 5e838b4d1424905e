"""Intervals from how sure the recogniser is of each facing.

Every facing is taken as an independent draw: its product with probability ``confidence``; otherwise one of
its other candidates, the likelier the more similar; otherwise no product of the catalogue. Shares come from
seeded draws, counts of present products and right positions from the exact Poisson-binomial distribution.
Facings that the detector missed or invented are not part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.types import Facing

Floats = NDArray[np.float64]

DRAWS = 400
LEVEL = 0.9
TEMPERATURE = 0.05
"""Similarity by which one candidate must lead another to be e times as likely."""


def outcomes(facing: Facing, sku: str | None) -> dict[str | None, float]:
    """Probability of each SKU that the facing may be; key None: no product of the catalogue.

    sku: what the facing counts as.
    """
    sure = facing.confidence
    others = [c for c in facing.candidates if c.sku != sku]
    chances: dict[str | None, float] = {sku: sure}
    if sure >= 1.0:
        return chances
    if not others:
        chances[None] = chances.get(None, 0.0) + 1.0 - sure
        return chances
    best = others[0].similarity
    weights = [np.exp((c.similarity - best) / TEMPERATURE) for c in others]
    for candidate, weight in zip(others, weights, strict=True):
        chances[candidate.sku] = chances.get(candidate.sku, 0.0) + (1.0 - sure) * float(weight / sum(weights))
    return chances


def draw_codes(choices: Sequence[tuple[Sequence[int], Sequence[float]]]) -> NDArray[np.int64]:
    """Draw one code for each item, DRAWS times; (DRAWS, items). choices: codes and their probabilities."""
    rng = np.random.default_rng(0)
    width = max((len(codes) for codes, _ in choices), default=1)
    code = np.zeros((len(choices), width), dtype=np.int64)
    limit = np.full((len(choices), width), 2.0)
    for row, (codes, chances) in enumerate(choices):
        code[row, : len(codes)] = codes
        limit[row, : len(codes) - 1] = np.cumsum(chances)[:-1]
    roll = rng.random((DRAWS, len(choices), 1))
    pick = (roll >= limit[None]).sum(axis=-1)
    drawn: NDArray[np.int64] = code[np.arange(len(choices)), pick]
    return drawn


def sample_intervals(values: Floats, level: float = LEVEL) -> list[tuple[float, float] | None]:
    """Central interval of each row of drawn values, (rows, draws). NaN is no value; None: no values at all.

    The level is raised by one draw, which an interval between drawn values falls short by.
    """
    spans: list[tuple[float, float] | None] = []
    for row in np.sort(values, axis=1):
        row = row[: int(np.searchsorted(row, np.inf, side="right"))]
        if not len(row):
            spans.append(None)
        elif row[0] == row[-1]:
            spans.append((float(row[0]), float(row[0])))
        else:
            starts = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
            weight = np.diff(np.append(starts, len(row))) / len(row)
            spans.append(_central(row[starts], weight, level + 1.0 / len(row)))
    return spans


def poisson_binomial(chances: Iterable[float]) -> Floats:
    """Distribution of the number of successes of independent trials: (trials + 1,)."""
    pmf = np.ones(1)
    for chance in chances:
        pmf = np.convolve(pmf, (1.0 - chance, chance))
    return pmf


def count_interval(
    chances: Sequence[float], total: float, level: float = LEVEL
) -> tuple[float, float] | None:
    """Central interval of successes / total; None for no trials."""
    if not chances or not total:
        return None
    certain = sum(c > 1.0 - 1e-9 for c in chances)
    pmf = poisson_binomial(c for c in chances if 1e-9 < c <= 1.0 - 1e-9)
    return _central((np.arange(len(pmf)) + certain) / total, pmf, level)


def _central(points: Floats, weight: Floats, level: float) -> tuple[float, float]:
    """Ends of the central interval by mid-probabilities, which keeps the coverage of coarse distributions
    near ``level`` instead of above it (Lancaster 1961)."""
    tail = (1.0 - level) / 2
    middle = np.cumsum(weight) - weight / 2
    low = points[np.searchsorted(middle, tail)] if middle[-1] > tail else points[-1]
    high = (
        points[np.searchsorted(middle, 1.0 - tail, side="right") - 1] if middle[0] < 1.0 - tail else points[0]
    )
    return (float(low), float(high)) if low <= high else (float(high), float(low))
