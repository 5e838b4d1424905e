"""Planograms over the API: read, change, bring in, hand out, assign."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.importers.values import PlanogramFileError
from compliance.models import Planogram, PlanogramAssignment
from compliance.services.assign_planogram import assign, unassign
from compliance.services.edit_document import RefusedPlanError
from compliance.services.edit_planogram import (
    ConflictError,
    Saved,
    discard_draft,
    edit_state,
    publish,
    save_planogram,
)
from compliance.services.export_planogram import TYPES, export_planogram, file_name, losses
from compliance.services.import_planogram import import_planogram
from compliance.views.places import say
from retail_exec.api import planogram_serializers as forms
from retail_exec.api.permissions import CuratorsWrite
from retail_exec.api.views import Rows
from retail_exec.core.audit import record
from retail_exec.reports import filters

DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Read and report, store nothing.")
FORMAT = OpenApiParameter("format", enum=list(TYPES), required=True)


class _AsIs(BaseRenderer):
    """Hands out bytes that are a file of the format already; an error is JSON all the same."""

    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        """The file."""
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


class PsaRenderer(_AsIs):
    """``?format=psa``"""

    media_type, format = TYPES["psa"].partition(";")[0], "psa"


class AzureRenderer(_AsIs):
    """``?format=azure``"""

    media_type, format = TYPES["azure"].partition(";")[0], "azure"


class CsvRenderer(_AsIs):
    """``?format=csv``"""

    media_type, format = TYPES["csv"].partition(";")[0], "csv"


class PlanogramViewSet(Rows):
    """Planograms; one alone comes with its positions. Analysts and administrators change them, as drafts."""

    queryset = Planogram.objects.prefetch_related("bays").order_by("name", "-version")
    serializer_class = forms.PlanogramSerializer
    filterset_class = filters.PlanogramFilter
    permission_classes = [CuratorsWrite]

    def get_serializer_class(self) -> Any:
        """With positions when one plan is asked for."""
        return forms.PlanogramDetailSerializer if self.action == "retrieve" else self.serializer_class

    def get_queryset(self) -> QuerySet[Any]:
        """Positions come in one further query."""
        rows = super().get_queryset()
        return rows.prefetch_related("positions__sku") if self.action == "retrieve" else rows

    @extend_schema(
        request=forms.DocumentSerializer,
        responses={201: forms.SavedSerializer, 400: forms.RefusedPlanSerializer},
    )
    def create(self, request: Request) -> Response:
        """Store a plan as a draft: a new planogram, or the next version of one that has its name."""
        return self._save(request, None, status.HTTP_201_CREATED)

    @extend_schema(
        request=forms.DocumentSerializer,
        responses={
            200: forms.SavedSerializer,
            400: forms.RefusedPlanSerializer,
            409: forms.ConflictSerializer,
        },
    )
    def update(self, request: Request, pk: str) -> Response:
        """Change a draft, or make the next version of a plan that is none, as a draft.

        ``state`` must be that of the version you read; 409 says that somebody else saved meanwhile.
        """
        return self._save(request, self.get_object(), status.HTTP_200_OK)

    def _save(self, request: Request, base: Planogram | None, code: int) -> Response:
        sent = request.data if isinstance(request.data, dict) else {}
        member = request.membership  # type: ignore[attr-defined]
        try:
            saved = save_planogram(
                member, request.data, base, str(sent.get("state") or ""), sent.get("apart") is True
            )
        except RefusedPlanError as refused:
            return refusal(refused)
        except ConflictError as conflict:
            theirs = conflict.theirs
            now = {"detail": str(conflict), "planogram": theirs.pk, "state": edit_state(theirs)}
            return Response(now, status=status.HTTP_409_CONFLICT)
        return self._saved(saved, code)

    def _saved(self, saved: Saved, code: int) -> Response:
        row = saved.planogram
        shown = forms.PlanogramDetailSerializer(row, context=self.get_serializer_context()).data
        remarks = [remark.as_json() for remark in saved.remarks]
        return Response({**shown, "remarks": remarks}, status=code)

    @extend_schema(responses={204: None, 400: forms.RefusedPlanSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a draft; a plan that has been in force is kept."""
        try:
            discard_draft(request.membership, self.get_object())  # type: ignore[attr-defined]
        except RefusedPlanError as refused:
            return refusal(refused)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=forms.PublishSerializer,
        responses={200: forms.PlanogramDetailSerializer, 400: forms.RefusedPlanSerializer},
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Put a draft in force."""
        asked = forms.PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        days = asked.validated_data.get("effective_from"), asked.validated_data.get("effective_to")
        try:
            row = publish(request.membership, self.get_object(), *days)  # type: ignore[attr-defined]
        except RefusedPlanError as refused:
            return refusal(refused)
        return Response(forms.PlanogramDetailSerializer(row, context=self.get_serializer_context()).data)

    @extend_schema(
        parameters=[DRY_RUN],
        request={"multipart/form-data": forms.ImportSerializer},
        responses={
            200: forms.ImportedSerializer,
            201: forms.ImportedSerializer,
            400: forms.ReportRowSerializer,
        },
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def bring_in(self, request: Request) -> Response:
        """Bring in a PSA, JSON or CSV file: 201, or 200 with what would be stored for ``?dry_run=1``."""
        asked = forms.ImportSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        dry_run = request.query_params.get("dry_run", "") in ("1", "true", "yes")
        member = request.membership  # type: ignore[attr-defined]
        try:
            outcome = import_planogram(
                member.organisation,
                given["file"].read(),
                given["file"].name,
                name=given["name"],
                bays=given["bays"],
                effective_from=given["effective_from"],
                dry_run=dry_run,
            )
        except PlanogramFileError as error:
            why = {"line": error.line, "field": error.field, "why": error.why}
            return Response(why, status=status.HTTP_400_BAD_REQUEST)
        for imported in outcome.planograms if not dry_run else ():
            record(member, "planogram imported", imported.stored, file=given["file"].name)
        stored = bool(outcome.planograms) and not dry_run
        code = status.HTTP_201_CREATED if stored else status.HTTP_200_OK
        return Response({"dry_run": dry_run, **outcome.as_json()}, status=code)

    @extend_schema(parameters=[FORMAT], responses={200: OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[PsaRenderer, AzureRenderer, CsvRenderer])
    def export(self, request: Request, pk: str) -> Response:
        """The planogram as a file of another program."""
        row = self.get_object()
        format = getattr(request, "accepted_renderer").format  # noqa: B009
        name = file_name(row, format)
        response = Response(export_planogram(row, format))
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True)
    def losses(self, request: Request, pk: str) -> Response:
        """By format, what of the planogram its file cannot hold: ``{"csv": [{"field", "why", "count"}]}``."""
        found = losses(self.get_object())
        rows = {
            format: [{"field": one.field, "why": one.why, "count": one.count} for one in items]
            for format, items in found.items()
        }
        return Response(rows)


class AssignmentViewSet(mixins.CreateModelMixin, mixins.DestroyModelMixin, Rows):
    """For which bays of which stores, clusters and chains planograms hold."""

    queryset = PlanogramAssignment.objects.order_by("planogram", "bay", "pk")
    serializer_class = forms.AssignmentSerializer
    permission_classes = [CuratorsWrite]

    def perform_create(self, serializer: Any) -> None:
        """Once is enough: the same again gives the one that is there."""
        given = serializer.validated_data
        member = self.request.membership  # type: ignore[attr-defined]
        plans = Planogram.objects.filter(organisation_id=member.organisation_id, name=given["planogram"])
        plan = plans.order_by("-version").first()
        if plan is None:
            raise ValidationError({"planogram": f"there is no planogram called {given['planogram']!r}."})
        target = given["store"] or given["cluster"] or given["chain"]
        try:
            serializer.instance = assign(member, plan, given["bay"], target)
        except RefusedPlanError as refused:
            raise ValidationError({"bay": say(refused)}) from refused

    def perform_destroy(self, instance: PlanogramAssignment) -> None:
        """Take it back."""
        unassign(self.request.membership, instance)  # type: ignore[attr-defined]


def refusal(refused: RefusedPlanError) -> Response:
    """400 with every fault."""
    body = {"detail": say(refused), "problems": [problem.as_json() for problem in refused.problems]}
    return Response(body, status=status.HTTP_400_BAD_REQUEST)
