"""Shares under uncertainty: what each facing of a visit may count for, and the spread of sums over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from compliance.kpis.uncertainty import Floats, Span, quantiles
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


class Part(NamedTuple):
    """Which share: of a category (None: of everything), for a brand (None: for the own brands)."""

    category: str | None = None
    brand: str | None = None

    @property
    def scope(self) -> dict[str, str]:
        """As a KPI value says it."""
        named = {} if self.category is None else {"category": self.category}
        return named if self.brand is None else {**named, "brand": self.brand}


@dataclass(frozen=True, slots=True)
class Chances:
    """groups: all that a bay's facings may count for. table: probability of each, (facings, groups)."""

    groups: tuple[Group, ...]
    table: Floats

    @classmethod
    def of(cls, counted: Sequence[Counted], products: Mapping[str, Product]) -> Chances:
        """What the facings of a bay may count for."""
        code: dict[Group, int] = {}
        column_of: dict[tuple[str | None, str], int] = {}
        rows, columns, values = [], [], []
        for row, c in enumerate(counted):
            for sku, chance in c.chances.items():
                column = column_of.get((sku, c.group.category))
                if column is None:
                    group = group_of(products.get(sku) if sku is not None else None, c.group.category)
                    column = column_of[sku, c.group.category] = code.setdefault(group, len(code))
                rows.append(row)
                columns.append(column)
                values.append(chance)
        table = np.zeros((len(counted), len(code)))
        np.add.at(table, (rows, columns), values)
        return cls(tuple(code), table)

    def parts(self, parts: Sequence[Part], with_unknown: bool) -> tuple[Floats, Floats]:
        """Probability of each facing to stand on either side of each share: (facings, parts) twice."""
        known = [with_unknown or group.brand is not None for group in self.groups]
        below = np.array(
            [[k and g.counts(p.category) for p in parts] for g, k in zip(self.groups, known, strict=True)]
        )
        above = np.array(
            [[g.counts(p.category, p.brand, own=p.brand is None) for p in parts] for g in self.groups]
        )
        shape = (len(self.groups), len(parts))
        return (
            self.table @ above.reshape(shape).astype(np.float64),
            self.table @ below.reshape(shape).astype(np.float64),
        )


def share_spans(above: Floats, below: Floats, weight: Floats, fixed: Floats) -> list[Span | None]:
    """Where the shares lie; None where nothing may be on the lower side.

    above, below: probability of each facing to be on either side of each share, (facings, parts); what is
    above is below too. weight: of each facing, (facings,). fixed: sure weight below each share, (parts,).

    A share is a ratio of sums. Around its mean it moves like the sum over facings of what each adds to the
    numerator less the share of what it adds to the denominator, whose moments are exact (delta method).
    """
    total = weight @ below + fixed
    measured = total > 0
    share = np.divide(weight @ above, total, out=np.zeros_like(total), where=measured)
    hit, miss = weight[:, None] * (1.0 - share), -weight[:, None] * share
    other, none = below - above, 1.0 - below
    mean = hit * above + miss * other
    # Products in place of powers: numpy takes a hundred times as long for the cube of a negative number.
    moments = [(above, hit - mean), (other, miss - mean), (none, -mean)]
    seconds = [(chance * off * off, off) for chance, off in moments]
    variance = sum(second for second, _ in seconds).sum(axis=0)
    third = sum(second * off for second, off in seconds).sum(axis=0)
    scale = np.where(measured, total, 1.0)
    low, high = quantiles(share, variance / scale**2, third / scale**3)
    return [
        Span(max(a, 0.0), min(b, 1.0), s) if ok else None
        for a, b, s, ok in zip(*(side.tolist() for side in (low, high, share, measured)), strict=True)
    ]
