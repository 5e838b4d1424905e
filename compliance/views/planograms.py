"""Planograms to look at: the list, one as a drawing, two versions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.drawing import draw
from compliance.forms import AssignmentForm, DatesForm
from compliance.models import Planogram, PlanogramPosition
from compliance.services.assign_planogram import assignments, holds_for
from compliance.services.compare_plans import compare as compare_plans
from retail_exec.catalog.models import Sku
from retail_exec.core import asked
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible
from retail_exec.stores.models import Bay
from retail_exec.visits import queries

BAYS_SHOWN = 60


@dataclass
class Family:
    """All versions of one planogram. current: in force today by its dates, None if none is."""

    name: str
    versions: list[Planogram] = field(default_factory=list)

    @property
    def newest(self) -> Planogram:
        """The latest version, a draft or not."""
        return self.versions[0]

    @property
    def current(self) -> Planogram | None:
        """The version whose dates hold today."""
        return next((row for row in self.versions if standing(row, self.versions)[0] == "current"), None)


def standing(row: Planogram, versions: Sequence[Planogram], today: date | None = None) -> tuple[str, str]:
    """(key, words) of where a version stands among the others of its name on ``today``."""
    today = today or timezone.localdate()
    if row.draft:
        return "draft", "Draft"
    if row.effective_from and row.effective_from > today:
        return "later", f"Starts {row.effective_from:%d %b %Y}"
    if row.effective_to and row.effective_to < today:
        return "ended", f"Ended {row.effective_to:%d %b %Y}"
    valid = [
        one
        for one in versions
        if not one.draft
        and (one.effective_from is None or one.effective_from <= today)
        and (one.effective_to is None or one.effective_to >= today)
    ]
    last = max(valid, key=lambda one: (one.effective_from or date.min, one.pk), default=row)
    return (
        ("current", "In force") if last.pk == row.pk else ("replaced", f"Replaced by version {last.version}")
    )


@require_safe
@member_view(OFFICE)
def planogram_list(request: HttpRequest) -> HttpResponseBase:
    """Every planogram with its versions."""
    rows = visible(member(request), Planogram.objects.defer("unplaced")).annotate(
        position_count=Count("positions", distinct=True), bay_count=Count("bays", distinct=True)
    )
    text = asked.text(request.GET, "q")
    families: dict[str, Family] = {}
    for row in rows.filter(name__icontains=text).order_by("name", "-version"):
        families.setdefault(row.name, Family(row.name)).versions.append(row)
    context = {"families": families.values(), "text": text, "may_change": may_change(request)}
    return render(request, "compliance/list.html", context)


@require_safe
@member_view(OFFICE)
def planogram(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One planogram to scale, with where and when it holds."""
    rows = Planogram.objects.select_related("changed_by", "photo__visit__store", "file")
    row = get_or_404(member(request), rows, pk=pk)
    positions = list(row.positions.select_related("sku__brand"))
    others = versions_of(row)
    held = holds_for(row)
    context = {
        "planogram": row,
        "standing": standing(row, others),
        "drawing": draw(row, positions, pictures(positions)),
        "positions": positions,
        "facings": sum(p.facings_wide * p.facings_high for p in positions),
        "bays": row.bays.select_related("store__chain").order_by("store__name", "name"),
        "assignments": assignments(row),
        "held": held[:BAYS_SHOWN],
        "held_more": max(0, len(held) - BAYS_SHOWN),
        "versions": [(one, *standing(one, others)) for one in others],
        "before": next((one for one in others if one.version < row.version), None),
        "may_change": may_change(request),
        **(forms(request, row) if may_change(request) else {}),
    }
    return render(request, "compliance/detail.html", context)


def forms(request: HttpRequest, row: Planogram) -> dict[str, Any]:
    """What a curator may change about a planogram without changing its places."""
    names = visible(member(request), Bay.objects.all()).values_list("name", flat=True)
    start = row.effective_from or (timezone.localdate() if row.draft else None)
    return {
        "assignment_form": AssignmentForm(membership=member(request)),
        "bay_names": sorted(set(names), key=str.casefold),
        "dates_form": DatesForm(initial={"effective_from": start, "effective_to": row.effective_to}),
    }


@require_safe
@member_view(OFFICE)
def compare(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A version beside another of the same name, ``?with=``, else the one before it."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    others = [one for one in versions_of(row) if one.pk != row.pk]
    if not others:
        raise Http404
    chosen = asked.number(request.GET.get("with", ""))
    before = next((one for one in others if one.pk == chosen), None)
    before = before or next((one for one in others if one.version < row.version), others[-1])
    old, new = (list(one.positions.select_related("sku__brand")) for one in (before, row))
    found = compare_plans(old, new)
    shown = pictures([*old, *new])
    context = {
        "planogram": row,
        "before": before,
        "others": others,
        "comparison": found,
        "was": draw(before, old, shown, found.before),
        "is": draw(row, new, shown, found.after),
    }
    return render(request, "compliance/compare.html", context)


def versions_of(row: Planogram) -> list[Planogram]:
    """All versions of a planogram's name, newest first."""
    rows = Planogram.objects.filter(organisation_id=row.organisation_id, name=row.name)
    return list(rows.defer("unplaced").order_by("-version"))


def pictures(positions: list[PlanogramPosition]) -> dict[int, int]:
    """Packshot id by SKU id."""
    return queries.packshots(Sku.objects.filter(pk__in={p.sku_id for p in positions}))


def may_change(request: HttpRequest) -> bool:
    """Whether this member may bring in and change planograms."""
    return member(request).role in CURATORS
