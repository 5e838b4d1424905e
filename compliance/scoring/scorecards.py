"""Scorecards on screen: what makes a perfect store, version by version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from compliance.kpis.registry import REGISTRY
from compliance.models import Scorecard, ScorecardPillar
from compliance.scoring.forms import PillarFormSet, ScorecardForm
from retail_exec.accounts.models import Organisation
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible
from retail_exec.core.audit import record


@require_safe
@member_view(OFFICE)
def scorecard_list(request: HttpRequest) -> HttpResponseBase:
    """Every scorecard and version."""
    rows = visible(member(request), Scorecard.objects.prefetch_related("pillars", "chains", "regions"))
    titles = {key: known.title for key, known in REGISTRY.items()}
    context = {
        "scorecards": [
            (
                row,
                [(titles.get(p.kpi, p.kpi), p) for p in row.pillars.all()],
                sum(p.weight for p in row.pillars.all()),
            )
            for row in rows
        ],
        "may_change": member(request).role in CURATORS,
    }
    return render(request, "scoring/scorecards.html", context)


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """A new scorecard, or the next version of one: versions are never changed."""
    who = member(request)
    base = get_or_404(who, Scorecard.objects.all(), pk=pk) if pk else None
    given: dict[str, Any] = {}
    if base is not None:
        fields = ScorecardForm.Meta.fields
        given = {name: getattr(base, name) for name in fields if name not in ("chains", "regions")}
        given |= {"chains": base.chains.all(), "regions": base.regions.all()}
    form = ScorecardForm(request.POST or None, initial=given, organisation=who.organisation)
    pillars = PillarFormSet(request.POST or None, initial=_pillars(base))
    if request.method == "POST" and form.is_valid() and pillars.is_valid():
        chosen = [f.cleaned_data for f in pillars if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        if len({p["kpi"] for p in chosen}) < len(chosen):
            form.add_error(None, "Each KPI can be a pillar once.")
        elif not chosen:
            form.add_error(None, "A scorecard needs a pillar.")
        else:
            stored = _store(who.organisation, form, chosen)
            record(who, "scorecard stored", stored)
            messages.success(request, f"{stored.name}, version {stored.version}, is stored.")
            return redirect("scoring:scorecards")
    return render(request, "scoring/scorecard.html", {"base": base, "form": form, "pillars": pillars})


def _pillars(base: Scorecard | None) -> list[dict[str, Any]]:
    rows = base.pillars.all() if base else []
    return [{"kpi": p.kpi, "weight": p.weight, "percent": round(p.target * 100, 4)} for p in rows]


@transaction.atomic
def _store(owner: Organisation, form: ScorecardForm, pillars: list[dict[str, Any]]) -> Scorecard:
    Organisation.objects.select_for_update().get(pk=owner.pk)
    row: Scorecard = form.save(commit=False)
    same = Scorecard.objects.filter(organisation=owner, name=row.name)
    row.version = (same.aggregate(newest=Max("version"))["newest"] or 0) + 1
    row.save()
    form.save_m2m()
    ScorecardPillar.objects.bulk_create(
        ScorecardPillar(scorecard=row, kpi=p["kpi"], weight=p["weight"], target=p["percent"] / 100)
        for p in pillars
    )
    return row
