"""How a measurement is written down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


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
