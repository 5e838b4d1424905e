"""Assessing a visit: edges of the KPIs, evidence, definitions, out-of-stocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.assess import assess_visit
from compliance.kpis import configuration, definition_version, definitions
from compliance.simulate import make_scene
from compliance.types import BayInput, KpiValue, VisitAssessment, VisitInput

from .scenes import PRODUCTS, bay, layout, plan

PLAN = "A A B C\nD D E E"


def assess(
    *bays: BayInput, expected: str = "", options: dict[str, dict[str, object]] | None = None
) -> VisitAssessment:
    return assess_visit(VisitInput(bays, PRODUCTS, frozenset(expected.split()), options or {}))


def value(assessment: VisitAssessment, key: str, **scope: str) -> KpiValue:
    found = [k for k in assessment.kpis if k.key == key and k.scope == scope]
    assert len(found) == 1
    return found[0]


def test_nothing_photographed_is_not_measurable_and_never_zero() -> None:
    assessment = assess(bay(planogram=plan(PLAN)), expected="A Z")
    for key in ("osa", "msl_compliance", "planogram_strict", "planogram_sequence"):
        kpi = value(assessment, key)
        assert kpi.value is None
        assert kpi.coverage == 0.0
        assert (kpi.low, kpi.high) == (None, None)
    assert not [k for k in assessment.kpis if k.key == "facing_share"]
    assert not assessment.out_of_stock


def test_a_shelf_of_unknown_products_has_no_share() -> None:
    share = value(assess(bay("? ?")), "facing_share")
    assert share.value is None
    assert share.low is None


def test_a_visit_without_bays() -> None:
    assessment = assess(expected="A")
    assert value(assessment, "osa").value is None
    assert not assessment.matches


def test_two_bays_add_up_and_stand_alone() -> None:
    assessment = assess(bay("A X", key="1"), bay("B B X X X X", key="2"))
    assert value(assessment, "facing_share").value == 3 / 8
    assert value(assessment, "facing_share", bay="1").value == 1 / 2
    assert value(assessment, "facing_share", bay="2", category="Crisps").value == 2 / 6


def test_coverage_falls_with_a_bay_that_was_not_photographed() -> None:
    share = value(assess(bay("A X", key="1"), bay(key="2")), "facing_share")
    assert share.value == 1 / 2
    assert share.coverage == 1 / 2


def test_the_one_photographed_bay_has_its_own_coverage() -> None:
    assessment = assess(bay("A X", key="1"), bay(planogram=plan(PLAN), key="2"))
    assert value(assessment, "facing_share").coverage == 0.5
    assert value(assessment, "facing_share", bay="1").coverage == 1.0


def test_a_product_that_may_stand_in_a_bay_not_photographed_is_not_assessed() -> None:
    assessment = assess(bay("A X", key="1"), bay(key="2"), expected="A B")
    osa = value(assessment, "osa")
    assert (osa.numerator, osa.denominator, osa.coverage) == (1.0, 1.0, 0.5)
    assert "1 expected products not assessed" in osa.note
    elsewhere = assess(bay("A X", key="1"), bay(key="2", planogram=plan("D")), expected="A B")
    assert (
        value(
            elsewhere,
            "osa",
        ).denominator
        == 2.0
    )
    assert [(o.sku, o.kind) for o in elsewhere.out_of_stock] == [("B", "void")]


def test_out_of_stock_shows_the_gap_and_void_has_no_place() -> None:
    assessment = assess(bay("A A . C\nD D E E", planogram=plan(PLAN)), expected="A Z")
    found = {o.sku: o for o in assessment.out_of_stock}
    assert {sku: o.kind for sku, o in found.items()} == {"B": "oos", "Z": "void"}
    assert [gap.kind for gap in found["B"].gaps] == ["gap"]
    assert found["B"].bays == ("bay",)


def test_another_planogram_is_left_out_with_a_note() -> None:
    wrong = bay("X X X X\nY Y Z Z", planogram=plan(PLAN), key="1")
    right = bay(PLAN, planogram=plan(PLAN), key="2")
    strict = value(assess(wrong, right), "planogram_strict")
    assert (strict.numerator, strict.denominator, strict.coverage) == (5.0, 5.0, 0.5)
    assert "another planogram seems to apply: Bay 1" in strict.note


def test_eye_level_leaves_out_bays_that_do_not_say() -> None:
    low = replace(bay("A\nB B", key="1"), eye_level=frozenset({1}))
    assessment = assess(low, bay("C C C", key="2"))
    assert value(assessment, "eye_level_share").value == 2 / 3


def test_linear_share_takes_its_scale_from_products_or_the_bay() -> None:
    drawn = bay("A X")
    unscaled = replace(drawn.photos[0], layout=layout("A X", cm_per_px=None))
    by_products = value(assess(replace(drawn, photos=(unscaled,))), "linear_share")
    assert by_products.numerator == pytest.approx(10.0)
    bare = {sku: replace(p, width_cm=None) for sku, p in PRODUCTS.items()}
    by_bay = assess_visit(VisitInput((replace(drawn, photos=(unscaled,), width_cm=30.0),), bare))
    assert value(by_bay, "linear_share").numerator == pytest.approx(15.0)
    without = assess_visit(VisitInput((replace(drawn, photos=(unscaled,)),), bare))
    assert value(without, "linear_share").value is None


def test_doubt_gives_an_interval_and_certainty_none() -> None:
    sure = value(assess(bay("A A X X")), "facing_share")
    assert (sure.low, sure.high) == (0.5, 0.5)
    drawn = bay("A A X X")
    doubtful = replace(drawn.photos[0], layout=layout("A A X X", confidence=0.7))
    share = value(assess(replace(drawn, photos=(doubtful,))), "facing_share")
    assert share.low is not None
    assert share.high is not None
    assert share.low < 0.5 < share.high


@pytest.mark.parametrize("seed", range(8))
def test_evidence_adds_up_to_every_value(seed: int) -> None:
    scene = make_scene(seed)
    expected = frozenset(sorted(scene.store.products)[:30])
    assessment = assess_visit(VisitInput((scene.bay,), scene.store.products, expected))
    assert len(assessment.kpis) > 30
    for kpi in assessment.kpis:
        assert sum(i.weight for i in kpi.numerator_items) == pytest.approx(kpi.numerator), kpi.key
        assert sum(i.weight for i in kpi.denominator_items) == pytest.approx(kpi.denominator), kpi.key
        assert kpi.value is None or -1e-9 <= kpi.value <= 1 + 1e-9
        assert kpi.coverage is None or 0 <= kpi.coverage <= 1


def test_the_same_visit_gives_the_same_answer() -> None:
    scene = make_scene(4)
    visit = VisitInput((scene.bay,), scene.store.products)
    assert assess_visit(visit) == assess_visit(visit)


def test_bays_with_the_same_key_are_refused() -> None:
    with pytest.raises(ValueError, match="bay keys must differ"):
        assess(bay("A"), bay("B"))


def test_definitions_are_listed_and_versioned() -> None:
    listed = {str(d["key"]): d for d in definitions()}
    assert {"facing_share", "osa", "planogram_strict", "occupancy"} <= set(listed)
    assert all(d["title"] and d["explanation"] and d["unit"] for d in listed.values())
    usual = definition_version()
    assert usual.startswith("kpi-")
    assert definition_version({"facing_share": {"include_unknown": False}}) == usual
    changed = definition_version({"facing_share": {"include_unknown": True}})
    assert changed != usual
    assessment = assess(bay("A"), options={"facing_share": {"include_unknown": True}})
    assert assessment.definition == changed
    options = configuration({"facing_share": {"stack": "column"}})["facing_share"]
    assert isinstance(options, dict)
    assert options["options"] == {"stack": "column", "include_gaps": False, "include_unknown": False}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"facing_shares": {}}, "unknown KPI 'facing_shares'; known: area_share"),
        ({"osa": {"stack": "all"}}, "KPI 'osa' has no option 'stack'; it has: expected"),
        ({"facing_share": {"stack": "row"}}, "expected one of 'all', 'column', got 'row'"),
        ({"facing_share": {"include_gaps": 1}}, "expected true or false, got 1"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, dict[str, object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        assess(bay("A"), options=options)
