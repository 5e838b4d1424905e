"""What a visit is held against besides plans: prices, promotions, stock, display material, scorecards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from compliance.assess import assess_visit
from compliance.targets import ElementKind, Pillar, Promotion, PromotionElement, Scorecard, Stock, Targets
from compliance.types import BayInput, FacingRef, KpiValue, VisitAssessment, VisitInput
from recognition.types import PriceTag

from .scenes import PRODUCTS, PX, ROW_PX, bay, layout, plan

PLAN = "A A B C\nD D E E"


def tagged(drawn: BayInput, *rows: str, text: str = "") -> BayInput:
    """The bay with price tags on its only photo: by shelf, one word a column, ``?`` cannot be read."""
    tags = []
    for shelf, row in enumerate(rows):
        for column, word in enumerate(row.split()):
            if word != "_":
                box = (column * PX + 5, (shelf + 1) * ROW_PX, column * PX + 35, (shelf + 1) * ROW_PX + 8)
                price = None if word == "?" else Decimal(word)
                tags.append(PriceTag(box, box, shelf, text=text, price=price, readable=price is not None))
    photo = drawn.photos[0]
    shown = replace(photo, layout=replace(photo.layout, price_tags=tuple(tags)))
    return replace(drawn, photos=(shown,))


def assess(*bays: BayInput, targets: Targets, expected: str = "") -> VisitAssessment:
    return assess_visit(VisitInput(bays, PRODUCTS, frozenset(expected.split()), targets=targets))


def value(assessment: VisitAssessment, key: str, **scope: str) -> KpiValue:
    found = [k for k in assessment.kpis if k.key == key and k.scope == scope]
    assert len(found) == 1
    return found[0]


def promotion(*elements: PromotionElement) -> Targets:
    return Targets(promotions=(Promotion("1", "Autumn", elements),))


def test_without_targets_nothing_is_said_of_them() -> None:
    keys = {k.key for k in assess(bay("A X"), targets=Targets()).kpis}
    assert keys.isdisjoint({"price_compliance", "promo_compliance", "perfect_store", "fair_share_index"})


@pytest.mark.parametrize(
    ("tags", "stock", "kind"),
    [
        ("1 _ 1 _\n1 _ 1 _", 0, "oos"),
        ("1 _ _ 1\n1 _ 1 _", 0, "void"),
        ("", 0, "oos"),
        ("1 _ _ 1\n1 _ 1 _", 6, "phantom"),
        ("1 _ 1 1\n1 _ 1 _", 6, "phantom"),
    ],
)
def test_what_an_absence_seems_to_be(tags: str, stock: int, kind: str) -> None:
    drawn = tagged(bay("A A . C\nD D E E", planogram=plan(PLAN)), *tags.splitlines())
    targets = Targets(stock={"B": Stock(float(stock), "2026-11-20")})
    gone = assess(drawn, targets=targets).out_of_stock
    assert [(o.sku, o.kind) for o in gone] == [("B", kind)]
    assert (len(gone[0].tags) == 1) is ("1 _ 1" in tags.split("\n")[0])
    assert gone[0].note or kind == "oos"


def test_a_price_never_changes_a_position_and_tags_show_once() -> None:
    drawn = bay(PLAN, PLAN, planogram=plan(PLAN))
    plain = assess(drawn, targets=Targets(prices={"A": 2.0}))
    photos = tuple(tagged(replace(drawn, photos=(p,)), "9 _ _ _").photos[0] for p in drawn.photos)
    priced = assess(replace(drawn, photos=photos), targets=Targets(prices={"A": 2.0}))
    assert priced.matches["bay"].positions == plain.matches["bay"].positions
    assert value(plain, "price_compliance").value is None
    assert value(plain, "price_compliance").note == "No price tag was seen."
    wrong = value(priced, "price_compliance")
    assert (wrong.numerator, wrong.denominator) == (0.0, 1.0)
    assert wrong.denominator_items[0].note == "shows 9.00, expected 2.00"
    assert wrong.denominator_items[0].ref == FacingRef("p1", 0, "tag")


def test_display_material_is_on_no_side_of_a_share() -> None:
    with_z = assess(bay("A X Z"), targets=Targets(materials=frozenset({"Z"})))
    assert value(with_z, "facing_share", category="Crisps").denominator == 2.0
    assert value(with_z, "occupancy").denominator == pytest.approx(20.0)
    material = PromotionElement(ElementKind.MATERIAL, "Wobbler", frozenset({"Z"}))
    targets = replace(promotion(material), materials=frozenset({"Z"}))
    assert value(assess(bay("A X Z"), targets=targets), "promo_compliance").value == 1.0
    assert value(assess(bay("A X"), targets=targets), "promo_compliance").value == 0.0
    unseen = value(assess(bay("A X", key="1"), bay(key="2"), targets=targets), "promo_compliance")
    assert unseen.value is None
    assert unseen.coverage == 0.0
    assert "not every bay" in unseen.note


@pytest.mark.parametrize(
    ("element", "tags", "found"),
    [
        (PromotionElement(ElementKind.PRODUCT, "", frozenset("A"), 2), "", True),
        (PromotionElement(ElementKind.PRODUCT, "", frozenset("A"), 3), "", False),
        (PromotionElement(ElementKind.DISPLAY, "", frozenset("AC"), 1, "BAY bay"), "", True),
        (PromotionElement(ElementKind.DISPLAY, "", frozenset("A"), 1, "End"), "", None),
        (PromotionElement(ElementKind.PRICE, "", frozenset("A"), price=1.5), "1.50 _ _ _", True),
        (PromotionElement(ElementKind.PRICE, "", frozenset("A"), price=1.5), "1.99 _ _ _", False),
        (PromotionElement(ElementKind.PRICE, "", frozenset("A"), price=1.5), "? _ _ _", None),
        (PromotionElement(ElementKind.PRICE, "", frozenset("A"), price=1.5), "_ _ _ 1.50", False),
        (PromotionElement(ElementKind.PRICE, "", frozenset("A"), price=1.5), "", None),
        (PromotionElement(ElementKind.TAG, "", frozenset("A"), text="now  LESS"), "1.50 _ _ _", True),
        (PromotionElement(ElementKind.TAG, "", frozenset("A"), text="new"), "1.50 _ _ _", False),
    ],
)
def test_elements_of_a_promotion(element: PromotionElement, tags: str, found: bool | None) -> None:
    drawn = tagged(bay("A A X C"), tags, text="Now less:\n1.50")
    promo = value(assess(drawn, targets=promotion(element)), "promo_compliance")
    assert promo.value == (None if found is None else float(found))
    assert bool(promo.note) is (found is None)
    of_one = value(assess(drawn, targets=promotion(element)), "promo_compliance", promotion="Autumn")
    assert promo == of_one._replace(scope={})


def test_doubt_carries_over_to_promotions_and_scorecards() -> None:
    drawn = bay("A A X X")
    doubtful = replace(drawn.photos[0], layout=layout("A A X X", confidence=0.7))
    element = PromotionElement(ElementKind.PRODUCT, "", frozenset("A"), 2)
    card = Scorecard("Shops", 3, (Pillar("facing_share", 60.0, 0.8), Pillar("eye_level_share", 40.0)))
    targets = replace(promotion(element), scorecard=card)
    assessment = assess(replace(drawn, photos=(doubtful,)), targets=targets)
    promo = value(assessment, "promo_compliance")
    assert (promo.low, promo.high) == (0.0, 1.0)
    assert promo.expected == pytest.approx(0.49)
    score = value(assessment, "perfect_store")
    assert (score.numerator, score.denominator) == pytest.approx((37.5, 60.0))
    assert score.low is not None
    assert score.high is not None
    assert score.low < 0.625 < score.high
    assert "version 3" in score.note
    assert "40% of the weight, spread over the others): Eye-level share" in score.note
    assert [item.kpi for item in score.numerator_items] == ["facing_share"]


def test_a_scorecard_of_nothing_assessed_has_no_score() -> None:
    card = Scorecard("Shops", 1, (Pillar("eye_level_share", 1.0),))
    score = value(assess(bay("A"), targets=Targets(scorecard=card)), "perfect_store")
    assert score.value is None
    assert (score.low, score.high, score.coverage) == (None, None, 0.0)
    with pytest.raises(ValueError, match="weight and target must be above 0"):
        Pillar("osa", 0.0)


def test_identity_differs_with_every_part() -> None:
    element = PromotionElement(ElementKind.PRODUCT, "", frozenset("A"))
    ways = [
        Targets(),
        Targets(prices={"A": 1.0}),
        promotion(element),
        promotion(replace(element, facings=2)),
        Targets(market_shares={("Crisps", None): 0.5}),
        Targets(market_shares={("Crisps", "Our"): 0.5}),
        Targets(stock={"A": Stock(1.0)}),
        Targets(store_sales=1.0),
        Targets(sku_sales={"A": 1.0}),
        Targets(materials=frozenset("A")),
        Targets(scorecard=Scorecard("a", 1, (Pillar("osa", 1.0),))),
        Targets(scorecard=Scorecard("a", 1, (Pillar("osa", 1.0),), proportional=False)),
    ]
    told = [str(way.identity()) for way in ways]
    assert len(set(told)) == len(ways)
    assert told == [str(way.identity()) for way in ways]
