"""Where and when planograms hold: small forms of the planogram page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from compliance.forms import AssignmentForm, DatesForm
from compliance.models import Planogram, PlanogramAssignment
from compliance.services import assign_planogram, edit_planogram
from compliance.services.edit_document import RefusedPlanError
from retail_exec.core.access import CURATORS, get_or_404, member, member_view
from retail_exec.stores.models import Bay


@require_POST
@member_view(CURATORS)
def assign(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let the planogram hold for the bays of one name in a store, cluster or chain."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    form = AssignmentForm(request.POST, membership=member(request))
    if form.is_valid():
        try:
            made = assign_planogram.assign(
                member(request), row, form.cleaned_data["bay"], form.cleaned_data["target"]
            )
            messages.success(request, f"It holds for {made.bay} in {made.target}.")
        except RefusedPlanError as refused:
            messages.error(request, say(refused))
    else:
        messages.error(request, "Name a bay, and choose a store, cluster or chain.")
    return redirect("planograms:detail", row.pk)


@require_POST
@member_view(CURATORS)
def unassign(request: HttpRequest, pk: int, assignment: int) -> HttpResponseBase:
    """Take an assignment back."""
    plan = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    rows = PlanogramAssignment.objects.filter(planogram=plan.name)
    row = get_or_404(member(request), rows, pk=assignment)
    messages.success(request, f"It no longer holds for {row.bay} in {row.target}.")
    assign_planogram.unassign(member(request), row)
    return redirect("planograms:detail", plan.pk)


@require_POST
@member_view(CURATORS)
def take_from_bay(request: HttpRequest, pk: int, bay: int) -> HttpResponseBase:
    """Let this version no longer hold for one bay."""
    plan = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    row = get_or_404(member(request), Bay.objects.select_related("store"), pk=bay)
    assign_planogram.take_from_bay(member(request), plan, row)
    messages.success(request, f"Version {plan.version} no longer holds for {row} of {row.store}.")
    return redirect("planograms:detail", plan.pk)


@require_POST
@member_view(CURATORS)
def dates(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put a draft in force, or change the days of a version that is."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    form = DatesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Expected days as 2026-03-01.")
        return redirect("planograms:detail", row.pk)
    days = form.cleaned_data["effective_from"], form.cleaned_data["effective_to"]
    try:
        if row.draft:
            edit_planogram.publish(member(request), row, *days)
            messages.success(request, f"{row} is no draft any more.")
        else:
            assign_planogram.set_dates(member(request), row, *days)
            messages.success(request, "The days are stored. Numbers computed before stay as they are.")
    except RefusedPlanError as refused:
        messages.error(request, say(refused))
    return redirect("planograms:detail", row.pk)


@require_POST
@member_view(CURATORS)
def discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a draft."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    name = str(row)
    try:
        edit_planogram.discard_draft(member(request), row)
    except RefusedPlanError as refused:
        messages.error(request, say(refused))
        return redirect("planograms:detail", pk)
    messages.success(request, f"The draft {name} is deleted.")
    return redirect("planograms:list")


def say(refused: RefusedPlanError) -> str:
    """What is wrong, as one sentence for each fault."""
    return " ".join(problem.why[:1].upper() + problem.why[1:] for problem in refused.problems)
