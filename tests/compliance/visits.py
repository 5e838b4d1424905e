"""Visits with stored layouts that are really assessed, for tests of what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from compliance.services.assess import assess_claimed
from recognition.models import Facing
from retail_exec.accounts.models import Membership, Role
from retail_exec.catalog.models import Sku
from retail_exec.core.claims import request
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit
from tests.factories import make_member, make_organisation, make_photo, make_skus, make_store, make_visit
from tests.results import make_planogram, make_run


@dataclass
class Shops:
    """An organisation with stores whose one bay has a plan of the first four SKUs."""

    manager: Membership
    auditors: list[Membership]
    skus: list[Sku]
    stores: list[Store]

    @property
    def organisation(self) -> int:
        return self.manager.organisation_id

    def visit(self, store: int, seen: list[int | None], days_ago: int = 0, auditor: int = 0) -> Visit:
        """An assessed visit whose photo shows these SKUs, None a gap."""
        place = self.stores[store]
        at = timezone.now() - timedelta(days=days_ago)
        visit = make_visit(self.auditors[auditor], place, at)
        rows = [[None if index is None else self.skus[index] for index in seen]]
        make_run(make_photo(visit, place.bays.get(), rows), rows)
        assess(visit)
        return visit

    def correct(self, visit: Visit, index: int, sku: int) -> None:
        """A person says that a facing is another product; the visit is assessed again."""
        facings = Facing.objects.filter(run__photo__visit=visit, run__current=True, index=index)
        facings.update(verdict="product", verdict_sku=self.skus[sku])
        assess(visit)


def shops(stores: int = 2) -> Shops:
    organisation = make_organisation()
    manager = make_member(organisation, Role.MANAGER)
    auditors = [make_member(organisation) for _ in range(2)]
    skus = make_skus(organisation, 6)
    places = [
        make_store(organisation, chain=f"Chain {number}", region=f"Region {number % 2}")
        for number in range(stores)
    ]
    make_planogram(organisation, [store.bays.get() for store in places], [skus[:4]])
    return Shops(manager, auditors, skus, places)


def assess(visit: Visit) -> None:
    request(Visit.objects.filter(pk=visit.pk))
    assert assess_claimed(visit.pk) is True
