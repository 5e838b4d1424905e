"""CSV downloads of what the dashboards show, with the same filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET
from django_filters import FilterSet

from retail_exec.core.access import OFFICE, member_view
from retail_exec.reports.columns import FACING_RELATED, FACINGS, KPI_RELATED, KPIS, Column
from retail_exec.reports.csv import csv_response
from retail_exec.reports.filters import FacingFilter, KpiFilter
from retail_exec.reports.queries import current_facings, current_kpis

ROWS_AT_A_TIME = 2000


@require_GET
@member_view(OFFICE)
def facings(request: HttpRequest) -> HttpResponseBase:
    """Every facing seen, one a line."""
    rows = current_facings(request.membership).select_related(*FACING_RELATED)  # type: ignore[attr-defined]
    asked = FacingFilter(
        request.GET, rows.order_by("run__photo__visit", "run__photo", "index"), request=request
    )
    return download("facings", asked, FACINGS)


@require_GET
@member_view(OFFICE)
def kpis(request: HttpRequest) -> HttpResponseBase:
    """Every KPI value, one a line."""
    rows = current_kpis(request.membership).select_related(*KPI_RELATED)  # type: ignore[attr-defined]
    rows = rows.defer("numerator_items", "denominator_items")
    asked = KpiFilter(request.GET, rows.order_by("assessment__visit", "id"), request=request)
    return download("kpis", asked, KPIS)


def download(name: str, asked: FilterSet, columns: Sequence[Column]) -> HttpResponseBase:
    """The filtered rows as a CSV file, or what is wrong with the filters."""
    if not asked.is_valid():
        wrong = [f"{field}: {' '.join(map(str, errors))}" for field, errors in asked.form.errors.items()]
        return HttpResponse("\n".join(wrong), status=400, content_type="text/plain; charset=utf-8")
    rows: QuerySet[Any] = asked.qs
    cells = ([column.value(row) for column in columns] for row in rows.iterator(ROWS_AT_A_TIME))
    return csv_response(f"{name}-{localdate()}.csv", [column.name for column in columns], cells)
