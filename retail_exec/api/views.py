"""What the API offers. Every list goes through core/access.py; services do what changes anything."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import KpiResult, OutOfStock
from compliance.queries import judge
from recognition.models import Facing
from retail_exec.accounts.models import Membership
from retail_exec.api import serializers
from retail_exec.api.pagination import Pages
from retail_exec.catalog.models import Sku
from retail_exec.core.access import visible
from retail_exec.core.models import WorkState
from retail_exec.reports import filters
from retail_exec.reports.queries import current_facings, current_kpis, current_out_of_stock
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.upload import RefusedPhoto, upload_photo
from retail_exec.visits.services.visits import finish_visit, start_visit


class Rows(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Lists and shows what the member may see of ``queryset``."""

    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Any]:
        """The visible rows; none while the OpenAPI schema is made, when nobody asks."""
        rows = super().get_queryset()
        membership = getattr(self.request, "membership", None)
        return self.seen_by(membership, rows) if membership else rows.none()

    def seen_by(self, membership: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """``rows`` as far as the member may see them."""
        return visible(membership, rows)


class VisitViewSet(Rows):
    """Visits: list, start (POST the store) and finish them."""

    queryset = (
        Visit.objects.select_related("store", "auditor")
        .annotate(
            photo_count=Count("photos"),
            photos_done=Count("photos", filter=Q(photos__state=WorkState.DONE)),
        )
        .order_by("-started_at", "-id")
    )
    serializer_class = serializers.VisitSerializer
    filterset_class = filters.VisitFilter

    @extend_schema(responses={201: serializers.VisitSerializer})
    def create(self, request: Request) -> Response:
        """Start a visit, or return the own unfinished one of today in that store."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        visit = start_visit(request.membership, asked.validated_data["store"])  # type: ignore[attr-defined]
        return self._answer(visit, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=serializers.VisitSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Say that the auditor has left; recognition of the last photos goes on."""
        visit = self.get_object()
        finish_visit(visit)
        return self._answer(visit, status.HTTP_200_OK)

    def _answer(self, visit: Visit, code: int) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=visit.pk)).data, status=code)


class PhotoViewSet(Rows):
    """Photos: list, follow their state, upload."""

    queryset = Photo.objects.order_by("-uploaded_at", "-id")
    serializer_class = serializers.PhotoSerializer
    filterset_class = filters.PhotoFilter
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": serializers.PhotoUploadSerializer},
        responses={
            201: serializers.PhotoSerializer,
            400: serializers.RefusalSerializer,
            409: serializers.RefusalSerializer,
        },
    )
    def create(self, request: Request) -> Response:
        """Take in one photo; its recognition starts at once. 409: this very photo is there already."""
        asked = serializers.PhotoUploadSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            photo = upload_photo(given["visit"], given["file"], given.get("bay"))
        except RefusedPhoto as refused:
            earlier = refused.duplicate_of
            code = status.HTTP_409_CONFLICT if earlier else status.HTTP_400_BAD_REQUEST
            shown = earlier and self.get_queryset().filter(pk=earlier.pk).exists()
            why = {"detail": refused.message, "duplicate_of": earlier.pk if earlier and shown else None}
            return Response(serializers.RefusalSerializer(why).data, status=code)
        return Response(self.get_serializer(photo).data, status=status.HTTP_201_CREATED)


class FacingViewSet(Rows):
    """Product units seen on the photos, as the newest recognition and people's corrections have them."""

    queryset = Facing.objects.all()
    serializer_class = serializers.FacingSerializer
    filterset_class = filters.FacingFilter

    def seen_by(self, membership: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Facings of the newest recognitions."""
        products = ["sku__brand", "sku__category", "verdict_sku__brand", "verdict_sku__category"]
        return current_facings(membership).select_related("run__photo", *products).order_by("run", "index")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """A page of facings with what the assessments made of them."""
        page = super().paginate_queryset(queryset)
        return None if page is None else judge(page)

    def get_object(self) -> Facing:
        """One facing with what the assessment made of it."""
        return judge([super().get_object()])[0]


class KpiViewSet(Rows):
    """KPI values of the visits' newest assessments; one alone comes with its evidence."""

    queryset = KpiResult.objects.all()
    serializer_class = serializers.KpiSerializer
    filterset_class = filters.KpiFilter

    def get_serializer_class(self) -> Any:
        """With evidence when one value is asked for."""
        return serializers.KpiEvidenceSerializer if self.action == "retrieve" else self.serializer_class

    def seen_by(self, membership: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Only results that count; lists do without the long evidence columns."""
        rows = current_kpis(membership).select_related("assessment", "category", "brand")
        rows = rows.order_by("-assessment", "id")
        return rows.defer("numerator_refs", "denominator_refs") if self.action == "list" else rows


class OutOfStockViewSet(Rows):
    """Expected products that were not on the shelf at the visits' newest assessments."""

    queryset = OutOfStock.objects.all()
    serializer_class = serializers.OutOfStockSerializer
    filterset_class = filters.OutOfStockFilter

    def seen_by(self, membership: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Only results that count."""
        rows = current_out_of_stock(membership).select_related("assessment__visit", "sku")
        return rows.prefetch_related("bays").order_by("-assessment", "id")


class SkuViewSet(Rows):
    """The catalogue."""

    queryset = (
        Sku.objects.select_related("brand", "category")
        .annotate(packshot_count=Count("packshots"))
        .order_by("code")
    )
    serializer_class = serializers.SkuSerializer
    filterset_class = filters.SkuFilter
