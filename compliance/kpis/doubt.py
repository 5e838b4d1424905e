"""How likely a planned position is to be as planned, by what each facing may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from compliance.kpis.context import BayView, Context
from compliance.kpis.uncertainty import Floats, poisson_binomial
from compliance.match import facing_match
from compliance.types import FacingRef, PositionResult, PositionStatus


def anywhere(context: Context, view: BayView, result: PositionResult) -> float:
    """Probability that the planned product stands in the bay."""
    return _any(may.chance for may in _may_be(context, view, result.position.sku))


def on_its_shelf(context: Context, view: BayView, result: PositionResult) -> float:
    """Probability that the planned product stands on its shelf."""
    may_be = _may_be(context, view, result.position.sku)
    return _any(may.chance for may in may_be if may.shelf == result.position.shelf)


def in_its_place(context: Context, view: BayView, result: PositionResult) -> float:
    """Probability that the planned product stands in its place."""
    return _any(_chances(context, _in_place(result), result.position.sku))


def as_planned(context: Context, view: BayView, result: PositionResult) -> float:
    """Probability that just the planned facings stand in the place."""
    pmf = poisson_binomial(_chances(context, _in_place(result), result.position.sku))
    return float(pmf[max(result.visible, 1) : result.position.facings + 1].sum())


def facing_matches(context: Context, view: BayView, result: PositionResult) -> tuple[Floats, Floats]:
    """Facing match by the number of right facings; a misplaced product counts with its facings there."""
    refs = {*_in_place(result), *result.seen}
    pmf = poisson_binomial(_chances(context, sorted(refs), result.position.sku))
    planned = result.position.facings
    visible = result.visible or planned
    values = [facing_match(count, min(max(visible, count), planned)) for count in range(len(pmf))]
    return np.array(values), pmf


def lenient_credits(context: Context, view: BayView, result: PositionResult) -> tuple[Floats, Floats]:
    """Facing match of what stands in the place; failing that, half where the product stands elsewhere."""
    place = _in_place(result)
    pmf = poisson_binomial(_chances(context, place, result.position.sku))
    may_be = _may_be(context, view, result.position.sku)
    elsewhere = _any(may.chance for may in may_be if may.ref not in place)
    planned = result.position.facings
    visible = result.visible or planned
    values = [facing_match(count, min(max(visible, count), planned)) for count in range(1, len(pmf))]
    return np.array([0.5, 0.0, *values]), np.array([pmf[0] * elsewhere, pmf[0] * (1 - elsewhere), *pmf[1:]])


class _MayBe(NamedTuple):
    """A facing that may be a product: on which planned shelf, and with what probability."""

    ref: FacingRef
    shelf: int
    chance: float


def _may_be(context: Context, view: BayView, sku: str) -> list[_MayBe]:
    """The facings of a bay that may be ``sku``."""
    key = ("may be", view.key)
    by_sku: dict[str | None, list[_MayBe]] | None = context.cache.get(key)
    if by_sku is None:
        by_sku = context.cache[key] = {}
        for c in view.counted:
            for other, chance in c.chances.items():
                by_sku.setdefault(other, []).append(_MayBe(c.ref, c.shelf, chance))
    return by_sku.get(sku, [])


def _any(chances: Iterable[float]) -> float:
    """Probability that one or more of independent trials succeed."""
    return 1.0 - math.prod(1.0 - chance for chance in chances)


def _in_place(result: PositionResult) -> tuple[FacingRef, ...]:
    """The facings in the position's place, whatever they are."""
    return result.guests if result.status is PositionStatus.MISPLACED else (*result.seen, *result.guests)


def _chances(context: Context, refs: Iterable[FacingRef], sku: str) -> list[float]:
    """Probability of each facing to be ``sku``."""
    found = (context.by_ref[ref] for ref in refs if ref in context.by_ref)
    return [c.chances.get(sku, 0.0) for c in found]
