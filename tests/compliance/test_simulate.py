"""Made-up bays with injected events: the matcher names what was done, and next to nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.match import match_bay
from compliance.simulate import evaluate_planograms, make_scene
from compliance.simulate.given import as_stocked
from compliance.simulate.truth import named
from compliance.types import PlannedPosition, Planogram


def test_events_are_found_from_layouts() -> None:
    figures = evaluate_planograms(shelves=150, seed=3)
    f1 = figures["event_f1"]
    assert isinstance(f1, dict)
    assert f1["all"] >= 0.97
    assert {"misplaced", "missing", "substituted", "wrong_facings", "foreign", "unknown"} <= set(f1)
    assert all(value > 0.9 for value in f1.values())
    assert float(str(figures["score_within_1pt"])) >= 0.95
    assert figures["shelves"] == 150


def test_the_same_seed_gives_the_same_scene_and_match() -> None:
    one, two = make_scene(11), make_scene(11)
    assert [p.layout.facings for p in one.bay.photos] == [p.layout.facings for p in two.bay.photos]
    first = match_bay(one.bay, one.store.products)
    again = match_bay(two.bay, two.store.products)
    assert named(first) == named(again)
    assert first.positions == again.positions


def test_a_different_seed_gives_a_different_scene() -> None:
    assert make_scene(1).events != make_scene(2).events


def test_a_plan_without_geometry_is_matched_by_order() -> None:
    hits = said = true = 0
    for seed in range(40):
        scene = make_scene(seed)
        planned = scene.bay.planogram
        assert planned is not None
        bare = tuple(
            replace(p, x_cm=None, y_cm=None, width_cm=None, height_cm=None) for p in planned.positions
        )
        bay = replace(scene.bay, planogram=replace(planned, positions=bare))
        found = named(match_bay(bay, scene.store.products))
        hits, said, true = hits + len(found & scene.events), said + len(found), true + len(scene.events)
    assert 2 * hits / (said + true) >= 0.9


def test_a_given_plan_is_stocked_whatever_it_leaves_out() -> None:
    plan = Planogram(
        "Crisps",
        tuple(PlannedPosition(shelf, n, f"P{shelf}{n}", 2) for shelf in range(3) for n in range(6)),
    )
    products, stocked = as_stocked(plan)
    assert [p.x_cm for p in stocked.positions[:3]] == [0, 16, 32]
    assert stocked.width_cm == 96
    assert {p.sku for p in plan.positions} < set(products)
    figures = evaluate_planograms(40, 1, [(products, stocked)])
    assert figures["event_f1"]["all"] >= 0.95  # type: ignore[index]
    with pytest.raises(ValueError, match="'Empty' has no positions"):
        as_stocked(Planogram("Empty", ()))
