"""Azure-style JSON: round trip, facings into blocks, detections in and matches out, errors by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from compliance.importers import ImportedPlanogram, PlanogramFileError, export, parse, resolve, sniff
from compliance.importers.azure_match import detections, matched
from compliance.match import match_bay
from compliance.types import BayInput, BayPhoto, Product

from .strategies import planograms, same


def document(**changes: Any) -> dict[str, Any]:
    plan = {
        "width": 100.0,
        "height": 80.0,
        "products": [
            {"id": "A", "name": "Apple", "w": 10.0, "h": 20.0},
            {"id": "B", "name": "Pear", "w": 15.0, "h": 20.0},
        ],
        "fixtures": [
            {"id": "low", "w": 100.0, "h": 40.0, "x": 0.0, "y": 40.0},
            {"id": "top", "w": 100.0, "h": 40.0, "x": 0.0, "y": 0.0},
        ],
        "positions": [
            {"id": "1", "productId": "A", "fixtureId": "top", "x": 0.0, "y": 20.0},
            {"id": "2", "productId": "A", "fixtureId": "top", "x": 10.0, "y": 20.0},
            {"id": "3", "productId": "B", "fixtureId": "top", "x": 20.0, "y": 20.0},
            {"id": "4", "productId": "A", "fixtureId": "low", "x": 0.0, "y": 40.0},
            {"id": "5", "productId": "A", "fixtureId": "low", "x": 0.0, "y": 60.0},
        ],
    }
    return {"planogram": {**plan, **changes}}


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


@given(planograms())
@settings(max_examples=25, deadline=None)
def test_round_trip_loses_nothing(plan: ImportedPlanogram) -> None:
    back = parse(export([plan], "azure"))
    assert not back.left
    assert same(plan, back.planograms[0], exact=False)


def test_facings_become_positions_and_fixtures_shelves() -> None:
    data = dump(document())
    assert sniff(data) == "azure"
    (plan,) = parse(data, "bay 7.json").planograms
    placed = [
        (p.shelf, p.position, p.sku, p.facings_wide, p.facings_high, p.width_cm) for p in plan.positions
    ]
    assert placed == [(0, 0, "A", 2, 1, 20.0), (0, 1, "B", 1, 1, 15.0), (1, 0, "A", 1, 2, 10.0)]
    assert (plan.name, plan.width_cm, plan.positions[0].name) == ("bay 7", 100.0, "Apple")


def test_separate_blocks_of_one_product_stay_apart() -> None:
    positions = [
        {"id": str(n), "productId": "A", "fixtureId": "top", "x": x, "y": 0}
        for n, x in enumerate([0, 10, 60])
    ]
    (plan,) = parse(dump(document(positions=positions))).planograms
    assert [p.facings_wide for p in plan.positions] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        (
            {"positions": [{"id": "1", "productId": "Z", "fixtureId": "top", "x": 0, "y": 0}]},
            "positions[0].productId",
            "no product has the id 'Z'.",
        ),
        (
            {"positions": [{"id": "1", "productId": "A", "fixtureId": "x", "x": 0, "y": 0}]},
            "positions[0].fixtureId",
            "no usable fixture has the id 'x'.",
        ),
        (
            {"positions": [{"id": "1", "productId": "A", "fixtureId": "top", "x": "left", "y": 0}]},
            "positions[0].x",
            "expected a number, found 'left'.",
        ),
        ({"positions": [7]}, "positions[0]", "expected an object, found a number."),
        ({"products": [{"name": "no id"}]}, "products[0].id", "is missing."),
        ({"fixtures": [{"id": 1, "y": 0}]}, "fixtures[0].h", "expected a number, found None."),
        ({"width": -5}, "planogram.width", "expected a number above 0, found -5."),
    ],
)
def test_what_cannot_be_used_is_left_and_named(changes: dict[str, Any], field: str, why: str) -> None:
    left = parse(dump(document(**changes))).left
    assert (left[0].field, left[0].why) == (field, why)


@pytest.mark.parametrize(
    ("data", "line", "text"),
    [
        (b'{"planogram": {\n"width": 1,\n}}', 3, "column 1"),
        (b"[1, 2]", 1, "expected a JSON object, found a list"),
        (b'{"planogram": 3}', 0, "expected an object, found a number"),
        (dump(document(positions=None)), 0, "planogram.positions: expected a list, found nothing"),
        (b"[" * 100_000, 0, "nested too deeply"),
        (b'{"planogram": ' + b"[" * 100_000 + b"}", 0, "nested too deeply"),
        (dump(document(name="a\x00b")), 0, r"found 'a\\x00b', which has characters that are no text"),
        (dump(document(name="\ud83d")), 0, "characters that are no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(data: bytes, line: int, text: str) -> None:
    with pytest.raises(PlanogramFileError, match=text) as error:
        parse(data)
    assert error.value.line == line


@pytest.mark.parametrize("digits", [10, 400, 5000])
def test_a_number_beyond_reason_is_left_and_named(digits: int) -> None:
    content = dump(document()).replace(b'"width": 100.0', b'"width": ' + b"9" * digits, 1)
    result = parse(content)
    assert result.planograms[0].width_cm is None
    assert result.left[0].field == "planogram.width"
    assert "expected a number, found" in result.left[0].why


def test_only_one_planogram_fits() -> None:
    (plan,) = parse(dump(document())).planograms
    with pytest.raises(ValueError, match="holds one planogram, got 2"):
        export([plan, plan], "azure")


@pytest.mark.parametrize("labels", ["classifications", "tags"])
def test_detections_come_in_and_matches_go_out(labels: str) -> None:
    name = "label" if labels == "classifications" else "name"
    products = [
        {"boundingBox": {"x": x, "y": y, "w": w, "h": 190}, labels: [{name: sku, "confidence": 0.9}]}
        for x, y, w, sku in [
            (0, 200, 100, "A"),
            (100, 210, 100, "A"),
            (200, 205, 150, "product"),
            (0, 600, 100, "A"),
        ]
    ]
    gaps = [{"boundingBox": {"x": 400, "y": 200, "w": 100, "h": 190}, labels: []}]
    meta = {"width": 1000, "height": 800}
    layout = detections(
        dump({"detectedProducts": {"imageMetadata": meta, "products": products, "gaps": gaps}})
    )
    assert [(f.shelf, f.position, f.sku) for f in layout.facings] == [
        (0, 0, "A"),
        (0, 1, "A"),
        (0, 2, None),
        (1, 0, "A"),
    ]
    assert [g.shelf for g in layout.gaps] == [0]
    (imported,) = parse(dump(document())).planograms
    plan, left = resolve(imported, lambda gtin, sku: sku if sku in {"A", "B"} else None)
    assert not left
    photos = (BayPhoto("p", layout),)
    catalogue = {"A": Product("A", "Our", True, width_cm=10.0)}
    answer = matched(match_bay(BayInput("b", "Bay", photos, plan), catalogue), photos)
    results = answer["matchedResultsPerPosition"]
    assert [r["positionId"] for r in results] == ["0/0", "0/0", "1/0"]
    assert results[0]["detectedObject"]["boundingBox"] == {"x": 0.0, "y": 200.0, "w": 100.0, "h": 190.0}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"detectedProducts": {}}, "imageMetadata"),
        ({"imageMetadata": {"width": 5, "height": 5}, "products": [{}]}, "products[0].boundingBox"),
        (
            {
                "imageMetadata": {"width": 5, "height": 5},
                "products": [{"boundingBox": {"x": 0, "y": 0, "w": 0, "h": 1}}],
            },
            "products[0].boundingBox",
        ),
    ],
)
def test_broken_detections_name_the_field(value: dict[str, Any], field: str) -> None:
    with pytest.raises(PlanogramFileError) as error:
        detections(dump(value))
    assert field in error.value.field


def test_unknown_products_are_left_with_their_code() -> None:
    (imported,) = parse(dump(document())).planograms
    plan, left = resolve(imported, lambda gtin, sku: "A1" if sku == "A" else None)
    assert [p.sku for p in plan.positions] == ["A1", "A1"]
    assert [row.why for row in left] == ["the catalogue has no product with SKU B."]
