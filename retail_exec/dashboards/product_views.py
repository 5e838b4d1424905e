"""Availability and distribution by product, and the stores behind one product's figures."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from retail_exec.catalog.models import Sku
from retail_exec.core.access import OFFICE, get_or_404, member, member_view
from retail_exec.dashboards import products
from retail_exec.dashboards.filters import DEFAULT_ORDER, ProductFilter
from retail_exec.dashboards.views import ROWS_A_PAGE, ask, periods
from retail_exec.reports.queries import REPEATS, REPEATS_IN_DAYS
from retail_exec.visits.queries import packshots


@require_safe
@member_view(OFFICE)
def product_list(request: HttpRequest) -> HttpResponseBase:
    """Which products stand in how many stores, and in how many they are missing."""
    form, asked = ask(request, ProductFilter)
    rows = products.by_product(asked, form.cleaned_data.get("order") or DEFAULT_ORDER)
    context = {
        "form": form,
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "product_count": len(rows),
        "missing_count": sum(row.stores_missing for row in rows),
        "kept": kept(request),
        "periods": periods(request.GET),
    }
    return render(request, "dashboards/products.html", context)


@require_safe
@member_view(OFFICE)
def product(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One product: the stores without it, those that have it, and those that nobody looked at."""
    sku = get_or_404(member(request), Sku.objects.select_related("brand", "category"), pk=pk)
    form, asked = ask(request, ProductFilter)
    for name in ("category", "brand", "order"):
        form.fields.pop(name)
    asked = replace(asked, sku=sku, category=None, brand=None)
    rows = products.by_product(asked)
    page = Paginator(list(products.places(asked, rows)), ROWS_A_PAGE).get_page(request.GET.get("page"))
    proofs = products.proofs(sku, page)
    context = {
        "form": form,
        "sku": sku,
        "picture": packshots(Sku.objects.filter(pk=sku.pk)).get(sku.pk),
        "row": rows[0] if rows else None,
        "page": page,
        "places": [(place, proofs.get(place.assessment or 0)) for place in page],
        "repeat_rule": (REPEATS, REPEATS_IN_DAYS),
        "kept": kept(request),
    }
    return render(request, "dashboards/product.html", context)


def kept(request: HttpRequest) -> str:
    """The chosen filters for a link, without the page."""
    chosen = request.GET.copy()
    chosen.pop("page", None)
    return chosen.urlencode()
