"""What the overview asks for, the evidence behind its figures, and which stores need a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django_filters import FilterSet

from compliance.models import Assessment, KpiResult, OutOfStock, SkuFact
from compliance.queries import of_whole_visits
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.core.access import visible
from retail_exec.dashboards.filters import PLACES, SHARES
from retail_exec.reports.queries import current_kpis
from retail_exec.stores.models import Store
from retail_exec.visits.models import Photo, Visit


@dataclass(frozen=True)
class Asked:
    """What the overview shows: visits chosen by the filters, and which of their results.

    chosen: the filters for places and days by name, see ``filters.PLACES``; the same that chose the visits.
    """

    membership: Membership
    visits: QuerySet[Visit]
    category: Category | None = None
    brand: Brand | None = None
    sku: Sku | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)

    def cells(self) -> dict[str, Any]:
        """The chosen places and days as lookups of the sums."""
        return {path: self.chosen[name] for name, path in PLACES.items() if self.chosen.get(name)}

    def places(self) -> dict[str, Any]:
        """The chosen stores as lookups of whatever has a store."""
        return {path: value for path, value in self.cells().items() if path.startswith("store")}


def asked_for(chosen: FilterSet, membership: Membership) -> Asked:
    """What filters of visits ask for; wrong ones are named by the filters' form and left out."""
    valid = chosen.is_valid()
    values = chosen.form.cleaned_data
    visits = chosen.qs if valid else chosen.queryset.all()
    about = {name: values.get(name) for name in ("category", "brand", "sku")}
    return Asked(membership, visits, chosen=values if valid else {}, **about)


def ends_of(asked: Asked) -> tuple[datetime, datetime]:
    """The moments at which the chosen period begins and is over; far away where none is chosen."""
    zone = timezone.get_current_timezone()
    first, last = asked.chosen.get("date_from"), asked.chosen.get("date_to")
    start = datetime.combine(first, time.min, zone) if first else datetime(1970, 1, 2, tzinfo=zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone) if last else None
    return start, end or datetime(9998, 1, 1, tzinfo=zone)


def stores(asked: Asked) -> QuerySet[Store]:
    """The stores that the filters leave, visited or not."""
    rows = visible(asked.membership, Store.objects.select_related("chain", "region"))
    places = {path.removeprefix("store__"): value for path, value in asked.places().items()}
    own = places.pop("store", None)
    return rows.filter(**places, **({"pk": own.pk} if own else {}))


def results(asked: Asked, measure: str) -> QuerySet[KpiResult]:
    """The KPI rows behind ``measure``: one or more a visit, never two that count the same thing.

    With a category, brand or product, availability is pooled from its products, and planogram compliance from
    the bays of the category; nobody plans a shelf by brand, so that is empty. A product's share is in the
    whole shares of the visits that saw it.
    """
    rows = current_kpis(asked.membership).filter(assessment__visit__in=asked.visits)
    if measure in SHARES and asked.sku:
        seen = SkuFact.objects.filter(assessment=OuterRef("assessment"), sku=asked.sku, facings__gt=0)
        return rows.filter(Exists(seen), key=measure, scope={})
    if measure in SHARES:
        return of_whole_visits(rows).filter(
            Q(category=asked.category) if asked.category or not asked.brand else Q(category__isnull=False),
            key=measure,
            brand=asked.brand,
        )
    if measure == "osa" and (asked.category or asked.brand or asked.sku):
        return rows.filter(key="sku_availability", scope__sku__in=list(_codes(asked)))
    if asked.brand or asked.sku:
        return rows.none()
    if asked.category:
        return rows.filter(key=measure, bay__category=asked.category)
    return rows.filter(key=measure, scope={})


def _codes(asked: Asked) -> QuerySet[Sku, str]:
    skus = visible(asked.membership, Sku.objects.all())
    skus = skus.filter(category=asked.category) if asked.category else skus
    skus = skus.filter(brand=asked.brand) if asked.brand else skus
    skus = skus.filter(pk=asked.sku.pk) if asked.sku else skus
    return skus.values_list("code", flat=True)


def span_days(asked: Asked) -> int:
    """Days from the first to the last of the chosen visits."""
    ends = asked.visits.order_by().aggregate(first=Min("started_at"), last=Max("started_at"))
    return (ends["last"] - ends["first"]).days if ends["first"] else 0


def latest_visits(asked: Asked) -> QuerySet[Visit]:
    """The newest assessed visit of each store."""
    assessed = asked.visits.filter(
        Exists(Assessment.objects.filter(visit=OuterRef("pk"), current=True)),
        Exists(Photo.objects.filter(visit=OuterRef("pk"), state="done")),
    )
    newest = assessed.order_by("store_id", "-started_at", "-pk").distinct("store_id")
    return Visit.objects.filter(pk__in=newest.values("pk"))


@dataclass(frozen=True)
class Need:
    """Why a store should be visited. visit: its newest assessed one, None if there is none."""

    store: Store
    visit: Visit | None
    missing: int
    compliance: float | None
    days: int | None


def needs(asked: Asked, missing: list[OutOfStock]) -> list[Need]:
    """Stores with the most missing products first, then the least kept plan, then the longest unvisited."""
    latest = {visit.store_id: visit for visit in latest_visits(asked)}
    counts: dict[int, int] = {}
    for row in missing:
        counts[row.assessment.visit.store_id] = counts.get(row.assessment.visit.store_id, 0) + 1
    ids = [visit.pk for visit in latest.values()]
    kept = dict(
        current_kpis(asked.membership)
        .filter(key="planogram_strict", scope={}, assessment__visit__in=ids)
        .values_list("assessment__visit", "value")
    )
    today = timezone.localdate()
    found = []
    for store in stores(asked):
        visit = latest.get(store.pk)
        days = (today - timezone.localdate(visit.started_at)).days if visit else None
        found.append(Need(store, visit, counts.get(store.pk, 0), kept.get(visit.pk) if visit else None, days))
    return sorted(found, key=_urgency)


def _urgency(need: Need) -> tuple[int, float, int]:
    never = need.visit is None
    return (
        -(10**6 if never else need.missing),
        1.0 if need.compliance is None else need.compliance,
        -(need.days or 0),
    )


def evidence(asked: Asked, measure: str) -> QuerySet[KpiResult]:
    """The single values that a pooled number is made of, newest first."""
    rows = results(asked, measure).defer("numerator_refs", "denominator_refs")
    related = rows.select_related("assessment__visit__store__chain", "category", "brand", "bay")
    return related.order_by(F("assessment__visit__started_at").desc(), "id")
