"""KPIs: one file a family, one register. Importing the package fills the register."""

from compliance.kpis import (
    availability,
    occupancy,
    planogram,
    prices,
    promotions,
    scorecard,
    share,
    weighted,
)
from compliance.kpis.registry import configuration, definition_version, definitions

__all__ = [
    "availability",
    "configuration",
    "definition_version",
    "definitions",
    "occupancy",
    "planogram",
    "prices",
    "promotions",
    "scorecard",
    "share",
    "weighted",
]
