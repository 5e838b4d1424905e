"""Definitions, promotions, scorecards and figures in Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import (
    KpiDefinitions,
    MarketShare,
    Promotion,
    PromotionElement,
    SalesFigure,
    Scorecard,
    ScorecardPillar,
    StockLevel,
)
from retail_exec.core.admin import OwnedAdmin, OwnedInline, ReadOnly


@admin.register(KpiDefinitions)
class KpiDefinitionsAdmin(ReadOnly, OwnedAdmin):
    """Versions of the KPI definitions; new ones are made on the scoring page, which checks them."""

    list_display = ["version", "key", "active", "note", "organisation", "created_at"]
    list_filter = ["organisation", "active"]


class ElementInline(OwnedInline):
    """What a promotion asks for."""

    model = PromotionElement
    autocomplete_fields = ["skus"]


@admin.register(Promotion)
class PromotionAdmin(OwnedAdmin):
    """Promotions."""

    list_display = ["name", "effective_from", "effective_to", "channel", "organisation"]
    list_filter = ["organisation", "channel", "effective_from"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "chains", "regions", "stores"]
    inlines = [ElementInline]


class PillarInline(OwnedInline):
    """The pillars of a scorecard."""

    model = ScorecardPillar


@admin.register(Scorecard)
class ScorecardAdmin(OwnedAdmin):
    """Scorecards: looked at here; a change is a new version on the scoring page."""

    list_display = ["name", "version", "channel", "effective_from", "effective_to", "organisation"]
    list_filter = ["organisation", "channel"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "chains", "regions"]
    inlines = [PillarInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version is never changed."""
        return obj is None and super().has_change_permission(request, obj)


@admin.register(MarketShare)
class MarketShareAdmin(OwnedAdmin):
    """Market shares."""

    list_display = ["category", "brand", "share", "effective_from", "organisation"]
    list_filter = ["organisation", "effective_from"]
    autocomplete_fields = ["organisation", "category", "brand"]


@admin.register(SalesFigure)
class SalesFigureAdmin(OwnedAdmin):
    """Sales of stores and products."""

    list_display = ["store", "sku", "sales", "organisation"]
    autocomplete_fields = ["organisation", "store", "sku"]


@admin.register(StockLevel)
class StockLevelAdmin(OwnedAdmin):
    """What the stock system said."""

    list_display = ["store", "sku", "day", "units", "organisation"]
    list_filter = ["organisation", "day"]
    autocomplete_fields = ["organisation", "store", "sku"]
