"""How good recognition is on the organisation's own photos, by what its people said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from recognition.services.quality import report
from recognition.training.report.svg import reliability_curve
from retail_exec.catalog.models import Packshot
from retail_exec.core.access import OFFICE, member, member_view


@require_safe
@member_view(OFFICE)
def quality(request: HttpRequest) -> HttpResponseBase:
    """Shares that were right, the products taken for each other, and what the misses have in common."""
    found = report(member(request))
    skus = {sku.pk for pair in found.pairs for sku in (pair.is_really, pair.taken_for) if sku}
    shots = Packshot.objects.filter(sku__in=skus).order_by("sku_id", "-pk").values_list("sku_id", "pk")
    context = {
        "report": found,
        "pictures": dict(shots),
        "curve": mark_safe(reliability_curve(found.curve)) if found.curve else "",  # noqa: S308 - drawn here
    }
    return render(request, "recognition/quality.html", context)
