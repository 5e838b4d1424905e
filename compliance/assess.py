"""Assess a visit: match every bay with its plan, compute every KPI, list what is out of stock."""

from __future__ import annotations

from compliance.kpis.context import build_context
from compliance.kpis.missing import out_of_stock
from compliance.kpis.registry import compute_all, definition_version
from compliance.match import match_bay
from compliance.types import VisitAssessment, VisitInput


def assess_visit(visit: VisitInput) -> VisitAssessment:
    """All results of a visit, each with its evidence.

    The same input always gives the same answer. Raises ValueError for an unknown KPI or option, and for two
    bays with the same key.
    """
    keys = [bay.key for bay in visit.bays]
    if len(set(keys)) < len(keys):
        raise ValueError(f"bay keys must differ, got {keys}")
    version = definition_version(visit.options)
    matches = {bay.key: match_bay(bay, visit.products) for bay in visit.bays if bay.planogram}
    context = build_context(visit, matches)
    return VisitAssessment(
        kpis=tuple(compute_all(context, visit.options)),
        matches=matches,
        out_of_stock=tuple(out_of_stock(context)),
        definition=version,
    )
