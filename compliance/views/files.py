"""Planogram files: looked at, brought in, and handed out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from compliance.forms import PlanogramUploadForm
from compliance.importers import FORMATS
from compliance.importers.values import PlanogramFileError
from compliance.models import Planogram, PlanogramFile
from compliance.services.export_planogram import TYPES, export_planogram, file_name, losses
from compliance.services.import_planogram import PlanogramImport, import_planogram
from compliance.services.planogram_files import keep_file, with_text
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible
from retail_exec.core.audit import record
from retail_exec.stores.models import Bay

NAMES = {"psa": "PSA", "azure": "JSON", "csv": "CSV"}


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Look at a file: what would be stored, and what would be left out and why. Nothing is stored yet."""
    form = upload_form(request)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            outcome = bring_in(request, file.name, content, form.cleaned_data, dry_run=True)
            kept = keep_file(member(request), file.name, content)
        except PlanogramFileError as error:
            form.add_error("file", str(error))
        else:
            context |= {"report": report(outcome, content), "kept": kept, "chosen": form.cleaned_data}
            return render(request, "compliance/preview.html", context)
    return render(request, "compliance/upload.html", context)


@require_http_methods(["POST"])
@member_view(CURATORS)
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Bring in a file that was looked at."""
    kept = get_or_404(member(request), PlanogramFile.objects.all(), pk=pk)
    form = upload_form(request, file=False)
    if not form.is_valid():
        return render(request, "compliance/upload.html", {"form": form})
    content = bytes(kept.content)
    outcome = bring_in(request, kept.name, content, form.cleaned_data, file=kept)
    for imported in outcome.planograms:
        record(member(request), "planogram imported", imported.stored, file=kept.name)
    if len(outcome.planograms) == 1 and not outcome.left and outcome.planograms[0].stored:
        stored = outcome.planograms[0].stored
        messages.success(request, f"{stored} is stored; it {outcome.planograms[0].applies()}.")
        return redirect("planograms:detail", stored.pk)
    return render(request, "compliance/preview.html", {"report": report(outcome, content), "stored": True})


def upload_form(request: HttpRequest, file: bool = True) -> PlanogramUploadForm:
    """The form with the member's bays. file: whether a file must come with it."""
    bays = visible(member(request), Bay.objects.select_related("store")).order_by("store__name", "name")
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PlanogramUploadForm(*sent, bays=bays)
    if not file:
        del form.fields["file"]
    return form


def bring_in(
    request: HttpRequest,
    name: str,
    content: bytes,
    chosen: dict[str, Any],
    dry_run: bool = False,
    file: PlanogramFile | None = None,
) -> PlanogramImport:
    """Import a file with what was chosen beside it."""
    return import_planogram(
        member(request).organisation,
        content,
        name,
        bays=chosen["bays"],
        effective_from=chosen["effective_from"],
        dry_run=dry_run,
        file=file,
    )


def report(outcome: PlanogramImport, content: bytes) -> dict[str, Any]:
    """The import's report, each row with its line of the file."""
    return {
        "planograms": outcome.planograms,
        "stored": [imported.stored for imported in outcome.planograms if imported.stored],
        "left": with_text(outcome.left, content),
        "remarks": with_text(outcome.remarks, content),
    }


@require_safe
@member_view(OFFICE)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The planogram as a file, ``?format=psa``, ``azure`` or ``csv``; without one, what each would lose."""
    row = get_or_404(member(request), Planogram.objects.all(), pk=pk)
    format = request.GET.get("format", "")
    if not format:
        found = losses(row)
        formats = [(key, NAMES[key], file_name(row, key), found[key]) for key in FORMATS]
        return render(request, "compliance/download.html", {"planogram": row, "formats": formats})
    if format not in FORMATS:
        raise Http404
    return as_file(export_planogram(row, format), file_name(row, format), TYPES[format])


@require_safe
@member_view(OFFICE)
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that the planogram came from, as it was sent."""
    row = get_or_404(member(request), Planogram.objects.select_related("file"), pk=pk)
    if row.file is None:
        raise Http404
    return as_file(bytes(row.file.content), row.file.name, "application/octet-stream")


def as_file(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A download that no browser opens as a page."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{ascii_name(name)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def ascii_name(name: str) -> str:
    """A file name that a header can hold."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_"
        for letter in name
    )
