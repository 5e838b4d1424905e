"""Stores over the API: the list, and a file with more of them."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as fields
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from retail_exec.api import serializers
from retail_exec.api.permissions import CuratorsWrite
from retail_exec.api.planogram_serializers import ReportRowSerializer
from retail_exec.api.views import Rows
from retail_exec.core.audit import record
from retail_exec.reports import filters
from retail_exec.stores.csv_import import StoresFileError
from retail_exec.stores.models import Store
from retail_exec.stores.services.import_stores import import_stores

DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Read and report, store nothing.")


class StoresFileSerializer(fields.Serializer):
    """A CSV file of stores."""

    file = fields.FileField()


class ImportedStoresSerializer(fields.Serializer):
    """What came of a file, or would come of it. chains, regions: names of new ones."""

    dry_run = fields.BooleanField()
    stores_added = fields.IntegerField()
    stores_changed = fields.IntegerField()
    bays_added = fields.IntegerField()
    bays_changed = fields.IntegerField()
    chains_changed = fields.IntegerField()
    chains = fields.ListField(child=fields.CharField())
    regions = fields.ListField(child=fields.CharField())
    left = ReportRowSerializer(many=True, help_text="Rows left out, and why.")
    remarks = ReportRowSerializer(many=True, help_text="Brought in, but worth a look.")


class UnreadableSerializer(fields.Serializer):
    """Why the file could not be read."""

    detail = fields.CharField()


class StoreViewSet(Rows):
    """Stores and their bays."""

    queryset = Store.objects.select_related("chain", "region").prefetch_related("bays").order_by("name", "id")
    serializer_class = serializers.StoreSerializer
    filterset_class = filters.StoreFilter
    permission_classes = [CuratorsWrite]

    @extend_schema(
        parameters=[DRY_RUN],
        request={"multipart/form-data": StoresFileSerializer},
        responses={200: ImportedStoresSerializer, 400: UnreadableSerializer},
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def bring_in(self, request: Request) -> Response:
        """Bring in chains, regions, stores and bays; ``?dry_run=1`` only says what would come of it."""
        asked = StoresFileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]
        dry_run = request.query_params.get("dry_run", "") in ("1", "true", "yes")
        who = request.membership  # type: ignore[attr-defined]
        try:
            outcome = import_stores(who.organisation, file.read(), dry_run=dry_run)
        except StoresFileError as error:
            return Response({"detail": str(error)}, status=status.HTTP_400_BAD_REQUEST)
        if outcome.changes and not dry_run:
            record(who, "stores imported", file.name, **outcome.counts)
        return Response({"dry_run": dry_run, **outcome.as_json()})
