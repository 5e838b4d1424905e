"""Corrective tasks in the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import CorrectiveTask
from compliance.services.task_figures import figures
from compliance.services.tasks import TaskRefused, cannot_be_fixed
from retail_exec.api import serializers
from retail_exec.api.views import Rows
from retail_exec.reports import filters


class TaskViewSet(Rows):
    """What is to be put right in the stores; a new photo that shows it closes a task."""

    queryset = CorrectiveTask.objects.select_related(
        "store", "sku", "assigned_to", "rule", "opened_by", "closed_by"
    ).order_by("due_on", "id")
    serializer_class = serializers.TaskSerializer
    filterset_class = filters.TaskFilter

    @extend_schema(responses=serializers.TaskFigureSerializer(many=True), filters=True)
    @action(detail=False, pagination_class=None)
    def figures(self, request: Request) -> Response:
        """Ageing and closing of the tasks that the filters choose."""
        rows = self.filter_queryset(self.get_queryset())
        return Response(serializers.TaskFigureSerializer(figures(rows), many=True).data)

    @extend_schema(
        request=serializers.CannotSerializer,
        responses={200: serializers.TaskSerializer, 409: serializers.RefusalSerializer},
    )
    @action(detail=True, methods=["post"])
    def cannot(self, request: Request, pk: str) -> Response:
        """Say that it cannot be fixed, and why. 409: it is no longer open, or a word is missing."""
        asked = serializers.CannotSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        task = self.get_object()
        try:
            cannot_be_fixed(request.membership, task, **asked.validated_data)  # type: ignore[attr-defined]
        except TaskRefused as refused:
            return Response({"detail": str(refused), "duplicate_of": None}, status.HTTP_409_CONFLICT)
        return Response(self.get_serializer(task).data)
