"""The results that count, of all that are kept: what the dashboards, the CSV downloads and the API show."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import NullIf

from compliance.models import KpiResult, OutOfStock, Spell
from recognition.models import Facing
from retail_exec.accounts.models import Membership
from retail_exec.core.access import visible
from retail_exec.core.models import WorkState

REPEATS_IN_DAYS, REPEATS = 90, 3
"""A product that was out of stock in a store this many times within so many days keeps coming back."""


def current_kpis(membership: Membership) -> QuerySet[KpiResult]:
    """KPI results of each visit's newest assessment."""
    return visible(membership, KpiResult.objects.filter(assessment__current=True))


def current_facings(membership: Membership) -> QuerySet[Facing]:
    """Facings of each recognised photo's newest recognition, without those a person says are none.

    Not all of them count: photos overlap and replace each other, see ``compliance.queries.judge``.
    """
    facings = Facing.objects.filter(run__current=True, run__photo__state=WorkState.DONE)
    return visible(membership, facings.exclude(verdict=Facing.Verdict.NOT_A_PRODUCT))


def current_out_of_stock(membership: Membership) -> QuerySet[OutOfStock]:
    """Products missing at each visit's newest assessment."""
    return visible(membership, OutOfStock.objects.filter(assessment__current=True))


def spells(membership: Membership) -> QuerySet[Spell]:
    """Times during which a product was out of stock in a store.

    ``times``: how many spells of the product began in the store in the 90 days up to this one's beginning, it
    included.
    """
    same = Spell.objects.filter(
        store=OuterRef("store"),
        sku=OuterRef("sku"),
        since__lte=OuterRef("since"),
        since__gt=OuterRef("since") - timedelta(days=REPEATS_IN_DAYS),
    )
    often = same.order_by().values("store").annotate(n=Count("pk")).values("n")
    return visible(membership, Spell.objects.annotate(times=Subquery(often)))


def pooled(kpis: QuerySet[KpiResult], *by: str) -> QuerySet[KpiResult, dict[str, object]]:
    """One value for each group ``by``: sum of numerators / sum of denominators, as if it were one long shelf.

    Rows are dicts of the ``by`` fields and pooled_value (None when not measurable), numerator_sum,
    denominator_sum. Only rows of one KPI can be pooled: filter by ``key`` or have it among ``by``.
    """
    groups = kpis.order_by().values(*by)
    sums = groups.annotate(numerator_sum=Sum("numerator"), denominator_sum=Sum("denominator"))
    return sums.annotate(pooled_value=F("numerator_sum") / NullIf(F("denominator_sum"), 0.0)).order_by(*by)
