"""Values in addresses and forms that no screen of ours makes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from retail_exec.core import asked
from tests.factories import make_photo
from tests.results import make_run
from tests.retail_exec.world import World


@pytest.fixture
def client(world: World) -> Client:
    """The auditor's browser."""
    client = Client()
    client.force_login(world.auditor.user)
    return client


@pytest.fixture
def facing(world: World) -> int:
    """A facing's id."""
    rows = [world.skus[:1]]
    run = make_run(make_photo(world.visit, world.store.bays.get(), rows), rows)
    return run.facings.get().pk


@pytest.mark.parametrize("odd", ["\x00", "²", "9" * 30, "9" * 5000])
def test_odd_parameters_are_no_error(world: World, client: Client, facing: int, odd: str) -> None:
    assert client.get(reverse("visits:products", args=[facing]), {"q": odd}).status_code == 200
    assert client.get(reverse("visits:stores"), {"q": odd}).status_code == 200
    assert client.get(reverse("visits:photo", args=[world.photo.pk]), {"facing": odd}).status_code == 200
    correction = {"verdict": "product", "sku": odd}
    assert client.post(reverse("visits:correct", args=[facing]), correction).status_code == 404
    assert client.post(reverse("visits:move", args=[world.photo.pk]), {"bay": odd}).status_code == 302


def test_a_nul_in_a_search_is_passed_over(world: World, client: Client, facing: int) -> None:
    url = reverse("visits:products", args=[facing])
    assert world.skus[0].name in client.get(url, {"q": f"\x00{world.skus[0].code}"}).content.decode()


@pytest.mark.parametrize(
    ("value", "number"),
    [("17", 17), (17, 17), ("", None), ("²", None), ("1.5", None), ("-1", None), ("9" * 19, None)],
)
def test_what_is_a_number(value: object, number: int | None) -> None:
    assert asked.number(value) == number
