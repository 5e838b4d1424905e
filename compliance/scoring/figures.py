"""Market shares, sales and stock on screen."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from compliance.models import MarketShare, SalesFigure, StockLevel
from compliance.scoring.forms import FileForm
from compliance.services.figures import FiguresFileError, import_figures
from retail_exec.core.access import CURATORS, OFFICE, member, member_view, visible
from retail_exec.core.audit import record

SHOWN = 100


@require_http_methods(["GET", "POST"])
@member_view(OFFICE)
def figures(request: HttpRequest) -> HttpResponseBase:
    """What is stored, and a file with more."""
    who = member(request)
    may_change = who.role in CURATORS
    if request.method == "POST" and not may_change:
        raise PermissionDenied(f"This is not for the role {who.get_role_display()}.")
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "may_change": may_change}
    if request.method == "POST" and form.is_valid():
        try:
            outcome = import_figures(who.organisation, form.cleaned_data["file"].read())
            record(who, "figures imported", outcome.kind, stored=outcome.stored)
            context["outcome"] = outcome
        except FiguresFileError as error:
            form.add_error("file", str(error))
    shares = visible(who, MarketShare.objects.select_related("category", "brand"))
    sales = visible(who, SalesFigure.objects.all())
    stock = visible(who, StockLevel.objects.all())
    context |= {
        "shares": shares[:SHOWN],
        "sales": sales.aggregate(stores=Count("store"), skus=Count("sku")),
        "stock": stock.aggregate(rows=Count("pk"), stores=Count("store", distinct=True), newest=Max("day")),
    }
    return render(request, "scoring/figures.html", context)
