"""An organisation with one visit, seen by its auditor, a teammate and an outsider, each with an API key."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from rest_framework.test import APIClient

from compliance.models import Planogram
from retail_exec.accounts.models import Membership, Role
from retail_exec.accounts.services.api_keys import create_api_key
from retail_exec.catalog.models import Sku
from retail_exec.stores.models import Store
from retail_exec.visits.models import Photo, Visit
from tests import factories as make
from tests import results


@dataclass
class World:
    """Who is who. auditor made the visit; teammate is another auditor, manager sees all, outsider nothing."""

    auditor: Membership
    teammate: Membership
    manager: Membership
    outsider: Membership
    store: Store
    skus: list[Sku]
    visit: Visit
    photo: Photo
    planogram: Planogram


@pytest.fixture
def world(db: None) -> World:
    """A recognised and assessed visit with one product out of stock."""
    ours, theirs = make.make_organisation(), make.make_organisation()
    auditor, teammate = make.make_member(ours), make.make_member(ours)
    store = make.make_store(ours)
    skus = make.make_skus(ours, count=4)
    planogram = results.make_planogram(ours, list(store.bays.all()), [skus[:2], skus[2:]])
    visit = make.make_visit(auditor, store)
    rows = [skus[:2], [skus[2], None]]
    photo = make.make_photo(visit, store.bays.first(), rows)
    results.make_run(photo, rows)
    results.make_assessment(
        visit, kpis=[("facing_share", 2, 3), ("osa", 3, 4), ("eye_level", 0, 0)], missing=[skus[3]]
    )
    return World(
        auditor,
        teammate,
        make.make_member(ours, Role.MANAGER),
        make.make_member(theirs, Role.MANAGER),
        store,
        skus,
        visit,
        photo,
        planogram,
    )


def client(member: Membership) -> APIClient:
    """A program with a key of this member."""
    _, secret = create_api_key(member, "tests")
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    return api
