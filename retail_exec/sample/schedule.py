"""Which store is visited when, and what is wrong with its shelves on that day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils.timezone import make_aware

from retail_exec.sample.faults import FaultyShelf, inject
from retail_exec.sample.plans import CRISPS_MARKET, CRISPS_MARKET_2, Plan
from retail_exec.sample.shops import BAYS, MARKET, SHOPS, Shop

WEEKS = 5
NEW_PLAN_WEEK = 3
"""From this week on the market's crisps have their second plan."""
USUAL_FAULTS = {True: (3.4, 2.9, 2.3, 1.7, 1.2), False: (1.4, 1.9, 2.4, 2.9, 3.4)}
"""Mean number of faults a bay by week: the market (True) gets better, the corner shops get worse."""
SOLD_OUT_IN_THE_NORTH = ("FEN102",)
SOLD_OUT_FROM_WEEK = 2


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """One bay on one day. seed: of the photo's drawing."""

    bay: str
    plan: Plan
    found: FaultyShelf
    seed: int


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One store on one day."""

    shop: Shop
    week: int
    at: datetime
    photos: tuple[PlannedPhoto, ...]


def day_of(last: date, week: int, shop: int) -> date:
    """The day of a visit; ``last`` is the day after the newest. Each store has its own day of the week."""
    return last - timedelta(days=1 + (len(SHOPS) - 1 - shop) + 7 * (WEEKS - 1 - week))


def new_plan_day(last: date) -> date:
    """The day the second plan comes into force: before that week's first visit."""
    return day_of(last, NEW_PLAN_WEEK, 0)


def visits(last: date, weeks: int) -> Iterator[PlannedVisit]:
    """The visits of the last ``weeks`` weeks, oldest first. The same ``last`` gives the same visits."""
    for week in range(WEEKS - weeks, WEEKS):
        for number, shop in enumerate(SHOPS):
            at = make_aware(datetime.combine(day_of(last, week, number), time(9 + number, 10 * week)))
            photos = tuple(
                _photo(shop, week, bay, plan, 100 * number + 10 * week + place)
                for place, (bay, plan) in enumerate(BAYS[shop.chain].items())
            )
            yield PlannedVisit(shop, week, at, photos)


def _photo(shop: Shop, week: int, bay: str, plan: Plan, seed: int) -> PlannedPhoto:
    if plan is CRISPS_MARKET and week >= NEW_PLAN_WEEK:
        plan = CRISPS_MARKET_2
    rng = np.random.default_rng([seed, 0x5A])
    sold_out = SOLD_OUT_IN_THE_NORTH if shop.region == "North" and week >= SOLD_OUT_FROM_WEEK else ()
    count = int(rng.poisson(USUAL_FAULTS[shop.chain == MARKET][week] * shop.untidy))
    return PlannedPhoto(bay, plan, inject(plan, rng, count, sold_out), seed)
