"""Planograms, what visits are held against, and what their assessments found, with the evidence."""

from compliance.models.corrective import CorrectiveTask, Finding, TaskRule
from compliance.models.definitions import KpiDefinitions
from compliance.models.facts import KpiRollup, SkuFact, SkuRollup, Spell
from compliance.models.figures import MarketShare, SalesFigure, StockLevel
from compliance.models.planograms import (
    Planogram,
    PlanogramAssignment,
    PlanogramFile,
    PlanogramPosition,
)
from compliance.models.promotions import Promotion, PromotionElement
from compliance.models.rescoring import RescoredVisit, Rescoring, RescoringChunk
from compliance.models.results import (
    Assessment,
    BayResult,
    Evidence,
    KpiResult,
    OutOfStock,
    PositionResult,
)
from compliance.models.scorecards import Scorecard, ScorecardPillar

__all__ = [
    "Assessment",
    "BayResult",
    "CorrectiveTask",
    "Evidence",
    "Finding",
    "KpiDefinitions",
    "KpiResult",
    "KpiRollup",
    "MarketShare",
    "OutOfStock",
    "Planogram",
    "PlanogramAssignment",
    "PlanogramFile",
    "PlanogramPosition",
    "PositionResult",
    "Promotion",
    "PromotionElement",
    "RescoredVisit",
    "Rescoring",
    "RescoringChunk",
    "SalesFigure",
    "Scorecard",
    "ScorecardPillar",
    "SkuFact",
    "SkuRollup",
    "Spell",
    "StockLevel",
    "TaskRule",
]
