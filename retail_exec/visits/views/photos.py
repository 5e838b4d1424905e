"""Uploading a photo, looking at what was found on it, moving it to another bay, taking it out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from retail_exec.core import asked
from retail_exec.core.access import get_or_404, member, member_view
from retail_exec.stores.models import Bay
from retail_exec.visits import marks, queries
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.upload import RefusedPhoto, discard_photo, move_photo, upload_photo


@require_POST
@member_view()
def upload(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take in one file. 201 with the photo's id; 200 if this visit has it already; 422 with what is wrong."""
    visit = get_or_404(member(request), Visit.objects.all(), pk=pk)
    file = request.FILES.get("photo")
    if file is None:
        return JsonResponse({"message": "No file arrived. Please choose the photo again."}, status=422)
    try:
        photo = upload_photo(visit, file, chosen_bay(request))
    except RefusedPhoto as refused:
        earlier = refused.duplicate_of
        if earlier is not None and earlier.visit_id == visit.pk:
            return JsonResponse({"photo": earlier.pk, "message": refused.message})
        return JsonResponse({"message": refused.message}, status=422)
    return JsonResponse({"photo": photo.pk}, status=201)


@require_safe
@member_view()
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo with its boxes. ``?facing=`` opens one."""
    rows = Photo.objects.select_related("visit__store", "bay")
    row = get_or_404(member(request), rows, pk=pk)
    return render(request, "visits/photo.html", photo_context(row, request.GET.get("facing", "")))


def photo_context(row: Photo, chosen: str) -> dict[str, Any]:
    """The photo, its marked facings and gaps, and its neighbours in the visit."""
    run = queries.current_run(row)
    others = list(queries.photos(row.visit).values_list("pk", flat=True))
    at = others.index(row.pk)
    return {
        "photo": row,
        "visit": row.visit,
        "run": run,
        "marks": marks.marks(run) if run else [],
        "tags": marks.tag_marks(run) if run else [],
        "legend": marks.LEGEND,
        "chosen": asked.number(chosen),
        "before": others[at - 1] if at else None,
        "after": others[at + 1] if at + 1 < len(others) else None,
        "number": at + 1,
        "count": len(others),
    }


@require_POST
@member_view()
def move(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say which bay the photo shows."""
    row = get_or_404(member(request), Photo.objects.select_related("visit"), pk=pk)
    try:
        move_photo(member(request), row, chosen_bay(request))
    except RefusedPhoto as refused:
        messages.error(request, refused.message)
    return redirect("visits:visit", row.visit_id)


@require_POST
@member_view()
def discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the photo out of its visit."""
    row = get_or_404(member(request), Photo.objects.select_related("visit"), pk=pk)
    try:
        discard_photo(member(request), row)
    except RefusedPhoto as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"The photo {row.name} was taken out of the visit.")
    return redirect("visits:visit", row.visit_id)


def chosen_bay(request: HttpRequest) -> Bay | None:
    """The bay named in the form, None for none."""
    bay = asked.number(request.POST.get("bay", ""))
    return None if bay is None else get_or_404(member(request), Bay.objects.all(), pk=bay)
