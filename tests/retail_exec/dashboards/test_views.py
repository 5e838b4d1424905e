"""The overview: right numbers under every filter, evidence behind each, few queries, only for the office."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import KpiResult
from compliance.services import rollups
from retail_exec.catalog.models import Brand
from retail_exec.dashboards import queries, sums
from retail_exec.dashboards.finders import PlotlyFinder
from retail_exec.dashboards.tiles import tiles
from retail_exec.stores.models import Store
from tests.factories import make_store
from tests.results import make_assessment
from tests.retail_exec.dashboards.visits import asked, signed_in, visit_of
from tests.retail_exec.world import World

QUERIES_FOR_THE_OVERVIEW = 40


def figure(page: str, name: str) -> dict:
    return json.loads(page.split(f'id="figure-{name}">')[1].split("</script>")[0])


def test_shares_are_pooled_over_visits_not_averaged(world: World) -> None:
    visit_of(world, make_store(world.manager.organisation), (9, 10))
    tile = tiles(asked(world))[0]
    assert (tile.numerator, tile.denominator) == (11, 13)
    assert tile.value == pytest.approx(11 / 13)


def test_a_replaced_assessment_no_longer_counts(world: World) -> None:
    make_assessment(world.visit, [("facing_share", 1, 4)])
    assert tiles(asked(world))[0].value == 0.25


def test_nothing_measured_is_not_zero(world: World) -> None:
    page = signed_in(world.manager).get(reverse("dashboards:overview")).content.decode()
    tile = next(t for t in tiles(asked(world)) if t.key == "linear_share")
    assert tile.value is None
    assert "Not measured yet" in page


@pytest.mark.parametrize("name", ["store", "chain", "region", "channel"])
def test_filters_leave_the_chosen_places(world: World, name: str) -> None:
    other = make_store(world.manager.organisation, chain="Corner & Co", region="South", channel="general")
    visit_of(world, other, (5, 5))
    chosen = {"store": other.pk, "chain": other.chain_id, "region": other.region_id, "channel": "general"}
    page = signed_in(world.manager).get(reverse("dashboards:overview"), {name: chosen[name]}).content.decode()
    assert "100.0 %" in page
    assert "5 of 5" in page


def test_the_period_leaves_the_chosen_days(world: World) -> None:
    visit_of(world, world.store, (0, 7), days_ago=40)
    client = signed_in(world.manager)
    since = str(timezone.localdate() - timedelta(days=28))
    recent = client.get(reverse("dashboards:overview"), {"date_from": since}).content.decode()
    everything = client.get(reverse("dashboards:overview")).content.decode()
    assert "2 of 3" in recent
    assert "2 of 10" in everything


def test_a_brand_is_measured_against_the_whole_shelf(world: World) -> None:
    brand = Brand.objects.filter(organisation=world.manager.organisation).first()
    assert brand is not None
    category = world.skus[0].category
    for visit, whole, part in (
        (world.visit, 3, 1),
        (visit_of(world, make_store(world.manager.organisation), (2, 5)), 5, 0),
    ):
        assessment = visit.assessments.get(current=True)
        rows = [(None, whole)] + ([(brand, part)] if part else [])
        for of, number in rows:
            KpiResult.objects.create(
                assessment=assessment,
                key="facing_share",
                category=category,
                brand=of,
                scope={"category": category.name},
                numerator=number if of else 0,
                denominator=whole,
                value=(number if of else 0) / whole,
                unit="share",
            )
    rollups.rebuild([world.manager.organisation_id])
    tile = tiles(asked(world, brand=brand))[0]
    assert (tile.numerator, tile.denominator) == (1, 8)


def without_a_bay(world: World, **more: object) -> KpiResult:
    """A facing share of a photo whose bay nobody chose: a section of the visit, like a bay."""
    return KpiResult.objects.create(
        assessment=world.visit.assessments.get(current=True),
        key="facing_share",
        scope={"bay": f"photo:{world.photo.pk}"},
        numerator=0,
        denominator=9,
        value=0,
        unit="share",
        **more,
    )


def test_a_photo_without_a_bay_is_counted_once(world: World) -> None:
    own, brand = world.skus[0].category, world.skus[0].brand
    whole = world.visit.assessments.get(current=True).kpis.get(key="facing_share")
    for scope in ({}, {"brand": brand}):
        KpiResult.objects.create(
            assessment=whole.assessment,
            key="facing_share",
            category=own,
            scope={"category": own.name},
            numerator=2,
            denominator=3,
            value=2 / 3,
            unit="share",
            **scope,
        )
        without_a_bay(world, category=own, **scope)
    without_a_bay(world)
    rollups.rebuild([world.manager.organisation_id])
    for chosen in ({}, {"category": own}, {"brand": brand}):
        tile = tiles(asked(world, **chosen))[0]
        assert (tile.numerator, tile.denominator) == (2, 3)
    assert [row["numerator"] for row in sums.by(asked(world), "facing_share", "brand")] == [2]
    assert list(queries.evidence(asked(world), "facing_share")) == [whole]


def test_a_photo_without_a_bay_is_called_so(world: World) -> None:
    row = without_a_bay(world)
    page = signed_in(world.manager).get(reverse("visits:kpi", args=[row.pk])).content.decode()
    assert "No bay chosen" in page
    assert f"photo:{world.photo.pk}" not in page


def test_charts_carry_the_link_to_their_evidence(world: World) -> None:
    client = signed_in(world.manager)
    page = client.get(reverse("dashboards:overview")).content.decode()
    bar = figure(page, "store")["data"][0]
    assert bar["y"] == [world.store.name]
    url = bar["customdata"][0][0]
    evidence = client.get(url).content.decode()
    kpi = world.visit.assessments.get(current=True).kpis.get(key="facing_share")
    assert reverse("visits:kpi", args=[kpi.pk]) in evidence
    assert "66.7 %" in evidence


def test_a_point_of_the_chart_keeps_to_the_chosen_period(world: World) -> None:
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday() + 35)
    for day in (monday - timedelta(days=42), monday, monday + timedelta(days=2)):
        visit_of(world, make_store(world.manager.organisation), (1, 4), days_ago=(today - day).days)
    client = signed_in(world.manager)
    for chosen in ({"date_from": monday + timedelta(days=1)}, {"date_to": monday + timedelta(days=1)}):
        page = client.get(reverse("dashboards:overview"), chosen).content.decode()
        line = next(d for d in figure(page, "time")["data"] if d["name"] == "Facing share")
        assert len(line["customdata"]) == 2
        for url, parts in line["customdata"]:
            assert parts in client.get(url).content.decode()


def test_a_name_cannot_break_out_of_the_chart(world: World) -> None:
    Store.objects.filter(pk=world.store.pk).update(name="</script><b>")
    page = signed_in(world.manager).get(reverse("dashboards:overview")).content.decode()
    assert figure(page, "store")["data"][0]["y"] == ["</script><b>"]


@pytest.mark.parametrize("name", ["overview", "evidence", "downloads"])
def test_auditors_have_other_work(world: World, name: str) -> None:
    url = reverse(f"dashboards:{name}")
    assert signed_in(world.auditor).get(url).status_code == 403
    assert signed_in(world.manager).get(url).status_code == 200


def test_another_organisation_sees_none_of_it(world: World) -> None:
    client = signed_in(world.outsider)
    page = client.get(reverse("dashboards:overview"), {"store": world.store.pk}).content.decode()
    assert world.store.name not in page
    assert "66.7 %" not in page


def test_downloads_pass_the_filters_on(world: World) -> None:
    page = (
        signed_in(world.manager)
        .get(reverse("dashboards:downloads"), {"store": world.store.pk})
        .content.decode()
    )
    assert f"{reverse('reports:facings')}?store={world.store.pk}" in page
    assert f"{reverse('reports:kpis')}?store={world.store.pk}" in page


def test_more_stores_cost_no_more_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.manager)
    for number in range(5):
        visit_of(
            world, make_store(world.manager.organisation, chain=f"Chain {number}"), (1, 2), missing=(0, 1)
        )
    with django_assert_max_num_queries(QUERIES_FOR_THE_OVERVIEW) as counted:
        client.get(reverse("dashboards:overview"))
    few = len(counted)
    for number in range(5):
        visit_of(
            world, make_store(world.manager.organisation, chain=f"More {number}"), (1, 2), missing=(0, 1)
        )
    with django_assert_max_num_queries(few):
        page = client.get(reverse("dashboards:overview")).content.decode()
    assert "More 4" in page


def test_of_plotlys_wheel_only_the_script_is_served() -> None:
    finder = PlotlyFinder()
    assert finder.find("plotly/plotly.min.js").endswith("plotly.min.js")
    assert finder.find("plotly/widgetbundle.js") == []
    assert [path for path, _ in finder.list(None)] == ["plotly.min.js"]
