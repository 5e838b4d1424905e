"""KPI definitions on screen: what every KPI means, its options, and the versions of an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.kpis.registry import REGISTRY, Definition, Options
from compliance.models import KpiDefinitions
from compliance.scoring.forms import FileForm, OptionsForm, VersionForm
from compliance.services import definition_files
from compliance.services.definitions import (
    activate,
    active_definitions,
    add_version,
    changes,
    known_options,
    visits_with_another,
)
from retail_exec.core.access import CURATORS, OFFICE, get_or_404, member, member_view, visible

TYPES = {"yaml": "application/yaml", "json": "application/json"}


@dataclass(frozen=True)
class Listed:
    """A KPI as a version has it. chosen: (option, value, whether it is not the usual one)."""

    key: str
    known: Definition | None
    explanation: str
    chosen: list[tuple[str, object, bool]]
    fields: list[forms.BoundField]


@require_safe
@member_view(OFFICE)
def current(request: HttpRequest) -> HttpResponseBase:
    """The definitions in use."""
    return _show(request, active_definitions(member(request).organisation_id))


@require_safe
@member_view(OFFICE)
def version(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One version, and how it differs from the one in use."""
    return _show(request, get_or_404(member(request), KpiDefinitions.objects.all(), pk=pk))


def _show(request: HttpRequest, shown: KpiDefinitions) -> HttpResponseBase:
    active = active_definitions(shown.organisation_id)
    versions = visible(member(request), KpiDefinitions.objects.select_related("created_by"))
    context = {
        "shown": shown,
        "active": active,
        "kpis": [_listed(key, told) for key, told in shown.configuration.items()],
        "versions": versions,
        "changes": [] if shown == active else changes(active, known_options(shown.options)),
        "others": visits_with_another(active),
        "may_change": member(request).role in CURATORS,
        "upload": FileForm(),
    }
    return render(request, "scoring/definitions.html", context)


def _listed(key: str, told: Mapping[str, Any]) -> Listed:
    known = REGISTRY.get(key)
    usual = {option.name: option.default for option in known.options} if known else {}
    chosen = [(name, value, value != usual.get(name)) for name, value in told["options"].items()]
    return Listed(key, known, told["explanation"], chosen, [])


@require_http_methods(["GET", "POST"])
@member_view(CURATORS)
def new(request: HttpRequest) -> HttpResponseBase:
    """The next version: first what would change, then stored."""
    active = active_definitions(member(request).organisation_id)
    form = OptionsForm(request.POST or None, options=known_options(active.options))
    about = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and about.is_valid():
        if "confirm" in request.POST:
            return _store(request, form.options(), about.cleaned_data)
        return _edit(request, active, form, about, form.options())
    return _edit(request, active, form, about if request.method == "POST" else VersionForm(), None)


@require_POST
@member_view(CURATORS)
def upload(request: HttpRequest) -> HttpResponseBase:
    """The options of a file as the next version, to look at before it is stored."""
    active = active_definitions(member(request).organisation_id)
    file = FileForm(request.POST, request.FILES)
    errors: list[str] = []
    if file.is_valid():
        try:
            read = definition_files.read(file.cleaned_data["file"].read())
            form = OptionsForm(options=read.options)
            about = VersionForm(initial={"note": read.note, "activate": True})
            for remark in read.remarks:
                messages.info(request, remark)
            return _edit(request, active, form, about, read.options)
        except definition_files.DefinitionsFileError as error:
            errors = error.errors
    else:
        errors = [str(error) for error in file.errors.get("file", [])]
    return render(request, "scoring/refused.html", {"errors": errors}, status=400)


def _edit(
    request: HttpRequest,
    active: KpiDefinitions,
    form: OptionsForm,
    about: VersionForm,
    options: Mapping[str, Options] | None,
) -> HttpResponseBase:
    """options: as chosen, None before anything was."""
    context = {
        "active": active,
        "kpis": [
            Listed(key, known, known.explanation, [], form.of(key))
            for key, known in REGISTRY.items()
            if known.options
        ],
        "without": [known for known in REGISTRY.values() if not known.options],
        "about": about,
        "asked": options is not None,
        "changes": changes(active, options) if options is not None else [],
        "wrong": bool(form.errors),
    }
    return render(request, "scoring/new_version.html", context)


def _store(request: HttpRequest, options: Mapping[str, Options], about: dict[str, Any]) -> HttpResponseBase:
    who = member(request)
    stored = add_version(who.organisation_id, options, about["note"], who.user)
    if about["activate"] and not stored.active:
        activate(stored, who)
    state = "New results use it." if stored.active else "It is not in use yet."
    messages.success(request, f"Version {stored.version} is stored. {state}")
    return redirect("scoring:version", stored.pk)


@require_POST
@member_view(CURATORS)
def use(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let new results use a version."""
    row = get_or_404(member(request), KpiDefinitions.objects.all(), pk=pk)
    fresh = add_version(row.organisation_id, known_options(row.options), row.note, member(request).user)
    activate(fresh, member(request))
    messages.success(request, f"New results use version {fresh.version} from now on.")
    return redirect("scoring:version", fresh.pk)


@require_safe
@member_view(OFFICE)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A version as a YAML or JSON file."""
    row = get_or_404(member(request), KpiDefinitions.objects.all(), pk=pk)
    form = request.GET.get("format", "yaml")
    if form not in TYPES:
        raise Http404
    response = HttpResponse(definition_files.write(row, form), content_type=f"{TYPES[form]}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kpi-definitions-v{row.version}.{form}"'
    return response
