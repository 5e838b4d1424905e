"""Planograms and results in Django admin; results are read only."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import (
    Assessment,
    BayResult,
    CorrectiveTask,
    KpiResult,
    OutOfStock,
    Planogram,
    PlanogramAssignment,
    PlanogramPosition,
    PositionResult,
    Rescoring,
    TaskRule,
)
from compliance.scoring import admin as scoring_admin
from retail_exec.core.admin import OwnedAdmin, OwnedInline, ReadOnly

__all__ = ["scoring_admin"]


class PlanogramPositionInline(OwnedInline):
    """A plan's places. Results refer to them: a stored plan is never changed, a change is a new version."""

    model = PlanogramPosition
    autocomplete_fields = ["sku"]

    def has_add_permission(self, request: HttpRequest, obj: Planogram | None = None) -> bool:
        """Only with a new plan."""
        return obj is None

    def has_change_permission(self, request: HttpRequest, obj: Planogram | None = None) -> bool:
        """Only with a new plan."""
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Planogram | None = None) -> bool:
        """Only with a new plan."""
        return obj is None


@admin.register(Planogram)
class PlanogramAdmin(OwnedAdmin):
    """Plans with their positions."""

    list_display = [
        "name",
        "version",
        "draft",
        "effective_from",
        "effective_to",
        "organisation",
        "created_at",
    ]
    list_filter = ["organisation", "draft", "effective_from"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "bays"]
    inlines = [PlanogramPositionInline]


@admin.register(PlanogramAssignment)
class PlanogramAssignmentAdmin(OwnedAdmin):
    """For which bays of which stores plans hold."""

    list_display = ["planogram", "bay", "store", "cluster", "chain", "organisation"]
    list_filter = ["organisation", "chain", "cluster"]
    search_fields = ["planogram", "bay"]
    autocomplete_fields = ["organisation", "store", "cluster", "chain"]


class KpiInline(ReadOnly, OwnedInline):
    """The numbers."""

    model = KpiResult
    fields = ["key", "scope", "value", "numerator", "denominator", "unit", "coverage", "note"]


class BayResultInline(ReadOnly, OwnedInline):
    """How the bays fit their plans."""

    model = BayResult
    fields = ["bay", "planogram", "coverage", "fits", "mirrored", "note"]


class PositionResultInline(ReadOnly, OwnedInline):
    """What became of the planned places."""

    model = PositionResult
    fields = ["bay", "planned", "status", "credit", "lenient_credit", "why"]


class OutOfStockInline(ReadOnly, OwnedInline):
    """What is missing."""

    model = OutOfStock
    fields = ["sku", "kind", "bays"]


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, OwnedAdmin):
    """Assessments with all their results."""

    list_display = ["id", "visit", "current", "definition", "created_at", "organisation"]
    list_filter = ["organisation", "current", "definition", "created_at"]
    list_select_related = ["visit__store", "organisation"]
    search_fields = ["visit__store__name", "visit__store__code"]
    inlines = [KpiInline, BayResultInline, OutOfStockInline, PositionResultInline]


@admin.register(KpiResult)
class KpiResultAdmin(ReadOnly, OwnedAdmin):
    """All KPI values."""

    list_display = ["key", "assessment", "bay", "category", "brand", "value", "numerator", "denominator"]
    list_filter = ["assessment__organisation", "key", "assessment__current"]
    list_select_related = ["assessment__visit", "bay", "category", "brand"]
    search_fields = ["key", "brand__name", "category__name"]


@admin.register(TaskRule)
class TaskRuleAdmin(OwnedAdmin):
    """When findings become tasks."""

    list_display = ["name", "finding", "active", "due_days", "organisation"]
    list_filter = ["organisation", "finding", "active"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "category", "chains"]


@admin.register(CorrectiveTask)
class CorrectiveTaskAdmin(ReadOnly, OwnedAdmin):
    """What was to be put right, and what became of it."""

    list_display = ["store", "sku", "finding", "state", "due_on", "closed_at", "organisation"]
    list_filter = ["organisation", "state", "finding", "due_on"]
    list_select_related = ["store", "sku", "organisation"]
    search_fields = ["store__name", "store__code", "sku__code", "sku__name"]


@admin.register(Rescoring)
class RescoringAdmin(ReadOnly, OwnedAdmin):
    """Periods scored again."""
