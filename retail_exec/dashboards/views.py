"""The overview for those in the office, the evidence behind its numbers, and the downloads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from retail_exec.core.access import OFFICE, member, member_view, visible
from retail_exec.dashboards import charts, queries
from retail_exec.dashboards.filters import DEFAULT_MEASURE, MEASURES, SHARES, OverviewFilter
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit

PERIODS = (("4 weeks", 28), ("12 weeks", 84), ("Everything", None))
ROWS_A_PAGE = 50
MISSING_SHOWN, NEEDS_SHOWN = 40, 12


@require_safe
@member_view(OFFICE)
def overview(request: HttpRequest) -> HttpResponseBase:
    """KPIs, charts, what is out of stock now, and which stores need a visit."""
    form, asked = ask(request)
    measure = form.cleaned_data.get("measure") or DEFAULT_MEASURE
    missing = queries.out_of_stock_now(asked)
    context = {
        "form": form,
        "asked": asked,
        "measure": MEASURES[measure],
        "measure_key": measure,
        "tiles": queries.tiles(asked),
        "missing": missing[:MISSING_SHOWN],
        "missing_count": len(missing),
        "needs": queries.needs(asked, missing, stores(request, form))[:NEEDS_SHOWN],
        "visit_count": asked.visits.count(),
        "kept": request.GET.urlencode(),
        "periods": periods(request.GET),
        "of_a_period": bool(form.cleaned_data.get("date_from") or form.cleaned_data.get("date_to")),
        **drawn(request, asked, measure, form.cleaned_data),
    }
    return render(request, "dashboards/overview.html", context)


def ask(request: HttpRequest) -> tuple[Any, queries.Asked]:
    """The filter form, and what it asks for; wrong filters are named by the form and left out."""
    asked = OverviewFilter(request.GET, visible(member(request), Visit.objects.all()), request=request)
    valid = asked.is_valid()
    chosen = asked.form.cleaned_data
    visits = asked.qs if valid else asked.queryset.all()
    return asked.form, queries.Asked(member(request), visits, chosen.get("category"), chosen.get("brand"))


def stores(request: HttpRequest, form: Any) -> Any:
    """The stores that the filters leave."""
    rows = visible(member(request), Store.objects.select_related("chain", "region"))
    chosen = form.cleaned_data
    paths = {"store": "pk", "chain": "chain", "region": "region", "channel": "chain__channel"}
    for name, path in paths.items():
        if value := chosen.get(name):
            rows = rows.filter(**{path: value.pk if name == "store" else value})
    return rows


def drawn(request: HttpRequest, asked: queries.Asked, measure: str, chosen: dict[str, Any]) -> dict[str, Any]:
    """The charts, each with the rows it is drawn from. chosen: the filters, for their period."""

    def link(**narrower: object) -> str:
        return evidence_url(request.GET, measure, **narrower)

    time = queries.over_time(asked)
    week = queries.span_days(asked) > queries.DAILY_UP_TO_DAYS
    days = timedelta(days=6 if week else 0)

    def link_time(key: str, start: date) -> str:
        # The first and last week may reach beyond the chosen period; the point counts only what is inside.
        first = max(start, chosen.get("date_from") or start)
        last = min(start + days, chosen.get("date_to") or start + days)
        return evidence_url(request.GET, key, date_from=first, date_to=last)

    by_store = queries.by(asked, measure, "store")
    by_chain = queries.by(asked, measure, "store__chain")
    share = measure if measure in SHARES else DEFAULT_MEASURE
    by_brand = queries.by_brand(asked, share)
    for rows, name in ((by_store, "store"), (by_chain, "chain")):
        for row in rows:
            row["url"] = link(**{name: row["pk"]})
    for row in by_brand:
        row["url"] = evidence_url(request.GET, share, brand=row["pk"])
    figures = [
        ("time", "Over time", "by week" if week else "by day", charts.over_time(time, link_time), []),
        ("store", "By store", MEASURES[measure], charts.bars(by_store, lambda row: row["url"]), by_store),
        ("chain", "By chain", MEASURES[measure], charts.bars(by_chain, lambda row: row["url"]), by_chain),
        (
            "brand",
            "By brand",
            f"{MEASURES[share]}, own brands dark",
            charts.bars(by_brand, lambda row: row["url"]),
            by_brand,
        ),
    ]
    keys = ("id", "title", "about", "json", "rows")
    return {"charts": [dict(zip(keys, figure, strict=True)) for figure in figures]}


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
        "tile": next(tile for tile in queries.tiles(asked) if tile.key == measure),
        "kept": kept.urlencode(),
    }
    return render(request, "dashboards/evidence.html", context)


@require_safe
@member_view(OFFICE)
def downloads(request: HttpRequest) -> HttpResponseBase:
    """The CSV files and what filters they take."""
    form, asked = ask(request)
    kept = request.GET.copy()
    kept.pop("measure", None)
    form.fields.pop("measure")
    context = {"form": form, "visit_count": asked.visits.count(), "kept": kept.urlencode()}
    return render(request, "dashboards/downloads.html", context)
