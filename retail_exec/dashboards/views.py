"""The overview for those in the office, the evidence behind its numbers, and the downloads."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from retail_exec.core.access import OFFICE, member, member_view, visible
from retail_exec.dashboards import charts, missing, queries, sums
from retail_exec.dashboards.filters import (
    DEFAULT_DIMENSION,
    DEFAULT_MEASURE,
    DIMENSIONS,
    MEASURES,
    SHARES,
    OverviewFilter,
)
from retail_exec.dashboards.tiles import tiles
from retail_exec.reports.queries import REPEATS, REPEATS_IN_DAYS
from retail_exec.visits.models import Visit

PERIODS = (("4 weeks", 28), ("12 weeks", 84), ("Everything", None))
ROWS_A_PAGE = 50
MISSING_SHOWN, NEEDS_SHOWN, REPEATS_SHOWN = 40, 12, 12
ROWS_OF_A_TABLE = 100


@require_safe
@member_view(OFFICE)
def overview(request: HttpRequest) -> HttpResponseBase:
    """KPIs, charts, what is out of stock now, and which stores need a visit."""
    form, asked = ask(request)
    measure = form.cleaned_data.get("measure") or DEFAULT_MEASURE
    gone, back = missing.out_of_stock_now(asked), missing.repeats(asked)
    context = {
        "form": form,
        "asked": asked,
        "measure": MEASURES[measure],
        "measure_key": measure,
        "tiles": tiles(asked),
        "missing": gone[:MISSING_SHOWN],
        "missing_count": len(gone),
        "repeats": back[:REPEATS_SHOWN],
        "repeat_count": len(back),
        "repeat_rule": (REPEATS, REPEATS_IN_DAYS),
        "needs": queries.needs(asked, gone)[:NEEDS_SHOWN],
        "visit_count": asked.visits.count(),
        "kept": request.GET.urlencode(),
        "periods": periods(request.GET),
        "of_a_period": bool(form.cleaned_data.get("date_from") or form.cleaned_data.get("date_to")),
        **drawn(request, asked, measure, form.cleaned_data),
    }
    return render(request, "dashboards/overview.html", context)


def ask(request: HttpRequest, filters: type[OverviewFilter] = OverviewFilter) -> tuple[Any, queries.Asked]:
    """The filter form, and what it asks for; wrong filters are named by the form and left out."""
    chosen = filters(request.GET, visible(member(request), Visit.objects.all()), request=request)
    asked = queries.asked_for(chosen, member(request))
    return chosen.form, asked


def drawn(request: HttpRequest, asked: queries.Asked, measure: str, chosen: dict[str, Any]) -> dict[str, Any]:
    """The charts, each with the rows it is drawn from. chosen: the filters, for their period."""

    step = chosen.get("step") or sums.step_of(queries.span_days(asked))

    def link_time(key: str, start: date) -> str:
        # The first and last week may reach beyond the chosen period; the point counts only what is inside.
        end = last_day(start, step)
        first = max(start, chosen.get("date_from") or start)
        last = min(end, chosen.get("date_to") or end)
        return evidence_url(request.GET, key, date_from=first, date_to=last)

    time = charts.over_time(sums.over_time(asked, step), link_time)
    figures: list[tuple[Any, ...]] = [("time", "Over time", f"by {step}", time, [])]
    dimension = chosen.get("by") or DEFAULT_DIMENSION
    share = measure if measure in SHARES else DEFAULT_MEASURE
    usual = {"chain": measure, "brand": share}
    chosen_one = {dimension: measure}
    for name, of in (chosen_one | usual | chosen_one).items():
        rows = sums.by(asked, of, name)
        for row in rows:
            row["url"] = evidence_url(request.GET, of, **{name: row["pk"]})
        about = f"{MEASURES[of]}, own brands dark" if name in ("brand", "sku") else MEASURES[of]
        bars = charts.bars(rows, lambda row: row["url"])
        figures.append((name, f"By {DIMENSIONS[name].lower()}", about, bars, rows[:ROWS_OF_A_TABLE]))
    keys = ("id", "title", "about", "json", "rows")
    return {"charts": [dict(zip(keys, figure, strict=True)) for figure in figures]}


def last_day(start: date, step: str) -> date:
    """The last day of the day, week or month that begins on ``start``."""
    if step == "month":
        return start.replace(day=monthrange(start.year, start.month)[1])
    return start + timedelta(days=6 if step == "week" else 0)


def evidence_url(chosen: QueryDict, measure: str, **narrower: object) -> str:
    """The evidence of a number under the chosen filters, narrowed further."""
    asked = chosen.copy()
    for name, value in {"measure": measure, **narrower}.items():
        asked[name] = str(value)
    return f"{reverse('dashboards:evidence')}?{asked.urlencode()}"


def periods(chosen: QueryDict) -> list[dict[str, Any]]:
    """Links for the periods people ask for most."""
    today = timezone.localdate()
    found = []
    for name, days in PERIODS:
        asked = chosen.copy()
        asked.pop("date_to", None)
        asked.pop("date_from", None)
        if days is not None:
            asked["date_from"] = str(today - timedelta(days=days))
        active = chosen.get("date_from", "") == asked.get("date_from", "") and not chosen.get("date_to")
        found.append({"name": name, "query": asked.urlencode(), "active": active})
    return found


@require_safe
@member_view(OFFICE)
def evidence(request: HttpRequest) -> HttpResponseBase:
    """The values of single visits that a number of the overview is made of."""
    form, asked = ask(request)
    measure = form.cleaned_data.get("measure") or DEFAULT_MEASURE
    page = Paginator(queries.evidence(asked, measure), ROWS_A_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "measure": MEASURES[measure],
        "tile": next(tile for tile in tiles(asked) if tile.key == measure),
        "kept": kept.urlencode(),
    }
    return render(request, "dashboards/evidence.html", context)


@require_safe
@member_view(OFFICE)
def downloads(request: HttpRequest) -> HttpResponseBase:
    """The CSV files and what filters they take."""
    form, asked = ask(request)
    kept = request.GET.copy()
    for name in ("measure", "by", "step"):
        kept.pop(name, None)
        form.fields.pop(name)
    context = {"form": form, "visit_count": asked.visits.count(), "kept": kept.urlencode()}
    return render(request, "dashboards/downloads.html", context)
