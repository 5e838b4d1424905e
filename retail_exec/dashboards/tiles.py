"""The overview's numbers over all chosen visits, with how far they speak for all stores."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Sum

from compliance.kpis.population import StoreValue, pooled, population_interval
from compliance.models import KpiRollup
from compliance.services.rollups import WIDTH
from retail_exec.dashboards.filters import MEASURES
from retail_exec.dashboards.queries import Asked, stores
from retail_exec.dashboards.sums import Row, cells, pool, source

SHOWN = 0.0005
"""Half of the last place that a share is shown with."""


@dataclass(frozen=True)
class Tile:
    """One number of the overview. value: None when not measurable. why: said instead of a number.

    stores: with a value. low, high: where the value of all stores of these filters lies with a probability of
    90 %, the stores looked at being a sample of them. expected: of the stores looked at, allowing for
    recognition errors; the interval lies around it. coverage: mean share of the expected shelf in view.
    """

    key: str
    title: str
    value: float | None
    numerator: float = 0
    denominator: float = 0
    why: str = ""
    stores: int = 0
    of_stores: int = 0
    coverage: float | None = None
    low: float | None = None
    high: float | None = None
    expected: float | None = None

    @property
    def beside(self) -> bool:
        """The value lies visibly beside its interval: doubtful facings were counted in full."""
        if self.value is None or self.low is None or self.high is None:
            return False
        return not self.low - SHOWN <= self.value <= self.high + SHOWN


def tiles(asked: Asked) -> list[Tile]:
    """Each measure over all chosen visits."""
    population = stores(asked).count()
    return [_tile(asked, key, title, population) for key, title in MEASURES.items()]


def _tile(asked: Asked, key: str, title: str, population: int) -> Tile:
    found = pool(asked, key, "store")
    if not found:
        by_brand = (asked.brand or asked.sku) and key.startswith("planogram")
        return Tile(key, title, None, why="Not planned by brand" if by_brand else "Not measured yet")
    above, below = sum(row["numerator"] for row in found), sum(row["denominator"] for row in found)
    errors = _errors(asked, key)
    values = [_store_value(row, errors.get(row["store"])) for row in found]
    span = population_interval(values, max(population, len(found)))
    return Tile(
        key,
        title,
        above / below if below else None,
        above,
        below,
        stores=sum(row["denominator"] > 0 for row in found),
        of_stores=population,
        coverage=_coverage(asked, key),
        low=span[0] if span and below else None,
        high=span[1] if span and below else None,
        expected=pooled(values),
    )


def _errors(asked: Asked, measure: str) -> dict[int, tuple[float, float]]:
    """Expected numerator and its standard deviation by store, where the sums know of recognition errors."""
    rows, above, _ = source(asked, measure)
    if above != "numerator":
        return {}
    found = rows.order_by().values("store").annotate(mean=Sum("expected"), spread=Sum("variance"))
    return {row["store"]: (float(row["mean"]), float(row["spread"]) ** 0.5) for row in found}


def _store_value(row: Row, errors: tuple[float, float] | None) -> StoreValue:
    above, below = row["numerator"], row["denominator"]
    if errors is None or not below:
        return StoreValue(above, below)
    mean, half = errors[0] / below, errors[1] * WIDTH / 2 / below
    return StoreValue(above, below, mean, mean - half, mean + half)


def _coverage(asked: Asked, measure: str) -> float | None:
    rows, above, _ = source(replace(asked, brand=None, sku=None), measure)
    if above != "numerator":
        rows = cells(asked, KpiRollup).filter(key=measure, bay=0, category=None, brand=None)
    total = rows.aggregate(covered=Sum("covered"), visits=Sum("coverages"))
    return float(total["covered"]) / total["visits"] if total["visits"] else None
