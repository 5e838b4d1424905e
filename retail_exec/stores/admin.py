"""Chains, regions, stores and bays in Django admin."""

from __future__ import annotations

from django.contrib import admin

from retail_exec.core.admin import OwnedAdmin, OwnedInline
from retail_exec.stores.models import Bay, Chain, Cluster, Region, Store


@admin.register(Chain)
class ChainAdmin(OwnedAdmin):
    """Chains."""

    list_display = ["name", "channel", "organisation"]
    list_filter = ["organisation", "channel"]
    search_fields = ["name"]


@admin.register(Region)
class RegionAdmin(OwnedAdmin):
    """Regions."""

    list_display = ["name", "organisation"]
    search_fields = ["name"]


class BayInline(OwnedInline):
    """A store's bays."""

    model = Bay
    autocomplete_fields = ["category"]


@admin.register(Store)
class StoreAdmin(OwnedAdmin):
    """Stores with their bays."""

    list_display = ["name", "code", "chain", "region", "organisation"]
    list_filter = ["organisation", "chain__channel", "chain", "region"]
    search_fields = ["name", "code", "address"]
    autocomplete_fields = ["organisation", "chain", "region"]
    inlines = [BayInline]


@admin.register(Cluster)
class ClusterAdmin(OwnedAdmin):
    """Groups of stores that share planograms."""

    list_display = ["name", "organisation"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation", "stores"]


@admin.register(Bay)
class BayAdmin(OwnedAdmin):
    """All bays, to be found from a planogram."""

    list_display = ["name", "store", "category", "width_cm"]
    list_filter = ["store__organisation", "category"]
    list_select_related = ["store", "category"]
    search_fields = ["name", "store__name", "store__code"]
    autocomplete_fields = ["store", "category"]
