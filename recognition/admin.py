"""What was recognised, in Django admin: read only."""

from __future__ import annotations

from django.contrib import admin

from recognition.models import (
    Correction,
    DataSetVersion,
    Facing,
    Gallery,
    ModelVersion,
    RecognitionRun,
    ReferenceEmbedding,
    ShelfGap,
    TrainingRun,
)
from retail_exec.core.admin import OwnedAdmin, OwnedInline, ReadOnly


@admin.register(Gallery)
class GalleryAdmin(ReadOnly, OwnedAdmin):
    """Galleries."""

    list_display = ["version", "organisation", "embedder", "state", "progress", "created_at", "problem"]
    list_filter = ["organisation", "state", "embedder"]
    search_fields = ["version"]
    exclude = ["head"]


@admin.register(ReferenceEmbedding)
class ReferenceEmbeddingAdmin(ReadOnly, OwnedAdmin):
    """Which packshots are in which gallery."""

    list_display = ["sku", "packshot", "gallery", "organisation"]
    list_filter = ["organisation", "gallery"]
    list_select_related = ["sku", "packshot__sku", "gallery", "organisation"]
    search_fields = ["sku__code", "sku__name"]
    exclude = ["vector"]


class FacingInline(ReadOnly, OwnedInline):
    """Product units seen."""

    model = Facing
    fields = ["index", "shelf", "position", "stack", "status", "sku", "confidence", "verdict", "verdict_sku"]


class ShelfGapInline(ReadOnly, OwnedInline):
    """Empty space seen."""

    model = ShelfGap
    fields = ["index", "shelf", "box"]


@admin.register(RecognitionRun)
class RecognitionRunAdmin(ReadOnly, OwnedAdmin):
    """Runs with what they saw."""

    list_display = ["id", "photo", "current", "detector", "embedder", "gallery", "created_at"]
    list_filter = ["organisation", "current", "detector", "embedder"]
    list_select_related = ["photo"]
    search_fields = ["photo__name", "photo__sha256"]
    inlines = [FacingInline, ShelfGapInline]


@admin.register(Facing)
class FacingAdmin(ReadOnly, OwnedAdmin):
    """All facings."""

    list_display = ["id", "run", "index", "status", "sku", "confidence", "verdict", "verdict_sku"]
    list_filter = ["run__organisation", "status", "verdict", "run__current"]
    list_select_related = ["run__photo", "sku", "verdict_sku"]
    search_fields = ["sku__code", "sku__name"]


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, OwnedAdmin):
    """Who corrected what."""

    list_display = ["at", "facing", "verdict", "sku", "corrected_by", "organisation"]
    list_filter = ["organisation", "verdict", "at"]
    list_select_related = ["facing", "sku", "corrected_by", "organisation"]
    search_fields = ["sku__code", "corrected_by__email"]


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly, admin.ModelAdmin):
    """Which models there are; they are put in use on the page Models, or by commands."""

    list_display = ["name", "version", "role", "state", "shipped", "created_at", "activated_at"]
    list_filter = ["role", "state", "shipped"]
    search_fields = ["name", "version", "sha256"]


@admin.register(DataSetVersion)
class DataSetVersionAdmin(ReadOnly, OwnedAdmin):
    """Crops to train on and to judge by."""

    list_display = ["version", "organisation", "purpose", "crops", "products", "created_at"]
    list_filter = ["organisation", "purpose"]
    search_fields = ["version"]
    exclude = ["items"]


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnly, admin.ModelAdmin):
    """What was learnt, night by night."""

    list_display = ["started_at", "recipe", "state", "outcome", "model"]
    list_filter = ["state"]
    list_select_related = ["model"]
