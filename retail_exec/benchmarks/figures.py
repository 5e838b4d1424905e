"""How a measurement is taken and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. goal: what it should reach, None where there is none. peer: what else was measured
    in the same run, and its number."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    peer: str = ""
    peer_value: float | None = None

    def as_json(self) -> dict[str, Any]:
        """With ``ratio``, this number by the peer's."""
        ratio = self.value / self.peer_value if self.peer_value else None
        return asdict(self) | {"ratio": round(ratio, 4) if ratio is not None else None}


def quickest(work: Callable[[], Found], runs: int) -> tuple[float, Found]:
    """Seconds of the shortest of some runs, and what the last gave: other programs only add to a time."""
    took = []
    for _ in range(runs):
        began = perf_counter()
        found = work()
        took.append(perf_counter() - began)
    return min(took), found


def as_ms(seconds: float) -> float:
    """Milliseconds, to the microsecond."""
    return round(1000 * seconds, 3)
