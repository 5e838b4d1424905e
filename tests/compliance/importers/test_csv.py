"""CSV planograms: round trip, both forms, and every way a row or a file can be wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from compliance.importers import ImportedPlanogram, PlanogramFileError, export, parse, sniff

from .strategies import planograms, same

HEADER = "planogram,bay,shelf,position,gtin,sku,facings_wide,facings_high,width_cm,height_cm,x_cm,y_cm\n"


@given(planograms())
@settings(max_examples=25, deadline=None)
def test_round_trip_loses_nothing(plan: ImportedPlanogram) -> None:
    back = parse(export([plan], "csv"), "file.csv")
    assert not back.left
    assert same(plan, back.planograms[0])
    assert back.planograms[0].bay == plan.bay


def test_only_four_columns_are_required() -> None:
    result = parse(b"planogram,shelf,position,sku\nSnacks,0,0,A\nSnacks,1,0,B\nDrinks,0,0,C\n")
    assert [(p.name, len(p.positions)) for p in result.planograms] == [("Snacks", 2), ("Drinks", 1)]
    first = result.planograms[0].positions[0]
    assert (first.facings_wide, first.facings_high, first.x_cm, first.line) == (1, 1, None, 2)


def test_the_index_form_is_understood_and_its_width_is_of_one_unit() -> None:
    data = b"rack,shelf,product,facing_x,facing_y,width,height,sku\n1,0,0,3,2,7.5,20,A\n"
    (plan,) = parse(data, "store 12.csv").planograms
    (position,) = plan.positions
    assert (plan.name, plan.bay) == ("store 12", "1")
    assert (position.facings_wide, position.facings_high) == (3, 2)
    assert (position.width_cm, position.height_cm) == (22.5, 40.0)


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffplanogram,shelf,position,sku,width_cm\nCafé,0,0,A,12.5\n".encode(),
        "planogram;shelf;position;sku;width_cm\r\nCafé;0;0;A;12,5\r\n".encode("cp1252"),
        "planogram\tshelf\tposition\tsku\twidth_cm\nCafé\t0\t0\tA\t12,5\n".encode("utf-16"),
        '"planogram","shelf","position","sku","width_cm"\n\n"Café","0.0","0","A","12.5"\n'.encode(),
    ],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    result = parse(data)
    assert sniff(data) == "csv"
    assert result.planograms[0].name == "Café"
    assert result.planograms[0].positions[0].width_cm == 12.5


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ("P,,x,0,,A,1,1,,,,", "shelf", "expected a whole number from 0, found 'x'."),
        ("P,,-1,0,,A,1,1,,,,", "shelf", "expected a whole number from 0, found '-1'."),
        ("P,,0,,,A,1,1,,,,", "position", "is empty."),
        ("P,,0,0,,,1,1,,,,", "sku", "is empty; expected a SKU or a GTIN."),
        ("P,,0,0,123,,1,1,,,,", "gtin", "expected a GTIN of 8, 12, 13 or 14 digits, found 3: '123'."),
        ("P,,0,0,5.01E+12,,1,1,,,,", "gtin", "a number a spreadsheet has rounded"),
        ("P,,0,0,,A,0,1,,,,", "facings_wide", "expected a whole number from 1, found '0'."),
        ("P,,0,0,,A,1,1,-3,,,", "width_cm", "expected a number above 0, found '-3'."),
        ("P,,0,0,,A,1,1,1e400,,,", "width_cm", "expected a number above 0, found '1e400'."),
        ("P,,0,0,,A,1,1,,,-1e308,", "x_cm", "expected a number, found '-1e308'."),
        ("P,,0,0,,A,1,1,nan,,,", "width_cm", "expected a number above 0, found 'nan'."),
        ("P,,0,0,,A,1,1,,,,,extra", "", "13 cells where the header has 12."),
        (",,0,0,,A,1,1,,,,", "planogram", "is empty."),
    ],
)
def test_a_bad_row_is_left_with_its_reason_and_the_rest_is_read(row: str, field: str, why: str) -> None:
    result = parse((HEADER + "P,,5,5,,GOOD,1,1,,,,\n" + row + "\nP,,6,6,,GOOD,1,1,,,,\n").encode())
    (left,) = result.left
    assert (left.line, left.field) == (3, field)
    assert why in left.why
    assert [p.line for p in result.planograms[0].positions] == [2, 4]


def test_two_products_in_one_place() -> None:
    result = parse((HEADER + "P,,0,0,,A,1,1,,,,\nP,,0,0,,B,1,1,,,,\n").encode())
    assert result.left[0].why == "shelf 0, position 0 is taken by line 2 already."
    assert [p.sku for p in result.planograms[0].positions] == ["A"]


def test_a_wrong_check_digit_warns_and_the_row_is_read() -> None:
    result = parse((HEADER + "P,,0,0,5012345678901,,1,1,,,,\n").encode())
    assert result.planograms[0].positions[0].gtin == "05012345678901"
    assert "5012345678900 would be right" in result.remarks[0].why


@pytest.mark.parametrize(
    ("data", "line", "text"),
    [
        (b"", 0, "the file is empty"),
        (b"\xef\xbb\xbf", 0, "the file is empty"),
        (b"\xff\xfe", 0, "the file is empty"),
        (b",,,\n\n", 0, "the file is empty"),
        ((HEADER + "P,,0,0,,A,1,1,,,,\n" * 500 + "P,,0,1,,\x00,1,1,,,,\n").encode(), 502, "NUL character"),
        (b"a,b,c\n1,2,3\n", 1, "expected the column shelf and position and planogram and gtin or sku"),
        (b"planogram,shelf,shelf,position,sku\n", 1, "the column shelf is there twice"),
        ((HEADER + 'P,,0,0,,"A,1\nP,,0,1,,B,1\n').encode(), 2, "the quotation marks do not match"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 0, "is no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(data: bytes, line: int, text: str) -> None:
    with pytest.raises(PlanogramFileError, match=text) as error:
        parse(data)
    assert error.value.line == line


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a format of psa, azure, csv"):
        parse(b"x", format="xls")
    with pytest.raises(ValueError, match="expected a format"):
        export([], "xls")
