"""Corrective tasks: what is to be put right, with its evidence, and the rules that ask for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.models import CorrectiveTask, Finding, OutOfStock, TaskRule
from compliance.services.task_figures import ageing, figures
from compliance.services.tasks import TaskRefused, cannot_be_fixed, reopen
from retail_exec.catalog.models import Sku
from retail_exec.core.access import OFFICE, get_or_404, member, member_view, visible
from retail_exec.reports.filters import TaskFilter
from retail_exec.visits import queries, results
from retail_exec.visits.forms import TaskRuleForm

TASKS_A_PAGE = 40
NEWEST_FIRST = ("done", "cannot", "withdrawn")


@require_safe
@member_view()
def task_list(request: HttpRequest) -> HttpResponseBase:
    """What is to be done, the most urgent first; for the office with filters and figures."""
    chosen = request.GET.copy()
    chosen.setdefault("state", CorrectiveTask.State.OPEN)
    rows = visible(member(request), queries.tasks())
    asked = TaskFilter(chosen, rows, request=request)
    found = asked.qs.order_by("-closed_at", "id") if chosen["state"] in NEWEST_FIRST else asked.qs
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": asked.form,
        "page": Paginator(found, TASKS_A_PAGE).get_page(request.GET.get("page")),
        "kept": kept.urlencode(),
        "states": states(request),
        "today": timezone.localdate(),
    }
    if member(request).role in OFFICE:
        everywhere = TaskFilter(without_state(chosen), rows, request=request).qs
        context |= {"figures": figures(everywhere), "ageing": ageing(everywhere)}
    return render(request, "visits/tasks.html", context)


def without_state(chosen: Any) -> Any:
    """The filters but for the state: figures are about tasks in every state."""
    rest = chosen.copy()
    for name in ("state", "overdue"):
        rest.pop(name, None)
    return rest


def states(request: HttpRequest) -> list[dict[str, Any]]:
    """Links to the tasks of each state under the same filters."""
    shown = request.GET.get("state", CorrectiveTask.State.OPEN)
    links = []
    for value, label in CorrectiveTask.State.choices:
        query = without_state(request.GET)
        query.pop("page", None)
        query["state"] = value
        links.append({"label": label, "query": query.urlencode(), "active": value == shown})
    return links


@require_safe
@member_view()
def task(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One task: what is wrong, the pictures that show it, and those that show it put right."""
    row = get_or_404(member(request), queries.tasks(), pk=pk)
    opened = row.opened_by
    missing = OutOfStock.objects.filter(assessment=opened, sku=row.sku).first()
    places = opened.positions.filter(planned__sku=row.sku).select_related("planned", "bay")
    gaps = missing.gaps if missing and row.finding == Finding.MISSING else []
    context = {
        "task": row,
        "today": timezone.localdate(),
        "picture": queries.packshots(Sku.objects.filter(pk=row.sku_id)).get(row.sku_id),
        "positions": places if row.finding == Finding.MISSING else places.filter(status=row.finding),
        "gaps": results.places(gaps, "gap"),
        "proof": results.places(row.proof, "facing"),
        "photos": opened.visit.photos.filter(state="done").order_by("pk"),
        "reasons": CorrectiveTask.Reason.choices,
        "in_office": member(request).role in OFFICE,
    }
    return render(request, "visits/task.html", context)


@require_POST
@member_view()
def cannot(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Somebody in the store says that it cannot be fixed, and why."""
    row = get_or_404(member(request), queries.tasks(), pk=pk)
    try:
        cannot_be_fixed(member(request), row, request.POST.get("reason", ""), request.POST.get("note", ""))
    except TaskRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Noted. Your manager sees why it cannot be fixed.")
    return redirect("visits:task", pk)


@require_POST
@member_view(OFFICE)
def ask_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The office does not take «cannot be fixed» for an answer."""
    row = get_or_404(member(request), queries.tasks(), pk=pk)
    try:
        reopen(member(request), row)
    except TaskRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The task is open again.")
    return redirect("visits:task", pk)


@require_safe
@member_view(OFFICE)
def rules(request: HttpRequest) -> HttpResponseBase:
    """When tasks are made."""
    rows = visible(member(request), TaskRule.objects.select_related("category").prefetch_related("chains"))
    rows = rows.annotate(open_count=Count("tasks", filter=Q(tasks__state=CorrectiveTask.State.OPEN)))
    return render(request, "visits/task_rules.html", {"rules": rows.order_by("-active", "name")})


@require_http_methods(["GET", "POST"])
@member_view(OFFICE)
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Make a rule, or change one."""
    mine = member(request)
    row = get_or_404(mine, TaskRule.objects.all(), pk=pk) if pk else TaskRule(organisation=mine.organisation)
    form = TaskRuleForm(request.POST or None, instance=row, membership=mine)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Saved. «{form.instance.name}» applies to visits from now on.")
        return redirect("visits:task_rules")
    return render(request, "visits/task_rule.html", {"form": form, "rule": row})
