"""Stores and bays on screen: the list, a file looked at and then brought in, and the same as a file."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.services.planogram_files import with_text
from retail_exec.accounts.models import Membership
from retail_exec.core import asked
from retail_exec.core.access import CURATORS, OFFICE, member, member_view, visible
from retail_exec.core.audit import record
from retail_exec.core.fields import SmallFileField
from retail_exec.reports.csv import csv_response
from retail_exec.stores.csv_import import COLUMNS, StoresFileError
from retail_exec.stores.models import Store
from retail_exec.stores.services.export_stores import export_rows
from retail_exec.stores.services.import_stores import StoresImport, import_stores

ROWS_A_PAGE = 50
MAX_BYTES = 10_000_000
LOOKED_AT_FOR = 3600
"""Seconds for which a file that was looked at may be brought in."""


class StoresFileForm(forms.Form):
    """A file of stores."""

    file = SmallFileField(label="File of stores (CSV)", most=MAX_BYTES)


@require_safe
@member_view(OFFICE)
def store_list(request: HttpRequest) -> HttpResponseBase:
    """Every store, by name."""
    text = asked.text(request.GET, "q")
    rows = visible(member(request), Store.objects.select_related("chain", "region"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(chain__name__icontains=text))
    rows = rows.annotate(bay_count=Count("bays")).order_by("name", "pk")
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "text": text,
        "kept": kept.urlencode(),
        "may_change": member(request).role in CURATORS,
    }
    return render(request, "stores/list.html", context)


@require_safe
@member_view(OFFICE)
def download(request: HttpRequest) -> HttpResponseBase:
    """All stores and bays as the file that can be brought in."""
    rows = export_rows(visible(member(request), Store.objects.all()))
    return csv_response(f"stores-{localdate()}.csv", COLUMNS, rows)


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Look at a file: what would be stored, and what would be left out and why. Nothing is stored yet."""
    form = StoresFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            outcome = import_stores(member(request).organisation, content, dry_run=True)
        except StoresFileError as error:
            form.add_error("file", str(error))
        else:
            kept = keep(member(request), file.name, content)
            if kept is not None:
                return render(request, "stores/report.html", report(outcome, content) | {"kept": kept})
            form.add_error("file", "The file is too large for this page; the command import_stores takes it.")
    return render(request, "stores/upload.html", {"form": form})


@require_POST
@member_view(CURATORS)
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Bring in the file that was looked at."""
    found = restore(member(request), request.POST.get("kept", ""))
    if found is None:
        messages.error(request, "That was more than an hour ago. Choose the file again.")
        return redirect("stores:upload")
    name, content = found
    outcome = import_stores(member(request).organisation, content)
    if outcome.changes:
        record(member(request), "stores imported", name, **outcome.counts)
    return render(request, "stores/report.html", report(outcome, content) | {"stored": True})


def report(outcome: StoresImport, content: bytes) -> dict[str, Any]:
    """What came of a file, each row with its line of the file."""
    rows = {"left": with_text(outcome.left, content), "remarks": with_text(outcome.remarks, content)}
    return {"outcome": outcome, "report": rows}


def keep(by: Membership, name: str, content: bytes) -> str | None:
    """The file for the page to send back, sealed: nobody else's and nothing else can come in with it. None
    for one that would be refused for its size."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    sealed = signing.dumps([name, packed], salt=_salt(by))
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return sealed if limit is None or len(sealed) < limit - 10_000 else None


def restore(by: Membership, sealed: str) -> tuple[str, bytes] | None:
    """Name and content of a file that ``keep`` sealed; None if the seal is broken or too old."""
    try:
        name, packed = signing.loads(sealed, salt=_salt(by), max_age=LOOKED_AT_FOR)
        return name, zlib.decompress(base64.b64decode(packed))
    except (signing.BadSignature, binascii.Error, zlib.error):
        return None


def _salt(by: Membership) -> str:
    return f"stores file of {by.pk}"
