"""The planogram editor. It saves through the API; these views give it what it starts from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from compliance.models import Planogram
from compliance.services.edit_document import RefusedPlanError
from compliance.services.edit_planogram import edit_state
from compliance.services.golden import planogram_from_photo
from compliance.services.plan_layout import lay_out
from compliance.views.places import say
from recognition.models import Facing
from retail_exec.catalog.models import Sku
from retail_exec.core import asked
from retail_exec.core.access import CURATORS, get_or_404, member, member_view
from retail_exec.visits import queries
from retail_exec.visits.models import Photo

NEW = {"width_cm": 100.0, "height_cm": 180.0, "boards_cm": [42.0, 77.0, 112.0, 147.0, 180.0]}
"""A usual bay of five shelves, to start from."""
SUGGESTED = 3
PRODUCTS_SHOWN = 24


@require_safe
@member_view(CURATORS)
def new(request: HttpRequest) -> HttpResponseBase:
    """The editor with an empty bay."""
    plan = {"name": "", "positions": [], "unplaced": [], **NEW}
    about = {"id": None, "version": 1, "draft": True, "state": "", "renamable": True}
    return _page(request, None, about | {"plan": plan}, {})


@require_safe
@member_view(CURATORS)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The editor with a version to start from; ``?copy=1`` starts another planogram from it."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    positions = list(row.positions.select_related("sku__brand"))
    layout = lay_out(row, positions)
    sides = {"x_cm": "x", "y_cm": "y", "width_cm": "width", "height_cm": "height"}
    plan: dict[str, Any] = {
        "name": row.name,
        "width_cm": layout.width,
        "height_cm": layout.height,
        "boards_cm": layout.boards,
        "positions": [
            {
                "sku": one.position.sku.code,
                "shelf": one.position.shelf,
                "facings_wide": one.position.facings_wide,
                "facings_high": one.position.facings_high,
                **{name: round(getattr(one, side), 2) for name, side in sides.items()},
            }
            for one in layout.placed
        ],
        "unplaced": unplaced(row),
    }
    others = Planogram.objects.filter(organisation_id=row.organisation_id, name=row.name).exclude(pk=pk)
    about = {
        "id": row.pk,
        "version": row.version,
        "draft": row.draft,
        "state": edit_state(row),
        "renamable": row.draft and not others.exists(),
        "plan": plan,
    }
    if request.GET.get("copy"):
        about |= {"id": None, "version": 1, "draft": True, "state": "", "renamable": True}
        about["plan"] = plan | {"name": f"{row.name} (copy)", "unplaced": []}
    codes = {p.sku.code for p in positions}
    codes |= {code for one in plan["unplaced"] for code in one["suggestions"]}
    skus = Sku.objects.filter(organisation_id=row.organisation_id, code__in=codes)
    return _page(request, row, about, described(skus))


def unplaced(row: Planogram) -> list[dict[str, Any]]:
    """The facings of the photo without a product, with their pictures and the products they may be."""
    facings = Facing.objects.filter(pk__in=[one["facing"] for one in row.unplaced])
    candidates = dict(facings.values_list("pk", "candidates"))
    return [
        {
            **one,
            "crop": reverse("visits:facing_crop", args=[one["facing"]]),
            "suggestions": [c["sku"] for c in candidates[one["facing"]][:SUGGESTED]],
        }
        for one in row.unplaced
        if one["facing"] in candidates
    ]


def described(skus: Any) -> dict[str, dict[str, Any]]:
    """What the editor shows of products, by code."""
    rows: Iterable[Any] = queries.with_packshot(skus.select_related("brand"))
    return {
        sku.code: {
            "code": sku.code,
            "name": sku.name or sku.code,
            "brand": sku.brand.name,
            "size": sku.size,
            "width_cm": sku.width_cm,
            "height_cm": sku.height_cm,
            "picture": reverse("visits:packshot", args=[sku.picture]) if sku.picture else None,
        }
        for sku in rows
    }


def _page(
    request: HttpRequest, row: Planogram | None, about: dict[str, Any], products: dict[str, Any]
) -> HttpResponseBase:
    urls = {
        "save": reverse("api:planogram-list"),
        "one": reverse("api:planogram-detail", args=[0]),
        "edit": reverse("planograms:edit", args=[0]),
        "detail": reverse("planograms:detail", args=[0]),
        "products": reverse("planograms:products"),
    }
    context = {"planogram": row, "data": about | {"products": products, "urls": urls}}
    return render(request, "compliance/editor.html", context)


@require_safe
@member_view(CURATORS)
def products(request: HttpRequest) -> HttpResponseBase:
    """Products whose code, GTIN, name, brand or size has every word of ``?q=``, as JSON."""
    rows = queries.find_products(member(request), asked.text(request.GET, "q"))
    return JsonResponse({"products": list(described(rows[:PRODUCTS_SHOWN]).values())})


@require_POST
@member_view(CURATORS)
def from_photo(request: HttpRequest, photo: int) -> HttpResponseBase:
    """Make a draft of what a photo shows, and open it in the editor."""
    rows = Photo.objects.select_related("visit__store", "bay")
    row = get_or_404(member(request), rows, pk=photo)
    try:
        plan = planogram_from_photo(member(request), row)
    except RefusedPlanError as refused:
        messages.error(request, say(refused))
        return redirect("visits:photo", row.pk)
    return redirect("planograms:edit", plan.pk)
