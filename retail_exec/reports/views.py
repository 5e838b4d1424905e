"""CSV downloads of what the dashboards show, with the same filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET
from django_filters import FilterSet

from compliance.models import CorrectiveTask
from compliance.queries import judge
from recognition.models import Facing
from retail_exec.core.access import OFFICE, member, member_view, visible
from retail_exec.dashboards.filters import DEFAULT_ORDER, ProductFilter
from retail_exec.dashboards.products import Availability, by_product, places
from retail_exec.dashboards.queries import asked_for
from retail_exec.reports.columns import (
    AVAILABILITY,
    AVAILABILITY_STORES,
    FACING_RELATED,
    FACINGS,
    KPI_RELATED,
    KPIS,
    SPELL_RELATED,
    SPELLS,
    TASK_RELATED,
    TASKS,
    Column,
)
from retail_exec.reports.csv import csv_response
from retail_exec.reports.filters import FacingFilter, KpiFilter, SpellFilter, TaskFilter
from retail_exec.reports.queries import current_facings, current_kpis, spells
from retail_exec.visits.models import Visit

ROWS_AT_A_TIME = 2000


@require_GET
@member_view(OFFICE)
def facings(request: HttpRequest) -> HttpResponseBase:
    """Every facing seen, one a line."""
    rows = current_facings(request.membership).select_related(*FACING_RELATED)  # type: ignore[attr-defined]
    asked = FacingFilter(
        request.GET, rows.order_by("run__photo__visit", "run__photo", "index"), request=request
    )
    return download("facings", asked, FACINGS, judged)


@require_GET
@member_view(OFFICE)
def kpis(request: HttpRequest) -> HttpResponseBase:
    """Every KPI value, one a line."""
    rows = current_kpis(request.membership).select_related(*KPI_RELATED)  # type: ignore[attr-defined]
    rows = rows.defer("numerator_refs", "denominator_refs")
    asked = KpiFilter(request.GET, rows.order_by("assessment__visit", "id"), request=request)
    return download("kpis", asked, KPIS)


@require_GET
@member_view(OFFICE)
def tasks(request: HttpRequest) -> HttpResponseBase:
    """Every corrective task, one a line."""
    rows = visible(request.membership, CorrectiveTask.objects.select_related(*TASK_RELATED))  # type: ignore[attr-defined]
    return download("tasks", TaskFilter(request.GET, rows.order_by("id"), request=request), TASKS)


@require_GET
@member_view(OFFICE)
def out_of_stock(request: HttpRequest) -> HttpResponseBase:
    """Every time a product was out of stock in a store, one a line."""
    rows = spells(request.membership).select_related(*SPELL_RELATED)  # type: ignore[attr-defined]
    asked = SpellFilter(request.GET, rows.order_by("since", "id"), request=request)
    return download("out-of-stock", asked, SPELLS)


@require_GET
@member_view(OFFICE)
def availability(request: HttpRequest) -> HttpResponseBase:
    """In how many stores each product stands, one product a line."""
    asked = products_asked(request)
    return download("availability", asked, AVAILABILITY, lambda visits: rows_of(asked, request))


@require_GET
@member_view(OFFICE)
def availability_stores(request: HttpRequest) -> HttpResponseBase:
    """How each product stands in each store, one of both a line."""
    asked = products_asked(request)

    def read(visits: QuerySet[Any]) -> Iterable[Any]:
        return places(asked_for(asked, member(request)), rows_of(asked, request))

    return download("availability-stores", asked, AVAILABILITY_STORES, read)


def products_asked(request: HttpRequest) -> ProductFilter:
    """The filters of the page of products."""
    return ProductFilter(request.GET, visible(member(request), Visit.objects.all()), request=request)


def rows_of(asked: ProductFilter, request: HttpRequest) -> list[Availability]:
    """The products that the filters choose, in their order."""
    order = asked.form.cleaned_data.get("order") or DEFAULT_ORDER
    return by_product(asked_for(asked, member(request)), order)


def one_by_one(rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows, never all of them in memory."""
    return rows.iterator(ROWS_AT_A_TIME)


def judged(rows: QuerySet[Facing]) -> Iterator[Facing]:
    """The facings with what the assessments made of them, asked for a lot at a time."""
    found = one_by_one(rows)
    while lot := judge(islice(found, ROWS_AT_A_TIME)):
        yield from lot


def download(
    name: str,
    asked: FilterSet,
    columns: Sequence[Column],
    read: Callable[[QuerySet[Any]], Iterable[Any]] = one_by_one,
) -> HttpResponseBase:
    """The filtered rows as a CSV file, or what is wrong with the filters."""
    if not asked.is_valid():
        wrong = [f"{field}: {' '.join(map(str, errors))}" for field, errors in asked.form.errors.items()]
        return HttpResponse("\n".join(wrong), status=400, content_type="text/plain; charset=utf-8")
    rows: QuerySet[Any] = asked.qs
    cells = ([column.value(row) for column in columns] for row in read(rows))
    return csv_response(f"{name}-{localdate()}.csv", [column.name for column in columns], cells)
