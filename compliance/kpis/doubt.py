"""How likely a planned position is to be as planned, by what each facing may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from compliance.kpis.context import BayView, Context
from compliance.kpis.uncertainty import Spread, poisson_binomial
from compliance.match import facing_match
from compliance.types import FacingRef, PositionResult, PositionStatus

MayBe = tuple[FacingRef, int, float]
"""A facing that may be a product: on which planned shelf, and with what probability."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An assessed position by what each facing may be.

    may_be: the facings of the bay that may be its product. place: the facings in its place, whatever they
    are. chances: probability of each of those to be the product. counts: distribution of how many are,
    (facings in the place + 1,).
    """

    result: PositionResult
    may_be: list[MayBe]
    place: tuple[FacingRef, ...]
    chances: list[float]
    counts: list[float]

    @property
    def planned(self) -> int:
        return self.result.position.facings

    @property
    def visible(self) -> int:
        return self.result.visible or self.planned

    def match(self, count: int) -> float:
        """Facing match of ``count`` right facings."""
        return facing_match(count, min(max(self.visible, count), self.planned))


def in_doubt(context: Context, view: BayView) -> list[InDoubt]:
    """The positions of a bay that photos saw."""
    may_be: dict[str | None, list[MayBe]] = {}
    for c in view.counted:
        for sku, chance in c.chances.items():
            may_be.setdefault(sku, []).append((c.ref, c.shelf, chance))
    found = []
    for result in view.match.positions if view.match else ():
        if result.status is not PositionStatus.NOT_ASSESSED:
            misplaced = result.status is PositionStatus.MISPLACED
            place = result.guests if misplaced else (*result.seen, *result.guests)
            sku = result.position.sku
            chances = _chances(context, place, sku)
            found.append(InDoubt(result, may_be.get(sku, []), place, chances, poisson_binomial(chances)))
    return found


def anywhere(position: InDoubt) -> float:
    """Probability that the planned product stands in the bay."""
    return _any(chance for _, _, chance in position.may_be)


def on_its_shelf(position: InDoubt) -> float:
    """Probability that the planned product stands on its shelf."""
    wanted = position.result.position.shelf
    return _any(chance for _, shelf, chance in position.may_be if shelf == wanted)


def in_its_place(position: InDoubt) -> float:
    """Probability that the planned product stands in its place."""
    return _any(position.chances)


def as_planned(position: InDoubt) -> float:
    """Probability that just the planned facings stand in the place."""
    return sum(position.counts[max(position.result.visible, 1) : position.planned + 1])


def facing_matches(context: Context, position: InDoubt) -> Spread:
    """Facing match by the number of right facings; a misplaced product counts with its facings there."""
    result, counts = position.result, position.counts
    if result.status is PositionStatus.MISPLACED:
        refs = sorted({*position.place, *result.seen})
        counts = poisson_binomial(_chances(context, refs, result.position.sku))
    return [position.match(count) for count in range(len(counts))], counts


def lenient_credits(context: Context, position: InDoubt) -> Spread:
    """Facing match of what stands in the place; failing that, half where the product stands elsewhere."""
    none, *some = position.counts
    elsewhere = _any(chance for ref, _, chance in position.may_be if ref not in position.place)
    values = [position.match(count) for count in range(1, len(position.counts))]
    return [0.5, 0.0, *values], [none * elsewhere, none * (1 - elsewhere), *some]


def _any(chances: Iterable[float]) -> float:
    """Probability that one or more of independent trials succeed."""
    return 1.0 - math.prod(1.0 - chance for chance in chances)


def _chances(context: Context, refs: Iterable[FacingRef], sku: str) -> list[float]:
    """Probability of each facing to be ``sku``."""
    found = (context.by_ref[ref] for ref in refs if ref in context.by_ref)
    return [c.chances.get(sku, 0.0) for c in found]
