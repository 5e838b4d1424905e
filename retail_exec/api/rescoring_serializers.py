"""What the API says of periods scored again, and what it is sent."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compliance import rescorings as changes
from compliance.models import KpiDefinitions, RescoredVisit, Rescoring
from recognition.models import RecognitionRun
from retail_exec.api.serializers import OwnRelatedField
from retail_exec.core.access import visible
from retail_exec.stores.models import Chain, Region, Store


class VersionsSerializer(serializers.Serializer):
    """A recognition that photos have: all four, as the runs name them."""

    detector = serializers.CharField()
    embedder = serializers.CharField()
    gallery = serializers.CharField()
    pipeline = serializers.CharField()

    def to_representation(self, instance: dict[str, str]) -> dict[str, str] | None:  # type: ignore[override]
        """None for the recognition as it is."""
        return super().to_representation(instance) if instance else None


class ProgressSerializer(serializers.Serializer):
    """How far it is, in visits. aside: set aside after three failures. left: not adopted, because their
    results had changed meanwhile."""

    visits = serializers.IntegerField()
    done = serializers.IntegerField()
    aside = serializers.IntegerField()
    differing = serializers.IntegerField()
    adopted = serializers.IntegerField()
    left = serializers.IntegerField()


class DifferenceSerializer(serializers.Serializer):
    """One KPI before and after, pooled. null: not measurable."""

    kpi = serializers.CharField(source="key")
    title = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True)
    visits = serializers.IntegerField()


class RescoringSerializer(serializers.ModelSerializer):
    """Which visits are scored again, and with what. definitions: null: the ones in use. plans_on: the day
    whose planograms and lists count, null: of each visit's own day. versions: null: the recognition as it is.
    """

    region: Any = OwnRelatedField(
        queryset=Region.objects.all(), required=False, allow_null=True, default=None
    )
    chain: Any = OwnRelatedField(queryset=Chain.objects.all(), required=False, allow_null=True, default=None)
    store: Any = OwnRelatedField(queryset=Store.objects.all(), required=False, allow_null=True, default=None)
    definitions: Any = OwnRelatedField(
        queryset=KpiDefinitions.objects.all(), required=False, allow_null=True, default=None
    )
    versions = VersionsSerializer(required=False, allow_null=True)

    class Meta:
        model = Rescoring
        fields = ["id", "name", "date_from", "date_to", "region", "chain", "store", "definitions", "plans_on"]
        fields += ["versions", "state", "visits", "created_at", "ended_at"]
        read_only_fields = ["state", "visits", "created_at", "ended_at"]

    def validate_versions(self, value: dict[str, str] | None) -> dict[str, str]:
        """A recognition that some photo has."""
        if not value:
            return {}
        member = self.context["request"].membership
        if not visible(member, RecognitionRun.objects.filter(**value)).exists():
            raise serializers.ValidationError("No photo was recognised with these versions.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The period must not end before it begins."""
        first, last = attrs["date_from"], attrs["date_to"]
        if last < first:
            why = f"{last:%d %b %Y} is before the first day, {first:%d %b %Y}."
            raise serializers.ValidationError({"date_to": why})
        return attrs


class RescoringDetailSerializer(RescoringSerializer):
    """A rescoring with its progress, and each KPI before and after over the visits scored so far."""

    progress = serializers.SerializerMethodField()
    kpis = serializers.SerializerMethodField()

    class Meta(RescoringSerializer.Meta):
        fields = [*RescoringSerializer.Meta.fields, "progress", "kpis"]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, row: Rescoring) -> dict[str, int]:
        """Counted when asked."""
        return changes.progress(row)

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_kpis(self, row: Rescoring) -> Any:
        """Pooled when asked."""
        return DifferenceSerializer(changes.pooled(row), many=True).data


class StoreDifferenceSerializer(serializers.Serializer):
    """One KPI of one store."""

    store = serializers.IntegerField()
    name = serializers.CharField()
    difference = DifferenceSerializer()


class VisitDifferenceSerializer(serializers.Serializer):
    """One KPI of one visit. left: why it was not adopted, empty if it was or was not asked for."""

    visit = serializers.IntegerField(source="visit_id")
    store = serializers.IntegerField(source="visit.store_id")
    started_at = serializers.DateTimeField(source="visit.started_at")
    adopted = serializers.BooleanField()
    left = serializers.CharField()
    difference = serializers.SerializerMethodField()

    @extend_schema_field(DifferenceSerializer)
    def get_difference(self, row: RescoredVisit) -> Any:
        """Of the KPI asked for."""
        return DifferenceSerializer(changes.of_visit(row, self.context["kpi"])).data


class LinesSerializer(serializers.Serializer):
    """Lines of evidence that only one of the two results has, as ``kpis/ID`` gives them."""

    gone = serializers.ListField(child=serializers.DictField())
    come = serializers.ListField(child=serializers.DictField())


class VisitLinesSerializer(VisitDifferenceSerializer):
    """The facings and positions that made the difference in one visit."""

    numerator = LinesSerializer()
    denominator = LinesSerializer()


class RefusedSerializer(serializers.Serializer):
    """Why it was not done."""

    detail = serializers.CharField()
