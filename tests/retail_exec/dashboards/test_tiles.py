"""A tile whose value lies beside its interval says so; one whose value lies in it keeps quiet."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from compliance.models import KpiResult
from compliance.services import rollups
from retail_exec.dashboards.tiles import tiles
from tests.factories import make_store
from tests.retail_exec.dashboards.visits import asked, signed_in, visit_of
from tests.retail_exec.world import World


@pytest.fixture
def doubtful(world: World) -> World:
    """Two stores, all there are, counted 2 of 3 and 8 of 10; of both fewer are expected to be right."""
    visit_of(world, make_store(world.manager.organisation), (8, 10))
    KpiResult.objects.filter(key="facing_share").update(expected=0.5, low=0.45, high=0.55)
    rollups.rebuild([world.manager.organisation_id])
    return world


def test_a_value_beside_its_interval_is_explained(doubtful: World) -> None:
    tile = tiles(asked(doubtful))[0]
    assert tile.value == pytest.approx(10 / 13)
    assert tile.expected == pytest.approx(0.5)
    assert tile.low < 0.5 < tile.high < tile.value
    client = signed_in(doubtful.manager)
    page = html.unescape(client.get(reverse("dashboards:overview")).content.decode())
    assert page.count("Doubtful facings counted in full; 50.0 % expected") == 1
    page = html.unescape(client.get(reverse("dashboards:evidence")).content.decode())
    assert "Allowing for recognition errors, 50.0 % is expected" in page


def test_a_value_within_it_needs_no_words(world: World) -> None:
    visit_of(world, make_store(world.manager.organisation), (8, 10))
    tile = tiles(asked(world))[0]
    assert tile.low is not None
    assert not tile.beside
    page = signed_in(world.manager).get(reverse("dashboards:overview")).content.decode()
    assert "doubtful facings in full" not in page
