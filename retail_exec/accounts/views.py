"""Pages about the person who is signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from retail_exec.accounts.models import Membership


@require_POST
@login_required
def choose_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Act under another of one's own memberships from now on; 404 for one that is not one's own."""
    assert request.user.is_authenticated  # login_required saw to that
    chosen = Membership.objects.filter(user=request.user, organisation_id=pk).first()
    if chosen is None:
        raise Http404
    request.session["organisation"] = chosen.organisation_id
    return redirect("visits:home")
