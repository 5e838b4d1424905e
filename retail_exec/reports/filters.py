"""One set of filters for the dashboards, the CSV downloads and the API, so that all three mean the same rows.

A filter set needs ``request`` with ``membership``: choices of another organisation do not exist for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Model, Q, QuerySet
from django.forms import DateInput, Select
from django.utils.timezone import localdate, make_aware
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from compliance.models import CorrectiveTask, Finding, OutOfStock
from recognition.types import FacingStatus
from retail_exec.accounts.models import User
from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.core.access import visible
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Bay, Chain, Channel, Region, Store
from retail_exec.visits.models import Visit

DAY = DateInput(attrs={"type": "date"})


def own(model: type[Model]) -> Callable[[Any], QuerySet[Model]]:
    """The rows of ``model`` that the request's member may name; none without a member."""

    def rows(request: Any) -> QuerySet[Model]:
        membership = getattr(request, "membership", None)
        every = model._default_manager.all()
        return visible(membership, every) if membership else every.none()

    return rows


def colleagues(request: Any) -> QuerySet[User]:
    """The people of the member's organisation."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return User.objects.none()
    mine = User.objects.filter(memberships__organisation=membership.organisation_id)
    return mine.order_by("first_name", "last_name", "email")


def counts_as(**lookup: Any) -> Q:
    """Facings whose product (a person's verdict if there is one, else the recogniser's) matches ``lookup``.

    ``counts_as(brand=brand)`` or ``counts_as()`` with the product itself: ``counts_as(pk=7)``.
    """
    seen = Q(verdict="", **{f"sku__{name}": value for name, value in lookup.items()})
    return seen | Q(**{f"verdict_sku__{name}": value for name, value in lookup.items()})


class VisitScope(filters.FilterSet):
    """When and where. ``visit_path``: how the filtered rows reach their visit, ending in ``__``."""

    visit_path: ClassVar[str] = ""

    date_from = filters.DateFilter(
        field_name="started_at__gte", method="since", label="From", widget=DateInput(attrs={"type": "date"})
    )
    date_to = filters.DateFilter(
        field_name="started_at__lt", method="until", label="To", widget=DateInput(attrs={"type": "date"})
    )
    region = filters.ModelChoiceFilter(
        queryset=own(Region), field_name="store__region", method="of_visit", label="Region"
    )
    chain = filters.ModelChoiceFilter(
        queryset=own(Chain), field_name="store__chain", method="of_visit", label="Chain"
    )
    channel = filters.ChoiceFilter(
        choices=Channel.choices, field_name="store__chain__channel", method="of_channel", label="Channel"
    )
    store = filters.ModelChoiceFilter(
        queryset=own(Store), field_name="store", method="of_visit", label="Store"
    )
    auditor = filters.ModelChoiceFilter(
        queryset=colleagues, field_name="auditor", method="of_visit", label="Auditor"
    )

    def since(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Visits that started on that day or later."""
        return rows.filter(**{self.visit_path + name: make_aware(datetime.combine(value, time.min))})

    def until(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Visits that started on that day or earlier."""
        return self.since(rows, name, value + timedelta(days=1))

    @extend_schema_field(OpenApiTypes.INT)
    def of_visit(self, rows: QuerySet[Any], name: str, value: Model) -> QuerySet[Any]:
        """Rows whose visit has ``value`` at ``name``."""
        return rows.filter(**{self.visit_path + name: value})

    def of_channel(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Rows of visits to stores of that channel."""
        return rows.filter(**{self.visit_path + name: value})


class VisitFilter(VisitScope):
    """Visits."""

    state = filters.ChoiceFilter(choices=WorkState.choices, label="State")


class PhotoFilter(VisitScope):
    """Photos."""

    visit_path = "visit__"
    visit = filters.ModelChoiceFilter(queryset=own(Visit), label="Visit")
    bay = filters.ModelChoiceFilter(queryset=own(Bay), label="Bay")
    state = filters.ChoiceFilter(choices=WorkState.choices, label="State")


class FacingFilter(VisitScope):
    """Facings; category, brand and sku are those of the product that counts."""

    visit_path = "run__photo__visit__"
    visit = filters.ModelChoiceFilter(queryset=own(Visit), field_name="run__photo__visit", label="Visit")
    photo = filters.NumberFilter(field_name="run__photo", label="Photo")
    category = filters.ModelChoiceFilter(queryset=own(Category), method="of_product", label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), method="of_product", label="Brand")
    sku = filters.ModelChoiceFilter(queryset=own(Sku), field_name="pk", method="of_product", label="SKU")
    status = filters.ChoiceFilter(choices=[(s.value, s.value.title()) for s in FacingStatus], label="Status")

    @extend_schema_field(OpenApiTypes.INT)
    def of_product(self, rows: QuerySet[Any], name: str, value: Model) -> QuerySet[Any]:
        """Rows whose product has ``value`` at ``name``."""
        return rows.filter(counts_as(**{name: value.pk}))


class KpiFilter(VisitScope):
    """KPI results."""

    visit_path = "assessment__visit__"
    visit = filters.ModelChoiceFilter(queryset=own(Visit), field_name="assessment__visit", label="Visit")
    key = filters.CharFilter(label="KPI")
    bay = filters.ModelChoiceFilter(queryset=own(Bay), label="Bay")
    category = filters.ModelChoiceFilter(queryset=own(Category), label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), label="Brand")


class OutOfStockFilter(VisitScope):
    """Products that should have been on the shelf."""

    visit_path = "assessment__visit__"
    visit = filters.ModelChoiceFilter(queryset=own(Visit), field_name="assessment__visit", label="Visit")
    kind = filters.ChoiceFilter(choices=OutOfStock.Kind.choices, label="Kind")
    category = filters.ModelChoiceFilter(queryset=own(Category), field_name="sku__category", label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), field_name="sku__brand", label="Brand")
    sku = filters.ModelChoiceFilter(queryset=own(Sku), label="SKU")


ANY_YES_NO = [("", "All"), ("true", "Yes"), ("false", "No")]


class TaskFilter(filters.FilterSet):
    """Corrective tasks."""

    state = filters.ChoiceFilter(choices=CorrectiveTask.State.choices, label="State")
    overdue = filters.BooleanFilter(method="past_due", label="Overdue", widget=Select(choices=ANY_YES_NO))
    finding = filters.ChoiceFilter(choices=Finding.choices, label="What is wrong")
    region = filters.ModelChoiceFilter(queryset=own(Region), field_name="store__region", label="Region")
    chain = filters.ModelChoiceFilter(queryset=own(Chain), field_name="store__chain", label="Chain")
    store = filters.ModelChoiceFilter(queryset=own(Store), label="Store")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), field_name="sku__brand", label="Brand")
    sku = filters.ModelChoiceFilter(queryset=own(Sku), label="SKU")

    def past_due(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Open tasks whose day has passed, or all the others."""
        late = Q(state=CorrectiveTask.State.OPEN, due_on__lt=localdate())
        return rows.filter(late) if value else rows.exclude(late)


class SpellFilter(filters.FilterSet):
    """Times during which a product was out of stock in a store."""

    date_from = filters.DateFilter(method="not_over", label="Missing on or after", widget=DAY)
    date_to = filters.DateFilter(method="begun", label="Missing on or before", widget=DAY)
    open = filters.BooleanFilter(field_name="until", lookup_expr="isnull", label="Still missing")
    repeated = filters.NumberFilter(field_name="times", lookup_expr="gte", label="Ran out at least so often")
    region = filters.ModelChoiceFilter(queryset=own(Region), field_name="store__region", label="Region")
    chain = filters.ModelChoiceFilter(queryset=own(Chain), field_name="store__chain", label="Chain")
    channel = filters.ChoiceFilter(
        choices=Channel.choices, field_name="store__chain__channel", label="Channel"
    )
    store = filters.ModelChoiceFilter(queryset=own(Store), label="Store")
    category = filters.ModelChoiceFilter(queryset=own(Category), field_name="sku__category", label="Category")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), field_name="sku__brand", label="Brand")
    sku = filters.ModelChoiceFilter(queryset=own(Sku), label="SKU")

    def not_over(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Spells that were not over before that day."""
        start = make_aware(datetime.combine(value, time.min))
        return rows.filter(Q(until=None) | Q(until__gte=start))

    def begun(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Spells that had begun by the end of that day."""
        return rows.filter(since__lt=make_aware(datetime.combine(value + timedelta(days=1), time.min)))


class StoreFilter(filters.FilterSet):
    """Stores."""

    code = filters.CharFilter(label="Code")
    chain = filters.ModelChoiceFilter(queryset=own(Chain), label="Chain")
    region = filters.ModelChoiceFilter(queryset=own(Region), label="Region")
    channel = filters.ChoiceFilter(choices=Channel.choices, field_name="chain__channel", label="Channel")


class SkuFilter(filters.FilterSet):
    """Products."""

    code = filters.CharFilter(label="Code")
    gtin = filters.CharFilter(label="GTIN")
    brand = filters.ModelChoiceFilter(queryset=own(Brand), label="Brand")
    category = filters.ModelChoiceFilter(queryset=own(Category), label="Category")
    active = filters.BooleanFilter(label="Active")


class PlanogramFilter(filters.FilterSet):
    """Planograms."""

    name = filters.CharFilter(label="Name")
    version = filters.NumberFilter(label="Version")
    bay = filters.ModelChoiceFilter(queryset=own(Bay), field_name="bays", label="Bay")
