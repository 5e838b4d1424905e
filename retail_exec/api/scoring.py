"""KPI definitions and scorecards over the API."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import OpenApiTypes, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import KpiDefinitions, Scorecard, ScorecardPillar
from compliance.services import definition_files
from compliance.services.definitions import activate, add_version, known_options, visits_with_another
from retail_exec.api.held_against import WHERE
from retail_exec.api.permissions import CuratorsWrite
from retail_exec.api.views import Rows


class DefinitionsSerializer(serializers.ModelSerializer):
    """A version of the KPI definitions. visits_with_another: visits that show another version's results."""

    kpis = serializers.JSONField(
        source="configuration", help_text="By KPI: revision, explanation and options.", read_only=True
    )
    visits_with_another = serializers.SerializerMethodField()

    class Meta:
        model = KpiDefinitions
        fields = ["id", "version", "key", "active", "note", "created_at", "kpis", "visits_with_another"]

    @extend_schema_field(OpenApiTypes.INT)
    def get_visits_with_another(self, row: KpiDefinitions) -> int:
        """Counted for each."""
        return visits_with_another(row)


class DefinitionsFileSerializer(serializers.Serializer):
    """A file as the screen or the command exports it; only ``format`` and ``kpis`` are looked at."""

    format = serializers.CharField(help_text=definition_files.FORMAT)
    note = serializers.CharField(required=False, max_length=200)
    kpis = serializers.JSONField(help_text='``{"facing_share": {"options": {"stack": "column"}}}``')


class DefinitionsViewSet(Rows):
    """Versions of the KPI definitions. POST stores a new one; nothing changes until it is activated."""

    queryset = KpiDefinitions.objects.order_by("-version")
    serializer_class = DefinitionsSerializer
    permission_classes = [CuratorsWrite]

    @extend_schema(request=DefinitionsFileSerializer, responses={201: DefinitionsSerializer})
    def create(self, request: Request) -> Response:
        """Check a file's definitions and store them; every wrong KPI, option and value is named."""
        try:
            read = definition_files.read(json.dumps(request.data).encode())
        except definition_files.DefinitionsFileError as error:
            raise ValidationError({"errors": error.errors}) from error
        who = request.membership  # type: ignore[attr-defined]
        stored = add_version(who.organisation_id, read.options, read.note, who.user)
        return Response(self.get_serializer(stored).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=DefinitionsSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Let new results use this version; nothing that is assessed already changes."""
        row = self.get_object()
        who = request.membership  # type: ignore[attr-defined]
        stored = add_version(row.organisation_id, known_options(row.options), row.note, who.user)
        return Response(self.get_serializer(activate(stored, who)).data)


class PillarSerializer(serializers.ModelSerializer):
    """A part of a scorecard."""

    class Meta:
        model = ScorecardPillar
        fields = ["kpi", "weight", "target"]


class ScorecardSerializer(serializers.ModelSerializer):
    """A version of a scorecard."""

    pillars = PillarSerializer(many=True)

    class Meta:
        model = Scorecard
        fields = [*WHERE, "version", "proportional", "pillars"]


class ScorecardViewSet(Rows):
    """Scorecards with all their versions."""

    queryset: Any = Scorecard.objects.prefetch_related("chains", "regions", "pillars")
    serializer_class = ScorecardSerializer
