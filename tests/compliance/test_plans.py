"""Which planogram holds for a bay: the nearest assignment first, then the latest version in force."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from compliance.models import Planogram, PlanogramAssignment
from compliance.services.plans import PlansInForce
from retail_exec.accounts.models import Organisation
from retail_exec.stores.models import Bay, Cluster, Store
from tests import factories as make

DAY = date(2026, 5, 4)


@pytest.fixture
def ours(db: None) -> Organisation:
    return make.make_organisation()


@pytest.fixture
def store(ours: Organisation) -> Store:
    return make.make_store(ours, bays=["Crisps 1", "Nuts"])


def plan(ours: Organisation, name: str, version: int = 1, **more: object) -> Planogram:
    return Planogram.objects.create(organisation=ours, name=name, version=version, **more)


def assign(ours: Organisation, name: str, bay: str = "Crisps 1", **target: object) -> PlanogramAssignment:
    return PlanogramAssignment.objects.create(organisation=ours, planogram=name, bay=bay, **target)


def found(bay: Bay, day: date = DAY) -> tuple[str, int, str] | None:
    one = PlansInForce(bay.store.organisation_id).explain(bay, day)
    return (one.planogram.name, one.planogram.version, one.level) if one else None


def test_the_nearest_assignment_wins(ours: Organisation, store: Store) -> None:
    bay = store.bays.get(name="Crisps 1")
    assert found(bay) is None
    cluster = Cluster.objects.create(organisation=ours, name="Stations")
    cluster.stores.add(store)
    for number, (level, target) in enumerate(
        [("chain", store.chain), ("cluster", cluster), ("store", store)], start=1
    ):
        plan(ours, level, effective_from=date(2026, 5, 5 - number))
        assign(ours, level, "crisps 1", **{level: target})
        assert found(bay) == (level, 1, level)
    plan(ours, "bay").bays.add(bay)
    assert found(bay) == ("bay", 1, "bay")
    assert found(store.bays.get(name="Nuts")) is None


def test_a_plan_not_yet_or_no_longer_in_force_leaves_the_word_to_the_next_level(
    ours: Organisation, store: Store
) -> None:
    bay = store.bays.get(name="Crisps 1")
    plan(ours, "Of the chain")
    assign(ours, "Of the chain", chain=store.chain)
    plan(ours, "Of the bay", effective_from=DAY, effective_to=date(2026, 5, 10)).bays.add(bay)
    assert found(bay, date(2026, 5, 3)) == ("Of the chain", 1, "chain")
    assert found(bay, DAY) == ("Of the bay", 1, "bay")
    assert found(bay, date(2026, 5, 11)) == ("Of the chain", 1, "chain")


def test_the_latest_version_in_force_is_taken_and_never_a_draft(ours: Organisation, store: Store) -> None:
    bay = store.bays.get(name="Crisps 1")
    assign(ours, "P", store=store)
    for version, start in ((1, None), (2, date(2026, 3, 1)), (3, date(2026, 6, 1))):
        plan(ours, "P", version, effective_from=start)
    plan(ours, "P", 4, effective_from=date(2026, 4, 1), draft=True)
    days = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 6, 2))
    assert [found(bay, day) for day in days] == [("P", 1, "store"), ("P", 2, "store"), ("P", 3, "store")]


def test_other_stores_and_organisations_are_left_alone(ours: Organisation, store: Store) -> None:
    theirs = make.make_organisation()
    plan(theirs, "P")
    plan(ours, "P")
    assign(ours, "P", chain=store.chain)
    elsewhere = make.make_store(ours, chain="Fennmart", bays=["Crisps 1"])
    assert found(elsewhere.bays.get()) is None
    assert found(make.make_store(theirs, bays=["Crisps 1"]).bays.get()) is None
    sister = make.make_store(ours, bays=["CRISPS 1"])
    assert found(sister.bays.get()) == ("P", 1, "chain")


def test_all_is_loaded_at_once(
    ours: Organisation, store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan(ours, "P")
    assign(ours, "P", chain=store.chain)
    bays = [bay for _ in range(3) for bay in make.make_store(ours, bays=["Crisps 1"]).bays.all()]
    with django_assert_num_queries(5):
        plans = PlansInForce(ours.pk)
        assert all(plans.for_bay(bay, DAY) is not None for bay in bays)


@pytest.mark.parametrize("targets", [[], ["store", "chain"]])
def test_an_assignment_names_one_target(ours: Organisation, store: Store, targets: list[str]) -> None:
    chosen = {"store": store, "chain": store.chain}
    with pytest.raises(IntegrityError, match="assignment_to_one_target"), transaction.atomic():
        assign(ours, "P", **{target: chosen[target] for target in targets})
    assert not PlanogramAssignment.objects.exists()


def test_an_assignment_is_made_once(ours: Organisation, store: Store) -> None:
    assign(ours, "P", store=store)
    with pytest.raises(IntegrityError, match="assignment_once"), transaction.atomic():
        assign(ours, "P", "CRISPS 1", store=store)
    assert PlanogramAssignment.objects.count() == 1
