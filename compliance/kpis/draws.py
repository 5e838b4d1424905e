"""Shares under uncertainty: what each facing of a bay may count for, drawn many times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compliance.kpis.uncertainty import DRAWS, Floats, draw_codes, sample_intervals
from compliance.types import Product

if TYPE_CHECKING:
    from compliance.kpis.context import Counted


class Group(NamedTuple):
    """What a facing counts for. brand: None for an unknown product or a gap."""

    category: str
    brand: str | None
    own: bool

    def counts(self, category: str | None, brand: str | None = None, own: bool = False) -> bool:
        """Whether it is of the category (None: of any), and of the brand or an own one, if asked for."""
        if category not in (None, self.category):
            return False
        return (not own or self.own) and (brand is None or brand == self.brand)


def group_of(product: Product | None, category: str) -> Group:
    """The group of a product; of an unknown one, that of its shelf's category."""
    return Group(product.category, product.brand, product.own) if product else Group(category, None, False)


@dataclass(frozen=True, slots=True)
class BayDraws:
    """groups: all that the facings may count for. code: index into ``groups``, (DRAWS, facings)."""

    groups: tuple[Group, ...]
    code: NDArray[np.int64]

    @classmethod
    def of(cls, counted: Sequence[Counted], products: dict[str, Product]) -> BayDraws:
        """Draw each facing of a bay DRAWS times."""
        code: dict[Group, int] = {}
        choices: list[tuple[list[int], list[float]]] = []
        for c in counted:
            chances: dict[int, float] = {}
            for sku, chance in c.chances.items():
                group = group_of(products.get(sku) if sku is not None else None, c.category)
                at = code.setdefault(group, len(code))
                chances[at] = chances.get(at, 0.0) + chance
            choices.append((list(chances), list(chances.values())))
        return cls(tuple(code), draw_codes(choices))

    def totals(self, weight: Sequence[float]) -> dict[Group, Floats]:
        """Summed weight of each group in each draw, (DRAWS,). weight: of each facing, 0 for one left out."""
        size = len(self.groups)
        if not size:
            return {}
        flat = (np.arange(DRAWS)[:, None] * size + self.code).ravel()
        weights = np.tile(np.array(weight, dtype=np.float64), DRAWS)
        total = np.bincount(flat, weights, DRAWS * size).astype(np.float64).reshape(DRAWS, size)
        return {group: total[:, k] for k, group in enumerate(self.groups)}


def add(parts: Iterable[dict[Group, Floats]]) -> dict[Group, Floats]:
    """Totals of several bays together."""
    whole: dict[Group, Floats] = {}
    for part in parts:
        for group, total in part.items():
            whole[group] = whole[group] + total if group in whole else total
    return whole


def intervals(
    totals: dict[Group, Floats], parts: Sequence[tuple[str | None, str | None]]
) -> list[tuple[float, float] | None]:
    """Where each share lies with probability LEVEL. parts: (category or None for all, brand or None for
    own)."""
    drawn = np.array(list(totals.values())).reshape(-1, DRAWS)
    below = np.array([[g.counts(category) for g in totals] for category, _ in parts], dtype=float) @ drawn
    above = np.array([[g.counts(c, b, own=b is None) for g in totals] for c, b in parts], dtype=float) @ drawn
    shares = np.full_like(below, np.nan)
    np.divide(above, below, out=shares, where=below > 0)
    return sample_intervals(shares)
