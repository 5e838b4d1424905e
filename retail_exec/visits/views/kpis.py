"""The evidence behind a number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from compliance.kpis.registry import definitions
from compliance.models import KpiDefinitions, KpiResult, OutOfStock
from retail_exec.catalog.models import Sku
from retail_exec.core.access import OFFICE, get_or_404, member, member_view
from retail_exec.visits import queries, results


@require_safe
@member_view()
def kpi(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One KPI value: what was counted, against what, and the pictures of both."""
    rows = KpiResult.objects.select_related(
        "assessment__evidence", "assessment__visit__store", "bay", "category", "brand"
    )
    row = get_or_404(member(request), rows, pk=pk)
    known = next((d for d in definitions() if d["key"] == row.key), {"title": row.key, "explanation": ""})
    organisation = row.assessment.organisation_id
    whole = list(row.assessment.kpis.filter(scope={})) if row.key == "perfect_store" else []
    context = {
        "kpi": row,
        "visit": row.assessment.visit,
        "title": known["title"],
        "explanation": known["explanation"],
        "scope": results.scope_name(row, results.product_names(organisation, [row.scope.get("sku")])),
        "counted": results.evidence(row.numerator_items, organisation, whole),
        "against": results.evidence(row.denominator_items, organisation, whole),
        "definitions": KpiDefinitions.objects.filter(
            organisation=organisation, key=row.assessment.definition
        ).first(),
        "may_open": member(request).role in OFFICE,
    }
    return render(request, "visits/kpi.html", context)


@require_safe
@member_view()
def out_of_stock(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A missing product: where it should be, and the empty place."""
    rows = OutOfStock.objects.select_related("assessment__visit__store", "sku__brand").prefetch_related(
        "bays"
    )
    row = get_or_404(member(request), rows, pk=pk)
    visit = row.assessment.visit
    context = {
        "oos": row,
        "visit": visit,
        "picture": queries.packshots(Sku.objects.filter(pk=row.sku_id)).get(row.sku_id),
        "gaps": [*results.places(row.gaps, "gap"), *results.places(row.tags, "tag")],
        "positions": row.assessment.positions.filter(planned__sku=row.sku).select_related("planned", "bay"),
        "photos": visit.photos.filter(bay__in=row.bays.all(), state="done"),
    }
    return render(request, "visits/out_of_stock.html", context)
