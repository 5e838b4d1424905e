"""Owner, teammate and outsider on every list, and keys that work, are revoked or are wrong."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from compliance.models import KpiResult, OutOfStock
from recognition.models import Facing
from retail_exec.accounts.models import ApiKey
from retail_exec.accounts.services.api_keys import create_api_key, find_api_key, revoke_api_key
from retail_exec.stores.models import Region
from tests import factories as make
from tests.retail_exec.world import World, client

OF_VISITS = ["visit", "photo", "facing", "kpiresult", "outofstock"]
SHARED = ["store", "sku", "planogram"]


def row_of(world: World, name: str) -> int:
    """Id of a row of our organisation."""
    rows = {
        "visit": world.visit,
        "photo": world.photo,
        "facing": Facing.objects.first(),
        "kpiresult": KpiResult.objects.first(),
        "outofstock": OutOfStock.objects.first(),
        "store": world.store,
        "sku": world.skus[0],
        "planogram": world.planogram,
    }
    row = rows[name]
    assert row is not None
    return int(row.pk)


@pytest.mark.parametrize("name", OF_VISITS + SHARED)
def test_who_sees_what(world: World, name: str) -> None:
    many, one = reverse(f"api:{name}-list"), reverse(f"api:{name}-detail", args=[row_of(world, name)])
    for member, sees in [
        (world.auditor, True),
        (world.manager, True),
        (world.teammate, name in SHARED),
        (world.outsider, False),
    ]:
        api = client(member)
        assert bool(api.get(many).json()["count"]) is sees, member
        assert api.get(one).status_code == (200 if sees else 404), member


@pytest.mark.parametrize("name", OF_VISITS + SHARED)
def test_nobody_reads_without_signing_in(world: World, name: str) -> None:
    answer = APIClient().get(reverse(f"api:{name}-list"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Api-Key"


def test_a_signed_in_person_needs_no_key(world: World) -> None:
    api = APIClient()
    assert api.login(email=world.manager.user.email, password=make.PASSWORD)
    assert api.get(reverse("api:visit-list")).json()["count"] == 1


def test_a_person_without_organisation_is_told(world: World) -> None:
    world.manager.user.memberships.all().delete()
    api = APIClient()
    api.force_login(world.manager.user)
    answer = api.get(reverse("api:visit-list"))
    assert answer.status_code == 403
    assert "no organisation" in answer.json()["detail"]


def test_only_the_digest_of_a_key_is_kept(world: World) -> None:
    key, secret = create_api_key(world.manager, "till system")
    assert secret not in ApiKey.objects.values_list("digest", "prefix", "name").get(pk=key.pk)
    assert find_api_key(secret) == key
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None


@pytest.mark.parametrize("wrong", ["revoked", "unknown", "person gone"])
def test_a_key_that_no_longer_counts(world: World, wrong: str) -> None:
    key, secret = create_api_key(world.manager, "till system")
    if wrong == "revoked":
        revoke_api_key(key)
    elif wrong == "unknown":
        secret = secret[::-1]
    else:
        world.manager.user.is_active = False
        world.manager.user.save()
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    answer = api.get(reverse("api:visit-list"))
    assert answer.status_code == 401
    assert answer.json()["detail"] == "This API key is unknown or has been revoked."


def test_another_organisations_region_is_no_choice(world: World) -> None:
    theirs = Region.objects.create(organisation=world.outsider.organisation, name="East")
    answer = client(world.manager).get(reverse("api:visit-list"), {"region": theirs.pk})
    assert answer.status_code == 400
    assert "region" in answer.json()
