"""Planograms, and what a visit's assessment found, with its evidence."""

from compliance.models.planograms import Planogram, PlanogramAssignment, PlanogramPosition
from compliance.models.results import Assessment, BayResult, KpiResult, OutOfStock, PositionResult

__all__ = [
    "Assessment",
    "BayResult",
    "KpiResult",
    "OutOfStock",
    "Planogram",
    "PlanogramAssignment",
    "PlanogramPosition",
    "PositionResult",
]
