"""The models of this installation: their figures side by side, which is in use, and changing that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from recognition.models import DataSetVersion, Gallery, GalleryState, ModelState, ModelVersion, TrainingRun
from recognition.runtime.manifest import ROLES, ModelError
from recognition.services.activation import FIGURE, activate, measured, rollback
from recognition.services.moves import progress
from recognition.services.registry import ModelRefused, active_model
from retail_exec.accounts.models import Membership, Organisation, Role
from retail_exec.core import asked
from retail_exec.core.access import CURATORS, member, member_view, visible

TITLES = {
    "detector": ("Finding products", "Draws a box around every pack on a photo."),
    "embedder": ("Naming products", "Turns each pack into a vector that is compared with your packshots."),
    "keypoints": ("Telling siblings apart", "Compares fine print where two products are too alike."),
}
RUNS_SHOWN = 5


@require_safe
@member_view(CURATORS)
def model_list(request: HttpRequest) -> HttpResponseBase:
    """Every model by what it does, the organisation's own gallery, and the last training runs."""
    active_model("embedder")  # registers the release's models, if nobody has yet
    rows = list(ModelVersion.objects.all())
    done, there = progress()
    own = visible(member(request), Gallery.objects.defer("head")).order_by("-pk")
    tests = visible(member(request), DataSetVersion.objects.filter(purpose=DataSetVersion.Purpose.TEST))
    context = {
        "roles": [_role(role, [m for m in rows if m.role == role]) for role in ROLES if _any(rows, role)],
        "moved": done,
        "galleries": there,
        "gallery": own.filter(state=GalleryState.ACTIVE).first(),
        "building": own.filter(state=GalleryState.BUILDING).first(),
        "test_set": tests.first(),
        "training_runs": TrainingRun.objects.select_related("model")[:RUNS_SHOWN],
        "may_change": may_change(member(request)),
    }
    return render(request, "recognition/models.html", context)


@require_safe
@member_view(CURATORS)
def model(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One model: its card, figures, and the run that made it."""
    row = get_object_or_404(ModelVersion, pk=pk)
    context = {
        "model": row,
        "about": TITLES.get(row.role, (row.role, ""))[0],
        "figures": _numbers(row.figures),
        "config": row.run.get("config") or {},
        "may_change": may_change(member(request)),
        "active": ModelVersion.objects.filter(role=row.role, state=ModelState.ACTIVE).first(),
    }
    return render(request, "recognition/model.html", context)


@require_POST
@member_view(CURATORS)
def activate_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put a model in use if it is better, or for a reason given."""
    _allowed(request)
    row = get_object_or_404(ModelVersion, pk=pk)
    try:
        judgement = activate(row, member(request), asked.text(request.POST, "reason"))
        messages.success(request, f"{row} is in use. {judgement.why}")
    except (ModelRefused, ModelError) as refused:
        messages.error(request, str(refused))
    return redirect("recognition:model", pk=pk)


@require_POST
@member_view(CURATORS)
def rollback_view(request: HttpRequest, role: str) -> HttpResponseBase:
    """Go back to the model that was in use before."""
    _allowed(request)
    try:
        messages.success(request, f"{rollback(role, member(request))} is in use again.")
    except (ModelRefused, ModelError) as refused:
        messages.error(request, str(refused))
    return redirect("recognition:models")


def may_change(membership: Membership) -> bool:
    """Models serve all organisations: staff change them, or the administrator where there is only one."""
    alone = membership.role == Role.ADMINISTRATOR and Organisation.objects.count() == 1
    return bool(membership.user.is_staff or alone)


def _allowed(request: HttpRequest) -> None:
    if not may_change(member(request)):
        raise Http404


def _any(rows: list[ModelVersion], role: str) -> bool:
    return any(row.role == role for row in rows)


def _role(role: str, rows: list[ModelVersion]) -> dict[str, Any]:
    """What the page shows of a role's models, the active one first."""
    order = [ModelState.ACTIVE, ModelState.CANDIDATE, ModelState.RETIRED]
    rows.sort(key=lambda row: order.index(ModelState(row.state)))
    title, about = TITLES.get(role, (role.title(), ""))
    return {
        "role": role,
        "title": title,
        "about": about,
        "figure": FIGURE.get(role, ""),
        "models": [{"row": row, "value": _value(row)} for row in rows],
        "may_go_back": any(row.state == ModelState.RETIRED and row.activated_at for row in rows),
    }


def _value(row: ModelVersion) -> float | None:
    """The figure by which a role's models are compared, as far as it is known without measuring."""
    if row.role == "embedder" and row.measured:
        return measured(row)
    value = row.figures.get(FIGURE.get(row.role, ""))
    return float(value) if isinstance(value, (int, float)) else None


def _numbers(figures: dict[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    """Nested figures as flat rows: ``unknown.auroc``."""
    rows: list[tuple[str, float]] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            rows += _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)):
            rows.append((f"{prefix}{name}", float(value)))
    return rows
