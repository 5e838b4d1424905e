"""What a person may see and do, decided in this one place. Another organisation's object answers 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from retail_exec.accounts.models import Membership, Role

M = TypeVar("M", bound=Model)
EVERYONE = frozenset(Role)
OFFICE = frozenset({Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR})
CURATORS = frozenset({Role.ANALYST, Role.ADMINISTRATOR})
"""Those who may change catalogue and planograms."""

OWNER_PATH = {
    "accounts.membership": "organisation",
    "catalog.packshot": "sku__organisation",
    "catalog.muststockitem": "must_stock_list__organisation",
    "stores.bay": "store__organisation",
    "recognition.facing": "run__organisation",
    "recognition.shelfgap": "run__organisation",
    "compliance.planogramposition": "planogram__organisation",
    "compliance.promotionelement": "promotion__organisation",
    "compliance.scorecardpillar": "scorecard__organisation",
    "compliance.kpiresult": "assessment__organisation",
    "compliance.positionresult": "assessment__organisation",
    "compliance.bayresult": "assessment__organisation",
    "compliance.outofstock": "assessment__organisation",
    "compliance.evidence": "assessment__organisation",
    "compliance.skufact": "assessment__organisation",
    "compliance.rescoringchunk": "rescoring__organisation",
    "compliance.rescoredvisit": "rescoring__organisation",
}
"""How each model that does not name its organisation itself reaches it."""

AUDITOR_PATH = {
    "visits.visit": "auditor",
    "visits.photo": "visit__auditor",
    "recognition.recognitionrun": "photo__visit__auditor",
    "recognition.facing": "run__photo__visit__auditor",
    "recognition.shelfgap": "run__photo__visit__auditor",
    "compliance.assessment": "visit__auditor",
    "compliance.kpiresult": "assessment__visit__auditor",
    "compliance.positionresult": "assessment__visit__auditor",
    "compliance.bayresult": "assessment__visit__auditor",
    "compliance.outofstock": "assessment__visit__auditor",
    "compliance.correctivetask": "assigned_to",
    "compliance.kpirollup": "auditor",
    "compliance.skurollup": "auditor",
    "compliance.spell": "latest__assessment__visit__auditor",
}
"""What an auditor sees of only the own visits."""


def visible(membership: Membership, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of ``rows`` this member may see: the organisation's, an auditor only the own visits'."""
    label = rows.model._meta.label_lower
    mine = Q(**{OWNER_PATH.get(label, "organisation"): membership.organisation_id})
    if membership.role == Role.AUDITOR and label in AUDITOR_PATH:
        mine &= Q(**{AUDITOR_PATH[label]: membership.user_id})
    return rows.filter(mine)


def get_or_404(membership: Membership, rows: QuerySet[M], **lookup: Any) -> M:
    """One visible row, or 404 whether it does not exist or belongs to somebody else."""
    row = visible(membership, rows).filter(**lookup).first()
    if row is None:
        raise Http404
    return row


def member_view(
    roles: frozenset[Role] = EVERYONE,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view for signed-in members with one of ``roles``: others sign in, or are told they may not (403)."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = getattr(request, "membership", None)
            if membership is None:
                raise PermissionDenied("This account belongs to no organisation yet. Ask an administrator.")
            if membership.role not in roles:
                raise PermissionDenied(f"This page is not for the role {membership.get_role_display()}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def member(request: HttpRequest) -> Membership:
    """The membership under which this person acts; ``member_view`` made sure that there is one."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    return membership
