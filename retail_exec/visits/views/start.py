"""The start page by role, and starting a visit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from compliance.models import CorrectiveTask
from retail_exec.accounts.models import Role
from retail_exec.core import asked
from retail_exec.core.access import get_or_404, member, member_view, visible
from retail_exec.stores.models import Store
from retail_exec.visits import queries
from retail_exec.visits.services.visits import start_visit


@require_safe
@member_view()
def home(request: HttpRequest) -> HttpResponseBase:
    """An auditor's day; everybody else starts at the overview."""
    if member(request).role != Role.AUDITOR:
        return redirect("dashboards:overview")
    todo = visible(member(request), queries.tasks()).filter(state=CorrectiveTask.State.OPEN)
    context = {
        "visits": queries.todays_visits(member(request)),
        "tasks": todo[: queries.TASKS_SHOWN],
        "task_count": todo.count(),
        "today": timezone.localdate(),
        **found(request),
    }
    return render(request, "visits/home.html", context)


@require_safe
@member_view()
def stores(request: HttpRequest) -> HttpResponseBase:
    """Stores to start a visit in; for htmx only the list."""
    name = "visits/stores_found.html" if request.htmx else "visits/stores.html"  # type: ignore[attr-defined]
    return render(request, name, found(request))


def found(request: HttpRequest) -> dict[str, object]:
    """What the store search shows."""
    text = asked.text(request.GET, "q")
    rows = list(queries.find_stores(member(request), text)[: queries.STORES_SHOWN + 1])
    return {"q": text, "stores": rows[: queries.STORES_SHOWN], "more": len(rows) > queries.STORES_SHOWN}


@require_POST
@member_view()
def start(request: HttpRequest, store: int) -> HttpResponseBase:
    """Start a visit in the store, or go on with the own one of today."""
    visit = start_visit(member(request), get_or_404(member(request), Store.objects.all(), pk=store))
    return redirect("visits:visit", visit.pk)
