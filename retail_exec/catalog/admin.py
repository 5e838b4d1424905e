"""The catalogue in Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from compliance.outdated import since
from retail_exec.catalog.models import Brand, Category, MustStockItem, MustStockList, Packshot, Sku
from retail_exec.core.admin import OwnedAdmin, OwnedInline, ReadOnly


@admin.register(Brand)
class BrandAdmin(OwnedAdmin):
    """Brands; own ones are marked here."""

    list_display = ["name", "is_own", "organisation"]
    list_editable = ["is_own"]
    list_filter = ["organisation", "is_own"]
    search_fields = ["name"]


@admin.register(Category)
class CategoryAdmin(OwnedAdmin):
    """Categories."""

    list_display = ["name", "organisation"]
    search_fields = ["name"]


class PackshotInline(ReadOnly, OwnedInline):
    """A SKU's reference pictures. They come in by the import, which checks and embeds them."""

    model = Packshot
    fields = ["image", "added_at"]
    readonly_fields = ["added_at"]


@admin.register(Sku)
class SkuAdmin(OwnedAdmin):
    """Products with their packshots."""

    list_display = ["code", "name", "brand", "category", "size", "gtin", "kind", "active", "packshot_count"]
    list_filter = ["organisation", "kind", "active", "category", "brand"]
    search_fields = ["code", "name", "gtin"]
    autocomplete_fields = ["organisation", "brand", "category"]
    inlines = [PackshotInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sku]:
        """With the number of packshots."""
        return super().get_queryset(request).annotate(packshot_count=Count("packshots"))

    @admin.display(description="packshots", ordering="packshot_count")
    def packshot_count(self, sku: Any) -> int:
        """A SKU without one cannot be recognised."""
        return int(sku.packshot_count)


class MustStockItemInline(OwnedInline):
    """The list's SKUs."""

    model = MustStockItem
    autocomplete_fields = ["sku"]


@admin.register(MustStockList)
class MustStockListAdmin(OwnedAdmin):
    """Which SKUs must be where, and when."""

    list_display = ["name", "channel", "effective_from", "effective_to", "organisation"]
    list_filter = ["organisation", "channel"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "chains", "regions"]
    inlines = [MustStockItemInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say that what is assessed stays as it is, and where to score it again."""
        super().save_related(request, form, formsets, change)
        row = form.instance
        past = since(row.organisation_id, row.effective_from, row.effective_to)
        if past.visits:
            words = "{} assessed visits of these days keep their numbers. "
            link = '<a href="{}?{}">Score them again</a> to compare.'
            url = reverse("rescoring:new")
            messages.info(request, format_html(words + link, past.visits, url, past.query))
