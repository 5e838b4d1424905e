"""What the API says of planograms, and what it is sent."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compliance.models import Planogram, PlanogramAssignment, PlanogramPosition
from compliance.services.edit_planogram import edit_state
from retail_exec.api.serializers import OwnRelatedField
from retail_exec.stores.models import Bay, Chain, Cluster, Store


class PositionSerializer(serializers.ModelSerializer):
    """A planned product place."""

    sku = serializers.CharField(source="sku.code")

    class Meta:
        model = PlanogramPosition
        fields = ["shelf", "position", "sku", "facings_wide", "facings_high"]
        fields += ["x_cm", "y_cm", "width_cm", "height_cm"]


class PlanogramSerializer(serializers.ModelSerializer):
    """One version of a bay's plan. A draft is never in force. boards_cm: y of each shelf's board, cm."""

    class Meta:
        model = Planogram
        fields = ["id", "name", "version", "draft", "effective_from", "effective_to", "width_cm", "height_cm"]
        fields += ["boards_cm", "bays"]


class PlanogramDetailSerializer(PlanogramSerializer):
    """A plan with its positions. state: to be sent back with a change."""

    positions = PositionSerializer(many=True)
    state = serializers.SerializerMethodField(
        help_text="Names what a change starts from; send it back with the change."
    )

    class Meta(PlanogramSerializer.Meta):
        fields = [*PlanogramSerializer.Meta.fields, "state", "positions"]

    @extend_schema_field(serializers.CharField())
    def get_state(self, row: Planogram) -> str:
        """See ``edit_state``."""
        return edit_state(row)


class PlacedSerializer(serializers.Serializer):
    """A place as it is sent; x_cm: its left edge, y_cm: its top edge; sizes are of the whole block."""

    shelf = serializers.IntegerField(help_text="0 is the top.")
    sku = serializers.CharField()
    facings_wide = serializers.IntegerField(default=1)
    facings_high = serializers.IntegerField(default=1)
    x_cm = serializers.FloatField(required=False, allow_null=True)
    y_cm = serializers.FloatField(required=False, allow_null=True)
    width_cm = serializers.FloatField(required=False, allow_null=True)
    height_cm = serializers.FloatField(required=False, allow_null=True)


class DocumentSerializer(serializers.Serializer):
    """A whole plan as it is sent; services/edit_document.py reads it and names every fault."""

    name = serializers.CharField()
    positions = PlacedSerializer(many=True)
    width_cm = serializers.FloatField(required=False, allow_null=True)
    height_cm = serializers.FloatField(required=False, allow_null=True)
    boards_cm = serializers.ListField(child=serializers.FloatField(), required=False)
    unplaced = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Facings of the photo left without a place.",
    )
    state = serializers.CharField(
        required=False, help_text="Of the version it starts from; needed to change one."
    )
    apart = serializers.BooleanField(required=False, help_text="Make a version of its own in any case.")


class ProblemSerializer(serializers.Serializer):
    """What is wrong, or worth a look. at: index of the position, null for another thing."""

    field = serializers.CharField()
    why = serializers.CharField()
    at = serializers.IntegerField(allow_null=True)


class SavedSerializer(PlanogramDetailSerializer):
    """The stored draft, with what is worth a look in it."""

    remarks = ProblemSerializer(many=True)

    class Meta(PlanogramDetailSerializer.Meta):
        fields = [*PlanogramDetailSerializer.Meta.fields, "remarks"]


class RefusedPlanSerializer(serializers.Serializer):
    """Nothing was stored."""

    detail = serializers.CharField()
    problems = ProblemSerializer(many=True)


class ConflictSerializer(serializers.Serializer):
    """Somebody else saved meanwhile; nothing was stored. planogram, state: what there is now."""

    detail = serializers.CharField()
    planogram = serializers.IntegerField()
    state = serializers.CharField()


class PublishSerializer(serializers.Serializer):
    """From when to when a draft shall be in force."""

    effective_from = serializers.DateField(required=False, allow_null=True, help_text="Today if left out.")
    effective_to = serializers.DateField(required=False, allow_null=True)


class ImportSerializer(serializers.Serializer):
    """A planogram file, and where and from when its planograms hold."""

    file = serializers.FileField()
    name = serializers.CharField(
        required=False, default="", help_text="For a planogram the file does not name."
    )
    bays = OwnRelatedField(queryset=Bay.objects.all(), many=True, required=False, default=list)
    effective_from = serializers.DateField(required=False, default=None)


class ReportRowSerializer(serializers.Serializer):
    """One line of an import's report. line: from 1, 0 for the file as a whole."""

    line = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    why = serializers.CharField()


class ImportedSerializer(serializers.Serializer):
    """What came of a file, or would come of it. planograms: as ``manage.py import_planogram`` prints them."""

    dry_run = serializers.BooleanField()
    planograms = serializers.ListField(child=serializers.DictField())
    left = ReportRowSerializer(many=True, help_text="Rows left out, and why.")
    remarks = ReportRowSerializer(many=True, help_text="Brought in, but worth a look.")


class AssignmentSerializer(serializers.ModelSerializer):
    """All versions of a planogram hold for the bays of one name in one store, cluster or chain."""

    store = OwnRelatedField(queryset=Store.objects.all(), required=False, allow_null=True, default=None)
    cluster = OwnRelatedField(queryset=Cluster.objects.all(), required=False, allow_null=True, default=None)
    chain = OwnRelatedField(queryset=Chain.objects.all(), required=False, allow_null=True, default=None)

    class Meta:
        model = PlanogramAssignment
        fields = ["id", "planogram", "bay", "store", "cluster", "chain"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one target, and a planogram that is there."""
        named = [kind for kind in ("store", "cluster", "chain") if attrs.get(kind)]
        if len(named) != 1:
            raise serializers.ValidationError(
                f"expected one of store, cluster and chain, found {len(named)}."
            )
        return attrs
