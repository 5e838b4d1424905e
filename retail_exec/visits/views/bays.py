"""A bay: the planned shelf beside the seen one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from compliance.models import BayResult, PositionResult
from recognition.models import RecognitionRun
from retail_exec.catalog.models import Sku
from retail_exec.core.access import get_or_404, member, member_view
from retail_exec.stores.models import Bay
from retail_exec.visits import boards, marks, queries, results
from retail_exec.visits.models import Visit


@require_safe
@member_view()
def bay(request: HttpRequest, pk: int, bay: int) -> HttpResponseBase:
    """Both drawings, the status of each position, and what is not planned."""
    visit = get_or_404(member(request), Visit.objects.select_related("store"), pk=pk)
    row = get_or_404(member(request), Bay.objects.all(), pk=bay)
    if row.store_id != visit.store_id:
        raise Http404
    found = BayResult.objects.filter(assessment__visit=visit, assessment__current=True, bay=row)
    fit = found.select_related("planogram", "assessment").first()
    context = {
        "visit": visit,
        "bay": row,
        "fit": fit,
        "seen": seen(visit, row),
        "legend": marks.LEGEND["plan"],
    }
    return render(request, "visits/bay.html", {**context, **(planned(fit) if fit else {})})


def planned(fit: BayResult) -> dict[str, Any]:
    """The plan with the status of each position."""
    positions = list(fit.planogram.positions.select_related("sku__brand"))
    rows = fit.assessment.positions.filter(bay=fit.bay_id).select_related(
        "planned__sku__brand", "substituted_by__brand"
    )
    pictures = queries.packshots(Sku.objects.filter(positions__in=positions))
    return {
        "plan": boards.planned_board(positions, {r.planned_id: r for r in rows}, pictures),
        "positions": [r for r in rows if r.status != "correct"],
        "correct": sum(r.status == "correct" for r in rows),
        "unplanned": results.evidence(
            ({**item, "kind": "facing", "weight": 1, "note": item["kind"]} for item in fit.unplanned),
            fit.assessment.organisation_id,
        ),
    }


def seen(visit: Visit, row: Bay) -> list[boards.Board]:
    """A drawing for each recognised photo of the bay."""
    runs = RecognitionRun.objects.filter(
        photo__visit=visit, photo__bay=row, photo__state="done", current=True
    )
    statuses = marks.plan_status(visit.pk)
    with_rows = runs.select_related("photo").prefetch_related("facings__sku", "facings__verdict_sku", "gaps")
    return [boards.seen_board(run, statuses) for run in with_rows.order_by("photo__uploaded_at")]


@require_safe
@member_view()
def position(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One planned position and what became of it."""
    rows = PositionResult.objects.select_related(
        "planned__sku__brand", "planned__planogram", "substituted_by__brand", "bay", "assessment__visit"
    )
    row = get_or_404(member(request), rows, pk=pk)
    sku = row.planned.sku_id
    context = {
        "position": row,
        "visit": row.assessment.visit,
        "picture": queries.packshots(Sku.objects.filter(pk=sku)).get(sku),
        "seen": results.places(row.seen, "facing"),
        "gaps": results.places(row.gaps, "gap"),
    }
    return render(request, "visits/position.html", context)
