"""A KPI of many stores: the pooled value, and how far it may lie from that of all stores.

Stores are a sample, and recognition errs in each. The pooled value is a ratio estimator, sum of numerators
by sum of denominators, with the variance of a two-stage sample: the spread between the stores looked at,
which holds their recognition errors already, as far as stores were left out; and the recognition errors
alone, as far as they were not (Cochran, Sampling Techniques, 3rd ed. 1977, 6.3 and 10.3). For a share the
interval is Wilson's with the number of trials that would vary as much (Korn and Graubard 1998; Dean and
Pagano 2015), which stays within 0 and 1 and holds the truth also near these ends, where a plain one does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from compliance.kpis.uncertainty import LEVEL


@dataclass(frozen=True, slots=True)
class StoreValue:
    """One store's value. expected, low, high: as in KpiValue, with ``LEVEL`` probability; None where
    recognition errors are not known: the value then counts as it is."""

    numerator: float
    denominator: float
    expected: float | None = None
    low: float | None = None
    high: float | None = None


def pooled(stores: Sequence[StoreValue]) -> float | None:
    """The value of all these stores together, allowing for recognition errors; None if not measurable."""
    below = sum(s.denominator for s in stores)
    return sum(_true(s) for s in stores) / below if below else None


def population_interval(
    values_by_store: Sequence[StoreValue], population: int | None = None, level: float = LEVEL
) -> tuple[float, float] | None:
    """Where the value of all stores lies with probability ``level``; around ``pooled``.

    population: how many stores there are in all, None: far more than were looked at. None as an answer: fewer
    than two stores could be measured while others were not looked at, so nothing tells how stores differ.
    """
    stores = [s for s in values_by_store if s.denominator > 0]
    count, share = len(stores), pooled(stores)
    if share is None:
        return None
    looked_at = min(count / population, 1.0) if population else 0.0
    if count < 2 and looked_at < 1.0:
        return None
    below = np.array([s.denominator for s in stores])
    above = np.array([_true(s) for s in stores])
    rest = above - share * below
    between = float(np.sum(rest**2)) * count / (count - 1) if count > 1 else 0.0
    errors = float(np.sum((np.array([_deviation(s) for s in stores]) * below) ** 2))
    variance = ((1.0 - looked_at) * between + looked_at * errors) / float(below.sum()) ** 2
    reach = _quantile(level, count - 1 if looked_at < 1.0 else None)
    if not (below + 1e-9 >= above).all() or (above < -1e-9).any():
        half = reach * math.sqrt(variance)
        return share - half, share + half
    if looked_at >= 1.0 and variance == 0.0:
        return share, share
    return _wilson(min(max(share, 0.0), 1.0), variance, count, reach, _quantile(level, None))


def _wilson(share: float, variance: float, count: int, reach: float, usual: float) -> tuple[float, float]:
    """Wilson's interval with as many trials as give ``variance``. reach: quantile for so few stores; usual:
    that for very many."""
    trials = share * (1.0 - share) / variance if variance > 1e-12 else float(count)
    trials *= (usual / reach) ** 2
    square = usual**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = usual / (1 + square / trials) * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _true(store: StoreValue) -> float:
    return store.numerator if store.expected is None else store.expected * store.denominator


def _deviation(store: StoreValue) -> float:
    """Standard deviation of the store's value by recognition errors alone."""
    if store.low is None or store.high is None:
        return 0.0
    return (store.high - store.low) / (2 * _quantile(LEVEL, None))


@lru_cache(maxsize=1024)
def _quantile(level: float, freedom: int | None) -> float:
    """Half width, in standard deviations, of the central interval; Student's with ``freedom``."""
    tail = 0.5 + level / 2
    return float(stats.norm.ppf(tail) if freedom is None else stats.t.ppf(tail, max(freedom, 1)))
