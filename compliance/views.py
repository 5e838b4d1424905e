"""Planograms: the list, one as a drawing, and bringing in a file."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from compliance.forms import PlanogramUploadForm
from compliance.importers.values import PlanogramFileError
from compliance.models import Planogram
from compliance.services.import_planogram import PlanogramImport, import_planogram
from retail_exec.catalog.models import Sku
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible
from retail_exec.stores.models import Bay
from retail_exec.visits import boards, queries


@require_safe
@member_view(OFFICE)
def planogram_list(request: HttpRequest) -> HttpResponseBase:
    """Every planogram, newest version first."""
    rows = visible(member(request), Planogram.objects.all()).annotate(
        position_count=Count("positions", distinct=True), bay_count=Count("bays", distinct=True)
    )
    context = {"planograms": rows.order_by("name", "-version"), "may_change": may_change(request)}
    return render(request, "compliance/list.html", context)


@require_safe
@member_view(OFFICE)
def planogram(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One planogram to scale, with where it applies."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    positions = list(row.positions.select_related("sku__brand"))
    pictures = queries.packshots(Sku.objects.filter(positions__in=positions))
    context = {
        "planogram": row,
        "board": boards.planned_board(positions, {}, pictures),
        "positions": positions,
        "facings": sum(p.facings_wide * p.facings_high for p in positions),
        "bays": row.bays.select_related("store__chain").order_by("store__name", "name"),
        "versions": Planogram.objects.filter(organisation=row.organisation, name=row.name).order_by(
            "-version"
        ),
    }
    return render(request, "compliance/detail.html", context)


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Bring in a file: what was stored, and what was left out and why."""
    bays = visible(member(request), Bay.objects.select_related("store")).order_by("store__name", "name")
    form = PlanogramUploadForm(request.POST or None, request.FILES or None, bays=bays)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context["report"] = bring_in(request, form.cleaned_data)
        except PlanogramFileError as error:
            form.add_error("file", str(error))
    return render(request, "compliance/upload.html", context)


def bring_in(request: HttpRequest, chosen: dict[str, Any]) -> dict[str, Any]:
    """Import the file; the stored planograms with their rows, and the import's report."""
    organisation = member(request).organisation
    outcome: PlanogramImport = import_planogram(
        organisation,
        chosen["file"].read(),
        chosen["file"].name,
        bays=chosen["bays"],
        effective_from=chosen["effective_from"],
    )
    return {"planograms": outcome.planograms, "left": outcome.left, "remarks": outcome.remarks}


def may_change(request: HttpRequest) -> bool:
    """Whether this member may bring in planograms."""
    return member(request).role in CURATORS
