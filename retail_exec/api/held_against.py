"""Promotions and must-stock lists over the API: what stores must show and stock, where and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from rest_framework import mixins, serializers

from compliance.models import Promotion, PromotionElement
from compliance.models.promotions import ELEMENT_NEEDS
from retail_exec.api.permissions import CuratorsWrite
from retail_exec.api.serializers import OwnRelatedField
from retail_exec.api.views import Rows
from retail_exec.catalog.models import MustStockItem, MustStockList, Sku
from retail_exec.core.access import visible
from retail_exec.core.audit import record
from retail_exec.stores.models import Chain, Channel, Region, Store

WHERE = ["id", "name", "chains", "regions", "channel", "effective_from", "effective_to"]
SHOWN = 10
"""So many unknown codes are named."""


class SkusField(serializers.ListField):
    """Products by their codes, all of the member's catalogue; sorted where they are shown."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        """The codes."""
        return sorted(getattr(row, "sku", row).code for row in data.all())

    def to_internal_value(self, data: Any) -> list[Sku]:
        """The products behind the codes; unknown ones are named."""
        codes = super().to_internal_value(data)
        rows = visible(self.context["request"].membership, Sku.objects.filter(code__in=codes))
        known = {sku.code: sku for sku in rows}
        unknown = [repr(code) for code in dict.fromkeys(codes) if code not in known]
        if unknown:
            more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
            raise serializers.ValidationError(
                f"The catalogue has no product {', '.join(unknown[:SHOWN])}{more}."
            )
        return list(known.values())


class HoldsSerializer(serializers.ModelSerializer):
    """Something with a name that holds for some stores between two days. An empty choice means all."""

    chains: Any = OwnRelatedField(queryset=Chain.objects.all(), many=True, required=False)
    regions: Any = OwnRelatedField(queryset=Region.objects.all(), many=True, required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, allow_blank=True)

    def validate_name(self, value: str) -> str:
        """One a name."""
        model: Any = self.Meta.model
        same = visible(self.context["request"].membership, model.objects.filter(name=value))
        if same.exclude(pk=getattr(self.instance, "pk", None)).exists():
            raise serializers.ValidationError(f"There is another {model._meta.verbose_name} called {value}.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """It must not end before it begins."""
        first, last = (
            attrs.get(name, getattr(self.instance, name, None)) for name in ("effective_from", "effective_to")
        )
        if first and last and last < first:
            why = f"{last:%d %b %Y} is before the first day, {first:%d %b %Y}."
            raise serializers.ValidationError({"effective_to": why})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Of the member's organisation."""
        model: Any = self.Meta.model
        return self._store(
            model(organisation=self.context["request"].membership.organisation), validated_data
        )

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """What is given; the rest stays."""
        return self._store(instance, validated_data)

    @transaction.atomic
    def _store(self, row: Any, given: dict[str, Any]) -> Any:
        parts = {name: given.pop(name) for name in self.parts if name in given}
        many = {
            name: given.pop(name) for name in ("chains", "regions", "stores") if given.get(name) is not None
        }
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        for name, rows in many.items():
            getattr(row, name).set(rows)
        for name, value in parts.items():
            getattr(self, f"store_{name}")(row, value)
        return row

    parts: tuple[str, ...] = ()
    """Fields that are rows of their own; each has a method ``store_…``."""


class ElementSerializer(serializers.ModelSerializer):
    """One thing a promotion asks for. A price needs ``price``, a display ``bay``, a tag ``text``."""

    skus = SkusField(allow_empty=False)

    class Meta:
        model = PromotionElement
        fields = ["kind", "name", "skus", "facings", "bay", "price", "text"]
        extra_kwargs = {"facings": {"min_value": 1}, "price": {"min_value": 0}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each kind has what it needs."""
        field, why = ELEMENT_NEEDS.get(attrs["kind"], ("", ""))
        if field and attrs.get(field) in (None, ""):
            raise serializers.ValidationError({field: why})
        return attrs


class PromotionSerializer(HoldsSerializer):
    """A promotion: where, when and what it asks for. stores: only these; empty: all of the others' choice.
    elements: sent, they replace those that are there."""

    stores: Any = OwnRelatedField(queryset=Store.objects.all(), many=True, required=False)
    elements = ElementSerializer(many=True, required=False)
    parts = ("elements",)

    class Meta:
        model = Promotion
        fields = [*WHERE, "stores", "note", "elements"]

    def store_elements(self, row: Promotion, elements: Iterable[dict[str, Any]]) -> None:
        """In the order in which they were sent."""
        row.elements.all().delete()
        for element in elements:
            skus = element.pop("skus")
            row.elements.create(**element).skus.set(skus)


class MustStockListSerializer(HoldsSerializer):
    """The products that the stores it holds for must have. skus: sent, they replace those that are there."""

    skus = SkusField(source="items")
    parts = ("items",)

    class Meta:
        model = MustStockList
        fields = [*WHERE, "skus"]

    def store_items(self, row: MustStockList, skus: Iterable[Sku]) -> None:
        """Each once."""
        row.items.all().delete()
        MustStockItem.objects.bulk_create(MustStockItem(must_stock_list=row, sku=sku) for sku in skus)


class Kept(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, Rows):
    """Rows that analysts and administrators add, change and remove, each noted in the audit trail. Results
    that were made with them stay as they are."""

    permission_classes = [CuratorsWrite]
    called = ""

    def perform_create(self, serializer: Any) -> None:
        """Add it."""
        self._note("added", serializer.save())

    def perform_update(self, serializer: Any) -> None:
        """Change it."""
        self._note("changed", serializer.save())

    @transaction.atomic
    def perform_destroy(self, instance: Any) -> None:
        """Remove it."""
        self._note("removed", instance)
        instance.delete()

    def _note(self, what: str, row: Any) -> None:
        record(self.request.membership, f"{self.called} {what}", row)  # type: ignore[attr-defined]


class PromotionViewSet(Kept):
    """Promotions, the newest first."""

    queryset: Any = Promotion.objects.prefetch_related("chains", "regions", "stores", "elements__skus")
    serializer_class = PromotionSerializer
    called = "promotion"


class MustStockListViewSet(Kept):
    """Must-stock lists by name."""

    queryset: Any = MustStockList.objects.prefetch_related("chains", "regions", "items__sku")
    serializer_class = MustStockListSerializer
    called = "must-stock list"
