"""What the API says of each thing. Boxes are x1, y1, x2, y2; shelf 0 is the top, position 0 the leftmost."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from compliance.models import CorrectiveTask, KpiResult, OutOfStock
from recognition.models import Facing
from retail_exec.catalog.models import Sku
from retail_exec.core.access import visible
from retail_exec.stores.models import Bay, Store
from retail_exec.visits.models import Photo, Visit


class OwnRelatedField(serializers.PrimaryKeyRelatedField):
    """Names a row the member may see; another organisation's does not exist."""

    def get_queryset(self) -> QuerySet[Any]:
        """The visible rows."""
        rows = super().get_queryset()
        if rows is None:
            raise TypeError(f"{self.field_name}: give the field a queryset")
        return visible(self.context["request"].membership, rows)


class BaySerializer(serializers.ModelSerializer):
    """A fixture section of a store."""

    class Meta:
        model = Bay
        fields = ["id", "name", "category", "width_cm"]


class StoreSerializer(serializers.ModelSerializer):
    """A store with its bays."""

    chain = serializers.CharField(source="chain.name")
    channel = serializers.CharField(source="chain.channel")
    region = serializers.CharField(source="region.name")
    bays = BaySerializer(many=True)

    class Meta:
        model = Store
        fields = ["id", "code", "name", "chain", "channel", "region", "address", "bays"]


class SkuSerializer(serializers.ModelSerializer):
    """A product of the catalogue."""

    brand = serializers.CharField(source="brand.name")
    own = serializers.BooleanField(source="brand.is_own")
    category = serializers.CharField(source="category.name")
    packshots = serializers.IntegerField(source="packshot_count", help_text="Number of reference pictures.")

    class Meta:
        model = Sku
        fields = ["id", "code", "gtin", "name", "brand", "own", "category", "size"]
        fields += ["width_cm", "height_cm", "price", "active", "packshots"]


class VisitSerializer(serializers.ModelSerializer):
    """A visit. state: of its assessment; photos: how many there are, and how many are recognised."""

    store = OwnRelatedField(queryset=Store.objects.all())
    store_name = serializers.CharField(source="store.name", read_only=True)
    auditor = serializers.CharField(source="auditor.email", read_only=True)
    photos = serializers.IntegerField(source="photo_count", read_only=True)
    photos_done = serializers.IntegerField(read_only=True)

    class Meta:
        model = Visit
        fields = ["id", "store", "store_name", "auditor", "started_at", "finished_at", "state", "problem"]
        fields += ["photos", "photos_done"]
        read_only_fields = ["started_at", "finished_at", "state", "problem"]


class PhotoSerializer(serializers.ModelSerializer):
    """A photo and where its recognition stands."""

    class Meta:
        model = Photo
        fields = ["id", "visit", "bay", "name", "sha256", "size", "width", "height"]
        fields += ["taken_at", "uploaded_at", "state", "problem", "hints"]


class PhotoUploadSerializer(serializers.Serializer):
    """A photo to take in, as multipart form data."""

    visit = OwnRelatedField(queryset=Visit.objects.select_related("store"))
    bay = OwnRelatedField(queryset=Bay.objects.all(), required=False, allow_null=True)
    file = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG, WebP or HEIC, up to 25 MB.")


class RefusalSerializer(serializers.Serializer):
    """Why a photo was not taken in."""

    detail = serializers.CharField()
    duplicate_of = serializers.IntegerField(allow_null=True)


class CandidateSerializer(serializers.Serializer):
    """A product that a facing may show. similarity: -1..1."""

    sku = serializers.CharField()
    similarity = serializers.FloatField()
    packshot = serializers.CharField()


class FacingSerializer(serializers.ModelSerializer):
    """One product unit seen. sku: a person's verdict, or else the recogniser's; null if unknown.

    counted: whether it is in its visit's facing share. plan_sku: the product the planogram chose for it among
    those too close to call, empty if it chose none (verified_by_expectation is false).
    """

    photo = serializers.IntegerField(source="run.photo_id")
    visit = serializers.IntegerField(source="run.photo.visit_id")
    sku = serializers.CharField(source="product.code", allow_null=True, default=None)
    brand = serializers.CharField(source="product.brand.name", allow_null=True, default=None)
    category = serializers.CharField(source="product.category.name", allow_null=True, default=None)
    recognised_sku = serializers.CharField(source="sku.code", allow_null=True, default=None)
    box = serializers.ListField(child=serializers.FloatField(), help_text="Photo pixels.")
    candidates = CandidateSerializer(many=True)
    counted = serializers.BooleanField(read_only=True)
    verified_by_expectation = serializers.BooleanField(source="by_plan", read_only=True)
    plan_sku = serializers.CharField(allow_blank=True, read_only=True)

    class Meta:
        model = Facing
        fields = [
            "id",
            "photo",
            "visit",
            "index",
            "box",
            "shelf",
            "position",
            "stack",
            "status",
            "sku",
            "brand",
        ]
        fields += ["category", "recognised_sku", "confidence", "detection_score", "verdict"]
        fields += ["counted", "verified_by_expectation", "plan_sku", "candidates"]


class KpiSerializer(serializers.ModelSerializer):
    """One KPI value. value: null when nothing could be measured. low, high: interval of probability level."""

    visit = serializers.IntegerField(source="assessment.visit_id")
    definition = serializers.CharField(source="assessment.definition")
    category = serializers.CharField(source="category.name", allow_null=True, default=None)
    brand = serializers.CharField(source="brand.name", allow_null=True, default=None)

    class Meta:
        model = KpiResult
        fields = [
            "id",
            "visit",
            "key",
            "bay",
            "category",
            "brand",
            "scope",
            "value",
            "numerator",
            "denominator",
        ]
        fields += ["unit", "coverage", "low", "high", "level", "expected", "note", "definition"]


class EvidenceSerializer(serializers.Serializer):
    """One line of a numerator or denominator: a facing or gap of a photo, or an absence (photo null).

    run: the recognition of the photo in which the index counts; it stays when the photo is recognised again.
    """

    weight = serializers.FloatField()
    sku = serializers.CharField(allow_null=True)
    photo = serializers.IntegerField(allow_null=True)
    run = serializers.IntegerField(allow_null=True)
    index = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField(allow_null=True)
    bay = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    kpi = serializers.CharField(allow_blank=True, help_text="The KPI it stands for, in a perfect store.")


class KpiEvidenceSerializer(KpiSerializer):
    """A KPI value with everything behind it."""

    numerator_items = EvidenceSerializer(many=True)
    denominator_items = EvidenceSerializer(many=True)

    class Meta(KpiSerializer.Meta):
        fields = [*KpiSerializer.Meta.fields, "numerator_items", "denominator_items"]


class OutOfStockSerializer(serializers.ModelSerializer):
    """A product that should have been on the shelf. gaps, tags: recognition run and index of the empty places
    and of the price tags at them. note: why this kind."""

    visit = serializers.IntegerField(source="assessment.visit_id")
    store = serializers.IntegerField(source="assessment.visit.store_id")
    seen_at = serializers.DateTimeField(source="assessment.visit.started_at")
    sku = serializers.CharField(source="sku.code")
    name = serializers.CharField(source="sku.name")

    class Meta:
        model = OutOfStock
        fields = ["id", "visit", "store", "seen_at", "sku", "name", "kind", "bays", "gaps"]
        fields += ["tags", "note"]


class TaskSerializer(serializers.ModelSerializer):
    """Something to put right in a store. proof: ``[[run, index]]`` of the facings that show it done."""

    store_name = serializers.CharField(source="store.name")
    sku = serializers.CharField(source="sku.code")
    product = serializers.CharField(source="sku.name")
    assigned_to = serializers.CharField(source="assigned_to.email")
    rule = serializers.CharField(source="rule.name", allow_null=True, default=None)
    opened_visit = serializers.IntegerField(source="opened_by.visit_id")
    closed_visit = serializers.IntegerField(source="closed_by.visit_id", allow_null=True, default=None)

    class Meta:
        model = CorrectiveTask
        fields = ["id", "store", "store_name", "sku", "product", "finding", "state", "rule", "assigned_to"]
        fields += ["opened_at", "due_on", "closed_at", "opened_visit", "closed_visit", "proof"]
        fields += ["reason", "note"]


class TaskFigureSerializer(serializers.Serializer):
    """One number about tasks, with its two sides."""

    key = serializers.CharField()
    title = serializers.CharField()
    explanation = serializers.CharField()
    unit = serializers.CharField(help_text="share (0 to 1) or days")
    numerator = serializers.FloatField()
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="null: nothing to measure.")


class CannotSerializer(serializers.Serializer):
    """Why a task cannot be done."""

    reason = serializers.ChoiceField(choices=CorrectiveTask.Reason.choices)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
