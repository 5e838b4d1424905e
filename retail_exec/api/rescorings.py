"""Scoring a period again over the API: begin, follow, compare, adopt, discard."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from compliance import rescorings as changes
from compliance.kpis.registry import REGISTRY
from compliance.models import Rescoring
from compliance.services import rescoring_requests as requests
from compliance.services.adopt import RescoringRefused, cancel
from retail_exec.api import rescoring_serializers as forms
from retail_exec.api.permissions import OfficeOnly
from retail_exec.api.views import Rows
from retail_exec.core import asked

KPI = OpenApiParameter("kpi", enum=list(REGISTRY), required=True)
STORE = OpenApiParameter("store", OpenApiTypes.INT, description="Only this store's visits.")
VISIT = OpenApiParameter("visit", OpenApiTypes.INT, OpenApiParameter.PATH)

DONE: dict[int, Any] = {200: forms.RescoringDetailSerializer, 409: forms.RefusedSerializer}


class RescoringViewSet(Rows):
    """Periods scored again beside the results that count."""

    queryset = (
        Rescoring.objects.exclude(state=Rescoring.State.DISCARDED)
        .select_related("definitions", "region", "chain", "store")
        .order_by("-id")
    )
    serializer_class = forms.RescoringSerializer
    permission_classes = [OfficeOnly]

    def get_serializer_class(self) -> Any:
        """With progress and comparison when one is asked for."""
        return (
            forms.RescoringSerializer
            if self.action in ("list", "create")
            else forms.RescoringDetailSerializer
        )

    @extend_schema(request=forms.RescoringSerializer, responses={201: forms.RescoringDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin one; workers score the visits. None of the results counts until it is adopted."""
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        who = request.membership  # type: ignore[attr-defined]
        given = {**sent.validated_data, "versions": sent.validated_data.get("versions") or {}}
        rescoring = Rescoring(organisation=who.organisation, created_by=who.user, **given)
        requests.begin(rescoring, who)
        return Response(self._told(rescoring), status=status.HTTP_201_CREATED)

    @extend_schema(
        request=None, responses={200: forms.RescoringDetailSerializer, 409: forms.RefusedSerializer}
    )
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: str) -> Response:
        """Let its results count, in the background. 409 unless it is ready."""
        return self._act(request, requests.adopt)

    @extend_schema(
        request=None, responses={200: forms.RescoringDetailSerializer, 409: forms.RefusedSerializer}
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Score no further visits; what is scored stays. 409 unless it is running."""
        return self._act(request, cancel)

    @extend_schema(responses={204: None, 409: forms.RefusedSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Discard it with the results that only it made. 409 while it is at work: cancel it first."""
        answer = self._act(request, requests.discard)
        return Response(status=status.HTTP_204_NO_CONTENT) if answer.status_code == 200 else answer

    @extend_schema(parameters=[KPI], responses=forms.StoreDifferenceSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def stores(self, request: Request, pk: str) -> Response:
        """One KPI by store, the largest change first."""
        rows = changes.by_store(self.get_object(), self._kpi())
        return Response(forms.StoreDifferenceSerializer(rows, many=True).data)

    @extend_schema(
        parameters=[KPI, STORE],
        responses=forms.VisitDifferenceSerializer(many=True),
        operation_id="rescored_visits",
    )
    @action(detail=True, url_path="visits")
    def differing(self, request: Request, pk: str) -> Response:
        """The visits in which one KPI came out differently, newest first."""
        kpi, text = self._kpi(), request.query_params.get("store", "")
        store = asked.number(text)
        if text and store is None:
            raise ValidationError({"store": f"found {text!r}, expected the number of a store."})
        rows = changes.visits(self.get_object(), kpi, store)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(
            forms.VisitDifferenceSerializer(page, many=True, context={"kpi": kpi}).data
        )

    @extend_schema(parameters=[KPI, VISIT], responses=forms.VisitLinesSerializer)
    @action(detail=True, url_path=r"visits/(?P<visit>\d{1,18})")
    def lines(self, request: Request, pk: str, visit: str) -> Response:
        """The lines of evidence that made the difference in one visit."""
        kpi = self._kpi()
        rows = self.get_object().rescored.select_related("visit")
        row = rows.filter(visit=visit).first()
        if row is None:
            raise Http404
        sides = {
            side: forms.LinesSerializer(found).data for side, found in changes.changed_lines(row, kpi).items()
        }
        return Response({**forms.VisitDifferenceSerializer(row, context={"kpi": kpi}).data, **sides})

    def _kpi(self) -> str:
        key = self.request.query_params.get("kpi", "")
        if key not in REGISTRY:
            raise ValidationError({"kpi": f"found {key!r}, expected one of {', '.join(REGISTRY)}."})
        return key

    def _act(self, request: Request, what: Any) -> Response:
        rescoring = self.get_object()
        try:
            what(rescoring, request.membership)  # type: ignore[attr-defined]
        except RescoringRefused as refused:
            return Response({"detail": str(refused)}, status=status.HTTP_409_CONFLICT)
        return Response(self._told(rescoring))

    def _told(self, rescoring: Rescoring) -> Any:
        rescoring.refresh_from_db()
        return forms.RescoringDetailSerializer(rescoring, context=self.get_serializer_context()).data
