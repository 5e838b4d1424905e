"""The audit trail as people read it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from retail_exec.core import asked
from retail_exec.core.access import CURATORS, member, member_view, visible
from retail_exec.core.audit import check
from retail_exec.core.models import AuditEvent

EVENTS_A_PAGE = 50


@require_safe
@member_view(CURATORS)
def audit_trail(request: HttpRequest) -> HttpResponseBase:
    """Who changed what, newest first; ``?q=`` looks in what was done, to what and by whom."""
    rows = visible(member(request), AuditEvent.objects.all())
    text = asked.text(request.GET, "q")
    for word in text.split():
        rows = (
            rows.filter(action__icontains=word)
            | rows.filter(subject__icontains=word)
            | rows.filter(actor_name__icontains=word)
        )
    page = Paginator(rows.order_by("-number"), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    checked = check(member(request).organisation) if "check" in request.GET else None
    context = {"page": page, "q": text, "kept": urlencode({"q": text}), "checked": checked}
    return render(request, "core/audit.html", context)
