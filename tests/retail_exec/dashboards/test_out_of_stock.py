"""What is out of stock now, since when, and which stores need a visit."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from compliance.services import rollups
from retail_exec.dashboards import missing, queries
from retail_exec.visits.models import Visit
from tests.factories import make_store
from tests.retail_exec.dashboards.visits import asked, availability, signed_in, visit_of
from tests.retail_exec.world import World


def test_missing_products_say_since_when(world: World) -> None:
    code = world.skus[3].code
    seen = visit_of(world, world.store, (1, 2), days_ago=20)
    availability(seen, code, present=True)
    visit_of(world, world.store, (1, 2), days_ago=30, missing=(3,))
    first = visit_of(world, world.store, (1, 2), days_ago=10, missing=(3,))
    now = missing.out_of_stock_now(asked(world))
    assert [(row.sku, row.since) for row in now] == [(world.skus[3], first.started_at)]
    assert now[0].assessment.visit == world.visit


def test_a_visit_says_nothing_of_what_it_did_not_assess(world: World) -> None:
    first = visit_of(world, world.store, (1, 2), days_ago=9, missing=(1,))
    visit_of(world, world.store, (1, 2), days_ago=5, missing=(0, 1))
    availability(world.visit, world.skus[0].code, present=True)
    now = missing.out_of_stock_now(asked(world))
    assert [(row.sku, row.since) for row in now] == [
        (world.skus[1], first.started_at),
        (world.skus[3], world.visit.started_at),
    ]


def test_one_store_says_nothing_of_another(world: World) -> None:
    other = visit_of(world, make_store(world.manager.organisation), (1, 2), days_ago=5, missing=(0, 3))
    availability(world.visit, world.skus[0].code, present=True)
    found = {(r.assessment.visit.store, r.sku) for r in missing.out_of_stock_now(asked(world))}
    assert found == {(world.store, world.skus[3]), (other.store, world.skus[0]), (other.store, world.skus[3])}


def test_a_period_in_the_past_knows_nothing_of_later_visits(world: World) -> None:
    first = visit_of(world, world.store, (1, 2), days_ago=30, missing=(0,))
    last = visit_of(world, world.store, (1, 2), days_ago=20, missing=(0,))
    availability(world.visit, world.skus[0].code, present=True)
    day = timezone.localdate(last.started_at)
    then = asked(world, chosen={"date_from": day, "date_to": day})
    assert [(row.sku, row.since) for row in missing.out_of_stock_now(then)] == [
        (world.skus[0], first.started_at)
    ]


def test_a_product_given_up_is_not_out_of_stock(world: World) -> None:
    world.skus[3].active = False
    world.skus[3].save()
    assert missing.out_of_stock_now(asked(world)) == []


def test_a_store_without_a_visit_in_the_period_is_not_called_never_visited(world: World) -> None:
    Visit.objects.filter(pk=world.visit.pk).update(started_at=timezone.now() - timedelta(days=50))
    rollups.rebuild([world.manager.organisation_id])
    visit_of(world, make_store(world.manager.organisation), (1, 2))
    client, url = signed_in(world.manager), reverse("dashboards:overview")
    since = str(timezone.localdate() - timedelta(days=28))
    assert "No assessed visit in this period" in client.get(url, {"date_from": since}).content.decode()
    make_store(world.manager.organisation)
    assert "No assessed visit yet" in client.get(url).content.decode()


def test_the_worst_store_comes_first_after_those_never_seen(world: World) -> None:
    fine = make_store(world.manager.organisation)
    visit_of(world, fine, (1, 2))
    never = make_store(world.manager.organisation)
    shown = asked(world)
    found = queries.needs(shown, missing.out_of_stock_now(shown))
    assert [need.store for need in found] == [never, world.store, fine]
    assert found[1].missing == 1


def test_what_keeps_running_out_is_named_everywhere(world: World) -> None:
    sku = world.skus[0]
    for days in (60, 40, 20):
        visit_of(world, world.store, (1, 2), days_ago=days, missing=(0,))
        availability(visit_of(world, world.store, (1, 2), days_ago=days - 10), sku.code, present=True)
    found = missing.repeats(asked(world))
    assert [(row.sku, row.store, row.times, row.now) for row in found] == [(sku, world.store, 3, False)]
    client = signed_in(world.manager)
    assert "3 times" in client.get(reverse("dashboards:overview")).content.decode()
    file = client.get(reverse("reports:out_of_stock"), {"repeated": 3})
    lines = b"".join(file).decode().splitlines()  # type: ignore[arg-type]
    assert [line.split(",")[4] for line in lines[1:]] == [sku.code]
    rows = client.get("/api/v1/spells/", {"repeated": 3}).json()["results"]
    assert [(row["sku"], row["times"], row["until"] is None) for row in rows] == [(sku.code, 3, False)]
    assert signed_in(world.outsider).get("/api/v1/spells/").json()["count"] == 0
    assert signed_in(world.teammate).get("/api/v1/spells/").json()["count"] == 0
