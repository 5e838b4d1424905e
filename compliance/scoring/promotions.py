"""Promotions on screen."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.models import Promotion
from compliance.scoring.forms import ElementFormSet, PromotionForm
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible
from retail_exec.core.audit import record


@require_safe
@member_view(OFFICE)
def promotion_list(request: HttpRequest) -> HttpResponseBase:
    """Every promotion, the newest first."""
    rows = visible(member(request), Promotion.objects.all())
    context = {
        "promotions": rows.prefetch_related("chains", "regions", "stores", "elements"),
        "today": timezone.localdate(),
        "may_change": member(request).role in CURATORS,
    }
    return render(request, "scoring/promotions.html", context)


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """A new promotion, or a change of one. Results that were made with it before stay as they are."""
    who = member(request)
    row = get_or_404(who, Promotion.objects.all(), pk=pk) if pk else Promotion()
    form = PromotionForm(request.POST or None, instance=row, organisation=who.organisation)
    elements = ElementFormSet(
        request.POST or None, instance=row, form_kwargs={"organisation": who.organisation}
    )
    if request.method == "POST" and form.is_valid() and elements.is_valid():
        with transaction.atomic():
            stored = form.save()
            elements.instance = stored
            elements.save()
            record(who, "promotion changed" if pk else "promotion added", stored)
        messages.success(
            request, f"{stored.name} is stored. It counts for visits that are assessed from now on."
        )
        return redirect("scoring:promotions")
    context = {"promotion": row if pk else None, "form": form, "elements": elements}
    return render(request, "scoring/promotion.html", context)


@require_POST
@member_view(CURATORS)
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a promotion back; results that were made with it stay."""
    row = get_or_404(member(request), Promotion.objects.all(), pk=pk)
    record(member(request), "promotion removed", row)
    row.delete()
    messages.success(request, f"{row.name} is removed.")
    return redirect("scoring:promotions")
