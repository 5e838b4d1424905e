"""Scoring a period again: the list, a new one, how far it is, what it changes, adopting it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import rescorings as changes
from compliance.forms_rescoring import RescoringForm
from compliance.kpis.registry import REGISTRY
from compliance.models import RescoredVisit, Rescoring
from compliance.services import rescoring_requests as requests
from compliance.services.adopt import RescoringRefused, cancel
from retail_exec.core import asked
from retail_exec.core.access import OFFICE, get_or_404, member, member_view, visible
from retail_exec.visits import results

State = Rescoring.State
VISITS_A_PAGE = 50
STORES_SHOWN = 50
DEFAULT_KPI = "facing_share"


def existing(request: HttpRequest, pk: int) -> Rescoring:
    """A rescoring of the member's organisation that is not being deleted, or 404."""
    rows = Rescoring.objects.exclude(state=State.DISCARDED)
    return get_or_404(member(request), rows.select_related("definitions", "region", "chain", "store"), pk=pk)


@require_safe
@member_view(OFFICE)
def rescoring_list(request: HttpRequest) -> HttpResponseBase:
    """Every rescoring, newest first."""
    rows = visible(member(request), Rescoring.objects.exclude(state=State.DISCARDED))
    page = Paginator(rows.select_related("created_by"), VISITS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "rescorings/list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@member_view(OFFICE)
def new(request: HttpRequest) -> HttpResponseBase:
    """Say which visits and with what; ``?date_from=`` and the like fill the form in."""
    form = RescoringForm(request.POST or None, by=member(request), initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        rescoring = form.save(commit=False)
        requests.begin(rescoring, member(request))
        return redirect("rescoring:detail", rescoring.pk)
    return render(request, "rescorings/new.html", {"form": form})


@require_safe
@member_view(OFFICE)
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What it changes, by KPI, and of one KPI by store and by visit."""
    rescoring = existing(request, pk)
    key = asked.text(request.GET, "kpi") or DEFAULT_KPI
    store = asked.number(request.GET.get("store", ""))
    stores = changes.by_store(rescoring, key)
    rows = changes.visits(rescoring, key, store)
    page = Paginator(rows, VISITS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **standing(rescoring),
        "pooled": changes.pooled(rescoring),
        "key": key,
        "title": REGISTRY[key].title if key in REGISTRY else key,
        "stores": [row for row in stores if row["difference"].change][:STORES_SHOWN],
        "store": store,
        "page": page,
        "kept": urlencode({"kpi": key} | ({"store": store} if store else {})),
        "rows": [(row, changes.of_visit(row, key)) for row in page],
    }
    return render(request, "rescorings/detail.html", context)


@require_safe
@member_view(OFFICE)
def progress(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How far it is; the page asks for it while there is work. The whole page comes anew at the end."""
    found = standing(existing(request, pk))
    response = render(request, "rescorings/progress.html", found)
    if not found["busy"]:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@member_view(OFFICE)
def visit(request: HttpRequest, pk: int, visit: int) -> HttpResponseBase:
    """The facings and positions that made the difference in one visit."""
    rescoring = existing(request, pk)
    rows = RescoredVisit.objects.select_related("visit__store__chain")
    row = rows.filter(rescoring=rescoring, visit=visit).first()
    if row is None:
        raise Http404
    key = asked.text(request.GET, "kpi") or DEFAULT_KPI
    sides = changes.changed_lines(row, key)
    organisation = rescoring.organisation_id
    context = {
        "rescoring": rescoring,
        "row": row,
        "key": key,
        "title": REGISTRY[key].title if key in REGISTRY else key,
        "difference": changes.of_visit(row, key),
        "kpis": [d for k in row.figures if (d := changes.of_visit(row, k)).before != d.after],
        "sides": [
            (words, results.evidence(lines.gone, organisation), results.evidence(lines.come, organisation))
            for words, lines in (
                ("What counted", sides["numerator"]),
                ("Measured against", sides["denominator"]),
            )
        ],
        "positions": changes.changed_positions(row),
    }
    return render(request, "rescorings/visit.html", context)


@require_POST
@member_view(OFFICE)
def act(request: HttpRequest, pk: int, what: str) -> HttpResponseBase:
    """Cancel, adopt or discard it."""
    rescoring = existing(request, pk)
    try:
        if what == "adopt":
            requests.adopt(rescoring, member(request))
        elif what == "cancel":
            cancel(rescoring, member(request))
        else:
            requests.discard(rescoring, member(request))
            messages.success(
                request, f"{rescoring} is being deleted. The results that count stay as they are."
            )
            return redirect("rescoring:list")
    except RescoringRefused as refused:
        messages.error(request, str(refused))
    return redirect("rescoring:detail", pk)


def standing(rescoring: Rescoring) -> dict[str, Any]:
    """Where it stands, for the page and for the part of it that is asked for again."""
    return {
        "rescoring": rescoring,
        "busy": rescoring.state in (State.RUNNING, State.ADOPTING),
        "done": changes.progress(rescoring),
    }
