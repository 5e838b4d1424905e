"""The API's out-of-stock spells: since when, until when, how often."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from compliance.models import Spell
from retail_exec.accounts.models import Membership
from retail_exec.api.views import Rows
from retail_exec.reports.filters import SpellFilter
from retail_exec.reports.queries import spells


class SpellSerializer(serializers.ModelSerializer):
    """A time that a product was out of stock in a store. until: null while it is. latest: the entry of
    ``out-of-stock`` that noted it last. times: how often it ran out there in the 90 days up to this."""

    store_name = serializers.CharField(source="store.name")
    sku = serializers.CharField(source="sku.code")
    product = serializers.CharField(source="sku.name")
    times = serializers.IntegerField()

    class Meta:
        model = Spell
        fields = ["id", "store", "store_name", "sku", "product", "since", "last_missing", "until", "visits"]
        fields += ["times", "latest"]


class SpellViewSet(Rows):
    """Times during which products were out of stock, newest first."""

    queryset = Spell.objects.all()
    serializer_class = SpellSerializer
    filterset_class = SpellFilter

    def seen_by(self, membership: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With how often each came before."""
        return spells(membership).select_related("store", "sku").order_by("-since", "-id")
