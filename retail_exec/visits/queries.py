"""What the screens of visits show, each list in a fixed small number of queries."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from compliance.models import Assessment, CorrectiveTask
from recognition.models import Facing, RecognitionRun
from recognition.types import FacingStatus
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.core.access import visible
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Store
from retail_exec.visits.models import Photo, Visit

AT_WORK = (WorkState.WAITING, WorkState.RUNNING)
STORES_SHOWN = 30
PRODUCTS_SHOWN = 12
TASKS_SHOWN = 5
OPEN_FOR = timedelta(days=7)
"""How long an unfinished visit stays on the auditor's start page."""


def visits(membership: Membership) -> QuerySet[Visit]:
    """The visits this member may see, newest first, with what the lists say of each."""
    rows = visible(membership, Visit.objects.all()).select_related("store__chain", "store__region", "auditor")
    return rows.annotate(
        photo_count=Count("photos", distinct=True),
        busy_count=Count("photos", filter=Q(photos__state__in=AT_WORK), distinct=True),
        bad_count=Count(
            "photos", filter=Q(photos__state__in=(WorkState.REFUSED, WorkState.QUARANTINED)), distinct=True
        ),
    ).order_by("-started_at", "-pk")


def todays_visits(membership: Membership) -> QuerySet[Visit]:
    """The member's own visits of today, and those of the last days that were not finished."""
    now = timezone.localtime()
    recent = Q(finished_at=None, started_at__gte=now - OPEN_FOR)
    return visits(membership).filter(recent | Q(started_at__date=now.date()), auditor=membership.user)


def find_stores(membership: Membership, text: str) -> QuerySet[Store]:
    """Stores whose name, code, address or chain has every word of ``text``.

    last_visit: when the newest visit that the member may see was.
    """
    rows = visible(membership, Store.objects.all()).select_related("chain", "region")
    for word in text.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(address__icontains=word)
            | Q(chain__name__icontains=word)
        )
    seen = Q(visits__in=visible(membership, Visit.objects.all()))
    return rows.annotate(last_visit=Max("visits__started_at", filter=seen)).order_by("name")


def find_products(membership: Membership, text: str) -> QuerySet[Sku]:
    """Active SKUs whose code, GTIN, name, brand or size has every word of ``text``."""
    rows = visible(membership, Sku.objects.filter(active=True)).select_related("brand")
    for word in text.split():
        rows = rows.filter(
            Q(code__icontains=word)
            | Q(gtin__icontains=word)
            | Q(name__icontains=word)
            | Q(brand__name__icontains=word)
            | Q(size__icontains=word)
        )
    return with_packshot(rows).order_by("name", "code")


def with_packshot(rows: QuerySet[Sku]) -> QuerySet[Sku]:
    """Adds ``picture``: the id of each SKU's first packshot, None without one."""
    first = Packshot.objects.filter(sku=OuterRef("pk")).order_by("pk").values("pk")[:1]
    return rows.annotate(picture=Subquery(first))


def packshots(rows: QuerySet[Sku]) -> dict[int, int]:
    """The id of each SKU's first packshot, by SKU id; SKUs without one are left out."""
    first = Packshot.objects.filter(sku__in=rows).order_by("sku_id", "pk").distinct("sku_id")
    return dict(first.values_list("sku_id", "pk"))


def photos(visit: Visit) -> QuerySet[Photo]:
    """A visit's photos, with the number of facings found and of those a person should look at."""
    counted = Facing.objects.filter(run__photo=OuterRef("pk"), run__current=True).exclude(
        verdict=Facing.Verdict.NOT_A_PRODUCT
    )
    unsure = counted.filter(status=FacingStatus.AMBIGUOUS, verdict="")
    return (
        visit.photos.select_related("bay")
        .annotate(facing_count=_number(counted), unsure_count=_number(unsure))
        .order_by("bay__name", "uploaded_at", "pk")
    )


def _number(rows: QuerySet[Facing]) -> Subquery:
    return Subquery(rows.order_by().values("run__photo").annotate(n=Count("pk")).values("n"))


def tasks() -> QuerySet[CorrectiveTask]:
    """Corrective tasks with what the screens say of each."""
    related = ("store__chain", "store__region", "sku__brand", "assigned_to", "rule", "opened_by__visit")
    return CorrectiveTask.objects.select_related(*related, "closed_by__visit")


def open_tasks(store: Store) -> QuerySet[CorrectiveTask]:
    """What is to be put right in the store, whoever is there."""
    return tasks().filter(store=store, state=CorrectiveTask.State.OPEN)


def current_run(photo: Photo) -> RecognitionRun | None:
    """What was recognised on the photo, with facings, their products, gaps and price tags."""
    facings = Facing.objects.select_related("sku__brand", "verdict_sku__brand").order_by("index")
    runs = photo.runs.filter(current=True).prefetch_related(
        Prefetch("facings", facings), "gaps", "price_tags"
    )
    return runs.first()


def current_assessment(visit: Visit) -> Assessment | None:
    """The visit's newest results, None while there are none."""
    return visit.assessments.filter(current=True).first()
