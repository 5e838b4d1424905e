"""Visits and what the overview asks of them, for tests."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from compliance.models import KpiResult, SkuFact
from compliance.services import rollups
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Sku
from retail_exec.dashboards import queries
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit
from tests.factories import make_photo, make_visit
from tests.results import make_assessment, make_run
from tests.retail_exec.world import World


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def visit_of(
    world: World, store: Store, share: tuple[float, float], days_ago: int = 0, missing: tuple[int, ...] = ()
) -> Visit:
    """An assessed visit with one photo and a facing share."""
    visit = make_visit(world.auditor, store, timezone.now() - timedelta(days=days_ago))
    rows = [world.skus[:2]]
    make_run(make_photo(visit, store.bays.get(), rows), rows)
    make_assessment(visit, [("facing_share", *share)], [world.skus[i] for i in missing])
    return visit


def availability(visit: Visit, code: str, present: bool) -> None:
    """Whether a product stood on the shelf in a visit."""
    assessment = visit.assessments.get(current=True)
    KpiResult.objects.create(
        assessment=assessment,
        key="sku_availability",
        scope={"sku": code},
        numerator=float(present),
        denominator=1,
        value=float(present),
        unit="share",
    )
    sku = Sku.objects.get(organisation=visit.organisation_id, code=code)
    said = {"expected": 1, "present": int(present), "missing": int(not present)}
    SkuFact.objects.update_or_create(assessment=assessment, sku=sku, defaults=said)
    rollups.refresh([visit.pk])


def asked(world: World, **more: object) -> queries.Asked:
    return queries.Asked(world.manager, Visit.objects.filter(organisation=world.manager.organisation), **more)
