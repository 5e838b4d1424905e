"""Availability and distribution by product over the API: the figures of the page of products."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from retail_exec.api.pagination import Pages
from retail_exec.catalog.models import Sku
from retail_exec.core.access import get_or_404, visible
from retail_exec.dashboards.filters import DEFAULT_ORDER, ProductFilter
from retail_exec.dashboards.products import State, by_product, places
from retail_exec.dashboards.queries import Asked, asked_for
from retail_exec.visits.models import Visit

PRODUCT = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of the product.")


class AvailabilitySerializer(serializers.Serializer):
    """One product over the chosen stores, each as the last visit that could tell found it. null: not
    measurable. osa_low, osa_high: of all stores that should have it, with a probability of 90 %."""

    id = serializers.IntegerField(source="sku.pk", help_text="Of the product.")
    sku = serializers.CharField(source="sku.code")
    product = serializers.CharField(source="sku.name")
    brand = serializers.CharField(source="sku.brand.name")
    own = serializers.BooleanField(source="sku.brand.is_own")
    category = serializers.CharField(source="sku.category.name")
    stores_expected = serializers.IntegerField(
        help_text="Stores that should have it and where a visit could tell."
    )
    stores_with = serializers.IntegerField(help_text="Those of them that have it.")
    stores_missing = serializers.IntegerField(help_text="Those of them that lack it.")
    osa = serializers.FloatField(allow_null=True, help_text="stores_with / stores_expected")
    osa_low = serializers.FloatField(allow_null=True)
    osa_high = serializers.FloatField(allow_null=True)
    not_looked_at = serializers.IntegerField(help_text="Stores that should have it, of which no visit tells.")
    coverage = serializers.FloatField(allow_null=True)
    outlets = serializers.IntegerField(help_text="Outlets where an own product is expected or stands.")
    outlets_with = serializers.IntegerField(help_text="Those of them that have it.")
    distribution = serializers.FloatField(allow_null=True, help_text="outlets_with / outlets")
    missing_since = serializers.DateTimeField(allow_null=True, help_text="Where it is missing longest.")
    keeps_running_out = serializers.IntegerField(
        help_text="Stores where it ran out three times or more in 90 days."
    )


class PlaceSerializer(serializers.Serializer):
    """A product in a store. out_of_stock: the entry of ``out-of-stock`` that noted its absence. visit: the
    last that missed it, or else that saw it."""

    store = serializers.IntegerField(source="store.pk")
    store_code = serializers.CharField(source="store.code")
    store_name = serializers.CharField(source="store.name")
    state = serializers.CharField(help_text=", ".join(State))
    kind = serializers.CharField(source="found.kind", allow_null=True, default=None)
    since = serializers.DateTimeField(allow_null=True)
    times = serializers.IntegerField(help_text="How often it ran out there in 90 days; 0 below three.")
    out_of_stock = serializers.IntegerField(source="found.pk", allow_null=True, default=None)
    told_at = serializers.DateTimeField(allow_null=True)
    visit = serializers.IntegerField(allow_null=True)


class AvailabilityPlacesSerializer(AvailabilitySerializer):
    """One product with all its stores: those without it first."""

    stores = PlaceSerializer(many=True)


class AvailabilityViewSet(viewsets.GenericViewSet):
    """In how many stores each product stands, and where it is missing."""

    queryset = Visit.objects.all()
    serializer_class = AvailabilitySerializer
    filterset_class = ProductFilter
    pagination_class = Pages

    @extend_schema(responses=AvailabilitySerializer(many=True), filters=True)
    def list(self, request: Request) -> Response:
        """The products that are expected or stand somewhere, in the order asked for."""
        asked = self._asked(request)
        rows = by_product(asked, asked.chosen.get("order") or DEFAULT_ORDER)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(parameters=[PRODUCT], responses=AvailabilityPlacesSerializer, filters=True)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One product with its stores; 404 also where no store should have it and none has."""
        sku = get_or_404(request.membership, Sku.objects.all(), pk=pk)  # type: ignore[attr-defined]
        asked = replace(self._asked(request), sku=sku, category=None, brand=None)
        rows = by_product(asked)
        if not rows:
            raise Http404
        stores = PlaceSerializer(places(asked, rows), many=True).data
        return Response({**self.get_serializer(rows[0]).data, "stores": stores})

    def _asked(self, request: Request) -> Asked:
        member = request.membership  # type: ignore[attr-defined]
        visits = visible(member, self.get_queryset())
        chosen = DjangoFilterBackend().get_filterset(request, visits, self)
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        return asked_for(chosen, member)
