"""Reading catalogue files: what is understood, what is left out, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.gtin import check_digit
from retail_exec.catalog.csv_import import CatalogueFileError, CatalogueRow, parse


def test_only_a_sku_is_needed() -> None:
    assert parse(b"sku\nA1\n").rows == (CatalogueRow(2, "A1"),)


def test_every_column() -> None:
    text = (
        "sku,gtin,brand,name,category,size,width_cm,height_cm,price,image,own\n"
        "A1,2900000010000,Fennimor,Salted,Crisps,150 g,17.5,26,1.79,salted.png,yes\n"
    )
    found = parse(text.encode())
    assert found.rows == (
        CatalogueRow(
            2, "A1", "02900000010000", "Fennimor", "Salted", "Crisps", "150 g", 17.5, 26.0, Decimal("1.79"),
            "salted.png", True,
        ),
    )  # fmt: skip
    assert (found.left, found.remarks) == ((), ())


@pytest.mark.parametrize(
    "data",
    [
        "sku;name;width_cm\nA1;Käse;17,5\n".encode(),
        "SKU\tName\tWidth cm\nA1\tKäse\t17,5\n".encode("utf-16"),
        "sku,name,width\nA1,Käse,17.5\n".encode("cp1252"),
        "\n\ufeffsku,name,width_cm\r\n\r\nA1,Käse,17.5\r\n".encode().lstrip(),
    ],
)
def test_as_spreadsheets_write_it(data: bytes) -> None:
    row = parse(data).rows[0]
    assert (row.sku, row.name, row.width_cm) == ("A1", "Käse", 17.5)


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        (",x,1,1,1,", "sku", "is empty; every product needs one."),
        ("A1,x,1,1,1,", "sku", "'A1' is in line 2 already."),
        ("B,x,wide,1,1,", "width_cm", "expected centimetres above 0, found 'wide'."),
        ("B,x,1,-3,1,", "height_cm", "expected centimetres above 0, found '-3'."),
        ("B,x,1,1,-1,", "price", "expected a price of 0 or more, found '-1'."),
        ("B,x,1,nan,1,", "height_cm", "expected centimetres above 0, found 'nan'."),
        ("B,x,1e400,1,1,", "width_cm", "expected centimetres above 0, found '1e400'."),
        ("B,x,1,1,1e999999999,", "price", "expected a price of 0 or more, found '1e999999999'."),
        ("B,x,1,1,1,perhaps", "own", "expected yes or no, found 'perhaps'."),
        ("B,x,1,1,1,,extra", "", "7 cells where the header has 6."),
    ],
)
def test_a_bad_row_is_left_out_and_the_rest_is_read(row: str, field: str, why: str) -> None:
    text = f"sku,name,width_cm,height_cm,price,own\nA1,x,1,1,1,\n{row}\nZ9,x,1,1,1,no\n"
    found = parse(text.encode())
    assert [r.sku for r in found.rows] == ["A1", "Z9"]
    assert [(left.line, left.field, left.why) for left in found.left] == [(3, field, why)]


@pytest.mark.parametrize(
    ("gtin", "key", "remark"),
    [
        ("2900000010000", "02900000010000", None),
        ("2900000010008", "02900000010008", "2900000010000 would be right"),
        ("29000000100", "", "With its check digit it would be 290000001002"),
        ("2.9E+12", "", "a spreadsheet has rounded"),
        ("12345", "", "found 5"),
    ],
)
def test_a_wrong_gtin_warns_and_the_product_still_comes_in(gtin: str, key: str, remark: str | None) -> None:
    found = parse(f"sku,gtin\nA1,{gtin}\n".encode())
    assert found.rows[0].gtin == key
    assert (found.remarks == ()) if remark is None else (remark in found.remarks[0].why)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b" \n \n", "the file is empty"),
        (b"name,brand\nx,y\n", "Line 1, header: expected a column sku; found: name, brand."),
        (b"sku,ean,gtin\n1,2,3\n", "the column gtin is there twice"),
        (b'sku,name\nA1,"open\n', "the quotation marks do not match"),
        (b"%PDF-1.7 \x00\x01", "Line 1: found a NUL character, so this is no text."),
        (b"sku,name\n" + b"A1,x\n" * 2000 + b"A2,\x00\n", "Line 2002: found a NUL character"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xff\xfe \x00", "the file is empty"),
        (b",,\n,\n", "the file is empty"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(CatalogueFileError, match=why):
        parse(data)


@given(st.binary(max_size=300))
def test_nothing_else_ever_goes_wrong(data: bytes) -> None:
    try:
        rows = parse(b"sku,price\n" + data).rows
    except CatalogueFileError:
        rows = ()
    assert all(row.sku for row in rows)


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_a_valid_gtin_never_warns(number: int) -> None:
    digits = f"{number:012d}"
    found = parse(f"sku,gtin\nA1,{digits}{check_digit(digits)}\n".encode())
    assert found.remarks == ()
