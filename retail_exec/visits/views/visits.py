"""Visits: the list, one visit with its photos and results, and what is live in it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from recognition.stages.decode import MAX_BYTES
from retail_exec.accounts.models import Role
from retail_exec.core.access import get_or_404, member, member_view
from retail_exec.reports.filters import VisitScope
from retail_exec.visits import queries, results
from retail_exec.visits.models import Visit
from retail_exec.visits.services.visits import finish_visit

VISITS_A_PAGE = 25


@require_safe
@member_view()
def visit_list(request: HttpRequest) -> HttpResponseBase:
    """All visits this member may see, filtered."""
    asked = VisitScope(request.GET, queries.visits(member(request)), request=request)
    page = Paginator(asked.qs, VISITS_A_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(request, "visits/list.html", {"page": page, "form": asked.form, "kept": kept.urlencode()})


@require_safe
@member_view()
def visit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One visit: photos, their states, and the results."""
    row = fetch(request, pk)
    context = {
        **work_context(request, row),
        **results_context(row),
        "tasks": queries.open_tasks(row.store),
        "today": timezone.localdate(),
    }
    return render(request, "visits/visit.html", context)


@require_safe
@member_view()
def work(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The live part of a visit: photos and states, and the results if they are newer than ``seen``."""
    row = fetch(request, pk)
    context = work_context(request, row)
    if results_key(row) != request.GET.get("seen"):
        context |= {**results_context(row), "with_results": True}
    return render(request, "visits/work.html", context)


@require_POST
@member_view()
def finish(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The auditor leaves the store."""
    finish_visit(fetch(request, pk))
    messages.success(request, "The visit is finished. Photos still being worked on will be done without you.")
    return redirect("visits:visit", pk)


def fetch(request: HttpRequest, pk: int) -> Visit:
    """The visit, or 404."""
    rows = Visit.objects.select_related("store__chain", "store__region", "auditor")
    return get_or_404(member(request), rows, pk=pk)


def work_context(request: HttpRequest, row: Visit) -> dict[str, Any]:
    """Photos with their states, and whether anything is being worked on."""
    photos = list(queries.photos(row))
    return {
        "visit": row,
        "bays": list(row.store.bays.all()),
        "photos": photos,
        "waiting": sum(photo.state in queries.AT_WORK for photo in photos),
        "busy": row.state in queries.AT_WORK or any(photo.state in queries.AT_WORK for photo in photos),
        "open": row.finished_at is None,
        "most_bytes": MAX_BYTES,
        "may_add": row.finished_at is None
        and (row.auditor_id == member(request).user_id or member(request).role != Role.AUDITOR),
        "results_key": results_key(row),
    }


def results_key(row: Visit) -> str:
    """Changes whenever the results part of the page would look different."""
    assessment = queries.current_assessment(row)
    return f"{assessment.pk if assessment else 0}-{row.state}"


def results_context(row: Visit) -> dict[str, Any]:
    """KPI cards, bays with a plan, and what is missing."""
    assessment = queries.current_assessment(row)
    if assessment is None:
        return {"assessment": None}
    first, others = results.cards(assessment)
    return {
        "assessment": assessment,
        "cards": first,
        "expected": any(v.row.denominator for card in first if card.key == "osa" for v in card.values),
        "more_cards": others,
        "bay_results": assessment.bays.select_related("bay", "planogram").order_by("bay__name"),
        "missing": assessment.out_of_stock.select_related("sku__brand").prefetch_related("bays"),
    }
