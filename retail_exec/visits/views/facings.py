"""One facing: what it shows, what it may be, and a person's word on it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from compliance.queries import judge
from recognition.models import Facing, ShelfGap
from recognition.services.corrections import CorrectionRefused, correct_facing
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.core import asked
from retail_exec.core.access import get_or_404, member, member_view
from retail_exec.visits import marks, queries, results

NEAREST = 3


@require_safe
@member_view()
def facing(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The panel of one facing; opened as a page of its own, its photo with the panel."""
    row = fetch(request, pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('visits:photo', args=[row.run.photo_id])}?facing={row.pk}")
    return render(request, "visits/facing.html", panel(member(request), row))


@require_safe
@member_view()
def gap(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The panel of one empty place."""
    row = get_or_404(member(request), ShelfGap.objects.select_related("run__photo"), pk=pk)
    return render(request, "visits/gap.html", {"gap": row, "missing": missing_at(row)})


@require_safe
@member_view()
def products(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Products to choose from for a facing."""
    text = asked.text(request.GET, "q")
    rows = queries.find_products(member(request), text)[: queries.PRODUCTS_SHOWN] if text else []
    return render(
        request, "visits/products.html", {"facing": fetch(request, pk), "products": rows, "q": text}
    )


@require_POST
@member_view()
def correct(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a person's verdict on a facing; answers with the panel as it is now."""
    row = fetch(request, pk)
    verdict = request.POST.get("verdict", "")
    if verdict not in Facing.Verdict.values:
        return HttpResponse("This answer is not known.", status=400)
    sku = (
        get_or_404(member(request), Sku.objects.all(), code=asked.text(request.POST, "sku"))
        if "sku" in request.POST
        else None
    )
    problem = ""
    try:
        correct_facing(member(request), row, Facing.Verdict(verdict), sku)
    except CorrectionRefused as refused:
        problem = str(refused)
    row = fetch(request, pk)
    response = render(
        request,
        "visits/facing.html",
        {**panel(member(request), row), "saved": not problem, "problem": problem},
    )
    event = {"facing-corrected": {"facing": row.pk, "state": marks.state(row), "label": marks.name(row)}}
    response["HX-Trigger"] = json.dumps(event)
    return response


def fetch(request: HttpRequest, pk: int) -> Facing:
    """The facing with its photo and products, or 404."""
    rows = Facing.objects.select_related("run__photo__visit", "sku__brand", "verdict_sku__brand")
    return get_or_404(member(request), rows, pk=pk)


def panel(membership: Membership, row: Facing) -> dict[str, Any]:
    """What the panel of a facing shows."""
    product: Any = row.product
    judge([row])
    code = row.plan_sku  # type: ignore[attr-defined]
    return {
        "facing": row,
        "photo": row.run.photo,
        "product": product,
        "state": marks.state(row),
        "name": marks.name(row),
        "planned": results.product_names(membership.organisation_id, [code]).get(code, code),
        "nearest": nearest(membership, row),
        "corrected_by": row.corrections.select_related("corrected_by").first(),
    }


def nearest(membership: Membership, row: Facing) -> list[dict[str, Any]]:
    """The three most similar products, best first: sku, similarity, and the packshot that was nearest."""
    best: dict[str, dict[str, Any]] = {}
    for candidate in row.candidates:
        best.setdefault(candidate["sku"], candidate)
    chosen = list(best.values())[:NEAREST]
    own = Sku.objects.filter(organisation_id=membership.organisation_id, code__in=best).select_related(
        "brand"
    )
    skus = {sku.code: sku for sku in queries.with_packshot(own)}
    named = {shot for c in chosen if (shot := asked.number(c["packshot"])) is not None}
    there = set(Packshot.objects.filter(pk__in=named).values_list("pk", flat=True))
    found = []
    for candidate in chosen:
        sku = skus.get(candidate["sku"])
        if sku is not None:
            shot = asked.number(candidate["packshot"])
            picture = shot if shot in there else sku.picture  # type: ignore[attr-defined]
            found.append({"sku": sku, "similarity": candidate["similarity"], "picture": picture})
    return found


def missing_at(row: ShelfGap) -> list[Any]:
    """Planned positions of the visit that this empty place speaks for."""
    from compliance.models import PositionResult

    rows = PositionResult.objects.filter(
        assessment__visit=row.run.photo.visit_id,
        assessment__current=True,
        gaps__contains=[[row.run_id, row.index]],
    )
    return list(rows.select_related("planned__sku__brand"))
