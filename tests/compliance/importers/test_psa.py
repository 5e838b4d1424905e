"""PSA planograms: round trip and every trap of the format."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.importers import ImportedPlanogram, PlanogramFileError, export, parse, sniff
from compliance.importers.psa_text import join, read, split, write
from compliance.importers.values import ImportResult

from .strategies import planograms, same

SAMPLES = Path(__file__).parent / "samples"


def record(kind: str, **fields: object) -> str:
    """A record with fields given as f<index>."""
    values = {int(name[1:]): str(value) for name, value in fields.items()}
    return ",".join([kind, *(values.get(i, "") for i in range(1, max(values) + 1))])


def psa(*lines: str, measure: int = 1) -> bytes:
    head = ["PROSPACE SCHEMATIC FILE", "; Version 2017.2.0", record("Project", f1="Test", f12=measure)]
    return "\r\n".join([*head, *lines, ""]).encode()


PLAN = record("Planogram", f1="Bay", f3=100, f4=120)
SHELF = record("Fixture", f1=0, f2="Shelf", f4=0, f5=100, f6=80, f7=2)
LOWER = record("Fixture", f1=0, f2="Shelf", f4=0, f5=100, f6=40, f7=2)


def place(upc: str = "", own: str = "", **fields: object) -> str:
    return record("Position", **{"f1": upc, "f2": own, "f14": 1, "f15": 1, **fields})


@given(st.lists(planograms(), min_size=1, max_size=2, unique_by=lambda p: p.name))
@settings(max_examples=25, deadline=None)
def test_round_trip_loses_nothing(plans: list[ImportedPlanogram]) -> None:
    back = parse(export(plans, "psa"))
    assert not back.left
    assert [p.bay for p in back.planograms] == [p.bay for p in plans]
    for plan, again in zip(plans, back.planograms, strict=True):
        assert same(plan, again, exact=False)
        assert again.width_cm == pytest.approx(plan.width_cm)


@given(st.lists(st.text(), min_size=1).filter(lambda fields: fields != [""]))
def test_every_text_survives_escaping(fields: list[str]) -> None:
    assert list(split(join(fields))) == fields


def test_escapes() -> None:
    assert split(r"A\, B,\\,\"x\",\t,\q") == ("A, B", "\\", '"x"', "\t", r"\q")


def test_unknown_records_and_short_lines_are_kept() -> None:
    data = psa("Frobnicate,1,2", PLAN, SHELF, place("A", "A"), "Drawing,0,0")
    records = [r.fields for r in read(data)]
    assert [fields[0] for fields in records] == [
        "Project",
        "Frobnicate",
        "Planogram",
        "Fixture",
        "Position",
        "Drawing",
    ]
    assert [r.fields for r in read(write(records))] == records
    assert len(parse(data).planograms[0].positions) == 1


def test_shelves_run_from_the_top_and_positions_from_the_left() -> None:
    result = parse(
        psa(
            PLAN,
            LOWER,
            place("", "C", f4=0, f5=20, f6=42, f7=15),
            SHELF,
            place("", "B", f4=50, f5=20, f6=82, f7=15, f14=2, f15=3),
            place("", "A", f4=10, f5=20, f6=82, f7=15),
        )
    )
    placed = [(p.shelf, p.position, p.sku) for p in result.planograms[0].positions]
    assert placed == [(0, 0, "A"), (0, 1, "B"), (1, 0, "C")]
    b = result.planograms[0].positions[1]
    assert (b.facings_wide, b.facings_high) == (2, 3)
    assert (b.x_cm, b.y_cm, b.width_cm) == (50.0, 120 - 82 - 15, 20.0)


def test_inches_become_centimetres() -> None:
    result = parse(psa(PLAN, SHELF, place("", "A", f4=10, f5=20, f6=82, f7=15), measure=0))
    (plan,) = result.planograms
    assert plan.width_cm == pytest.approx(254)
    assert plan.positions[0].x_cm == pytest.approx(25.4)


def test_segments_side_by_side_are_one_shelf_each_height() -> None:
    right = record("Fixture", f1=0, f4=100, f5=100, f6=80.5)
    result = parse(psa(PLAN, SHELF, place("", "A", f4=0, f5=20), right, place("", "B", f4=110, f5=20), LOWER))
    assert [(p.shelf, p.position) for p in result.planograms[0].positions] == [(0, 0), (0, 1)]


def test_an_empty_shelf_counts_and_a_sign_does_not() -> None:
    sign = record("Fixture", f1=11, f6=100)
    result = parse(psa(PLAN, sign, SHELF, LOWER, place("", "A")))
    assert result.planograms[0].positions[0].shelf == 1


def test_pegboard_rows_are_those_of_its_positions() -> None:
    board = record("Fixture", f1=7, f4=0, f5=100, f6=0)
    result = parse(psa(PLAN, board, place("", "LOW", f4=0, f6=20), place("", "HIGH", f4=0, f6=60)))
    assert [(p.shelf, p.sku) for p in result.planograms[0].positions] == [(0, "HIGH"), (1, "LOW")]


def test_the_gtin_may_stand_in_either_column_and_keeps_its_zeros() -> None:
    result = parse(
        psa(
            PLAN,
            SHELF,
            place("0012345678905", "A1", f4=0),
            place("B2", "00012345678905", f4=30),
            place("5012345678900", "", f4=60),
            place("", "C3", f4=80),
        )
    )
    codes = [(p.gtin, p.sku) for p in result.planograms[0].positions]
    assert codes == [
        ("00012345678905", "A1"),
        ("00012345678905", "B2"),
        ("05012345678900", ""),
        ("", "C3"),
    ]


def test_positions_measured_from_their_fixture_are_found_out() -> None:
    right = record("Fixture", f1=0, f4=200, f5=100, f6=80)
    result = parse(psa(PLAN, right, place("", "A", f4=10, f5=20), place("", "B", f4=40, f5=20)))
    assert [p.x_cm for p in result.planograms[0].positions] == [210.0, 240.0]
    assert any("measured from their fixture" in remark.why for remark in result.remarks)


def test_widths_of_one_facing_are_found_out() -> None:
    product = record("Product", f1="", f2="A", f3="Apple", f5=7, f6=10)
    result = parse(psa(product, PLAN, SHELF, place("", "A", f4=0, f5=7, f7=10, f14=3)))
    (position,) = result.planograms[0].positions
    assert (position.width_cm, position.name) == (21.0, "Apple")
    assert any("of one facing" in remark.why for remark in result.remarks)


def test_odd_numbers_defaults_and_names() -> None:
    result = parse(
        psa(
            PLAN,
            record("Fixture", f1=0, f4="-0", f5="0.00", f6="1e1"),
            record("Position", f2="A"),
            PLAN,
            SHELF,
            place("", "B", f13=1),
        )
    )
    assert [p.name for p in result.planograms] == ["Bay", "Bay (2)"]
    first = result.planograms[0].positions[0]
    assert (first.facings_wide, first.x_cm, first.width_cm) == (1, None, None)
    assert any("is there twice" in remark.why for remark in result.remarks)
    assert any("counted in trays" in remark.why for remark in result.remarks)


@pytest.mark.parametrize(
    ("day", "effective"), [("2026-03-01", "2026-03-01"), ("20260230", ""), ("2026/13/45", ""), ("soon", "")]
)
def test_a_day_that_is_in_no_calendar_is_no_date(day: str, effective: str) -> None:
    (plan,) = parse(psa(record("Planogram", f1="Bay", f189=day), SHELF, place(own="A"))).planograms
    assert plan.effective == effective


@pytest.mark.parametrize(
    ("lines", "line", "field", "why"),
    [
        ((place("", "A"),), 4, "Position", "belongs to the fixture before it"),
        ((SHELF,), 4, "Fixture", "stands before the first Planogram"),
        ((PLAN, SHELF, place()), 6, "UPC (field 1)", "is empty, and so is the ID"),
        ((PLAN, SHELF, place("", "A", f4="left")), 6, "x (field 4)", "expected a number, found 'left'."),
        ((PLAN, SHELF, place("", "A", f14="1.5")), 6, "horizontal facings (field 14)", "found '1.5'."),
        ((record("Planogram", f1="P", f3="wide"),), 4, "width (field 3)", "found 'wide'."),
        ((PLAN, record("Fixture", f1=11, f6=0), place("", "A")), 6, "Position", "holds no products"),
    ],
)
def test_a_bad_record_is_left_with_its_line(lines: tuple[str, ...], line: int, field: str, why: str) -> None:
    result = parse(psa(*lines, PLAN, SHELF, place("", "GOOD")))
    left = result.left[0]
    assert (left.line, left.field) == (line, field)
    assert why in left.why
    assert result.planograms[-1].positions[-1].sku == "GOOD"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"PROSPACE\n", "expected 'PROSPACE SCHEMATIC FILE', found 'PROSPACE'"),
        (b"PROSPACE SCHEMATIC FILE\n; Version 2017\n", "at least one Planogram record"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, text: str) -> None:
    with pytest.raises(PlanogramFileError, match=text):
        parse(data, format="psa")


def sample(name: str) -> ImportResult:
    data = (SAMPLES / name).read_bytes()
    assert sniff(data, name) == "psa"
    return parse(data, name)


def test_an_old_windows_file_with_inches_comments_and_escapes() -> None:
    result = sample("old_inches_cp1252.psa")
    (plan,) = result.planograms
    assert plan.name == "Café, Bay 1"
    assert [(p.shelf, p.position, p.gtin, p.sku, p.name) for p in plan.positions] == [
        (0, 0, "05012345678900", "SKU-1", "Crème brûlée 4x100 g"),
        (0, 1, "00012345678905", "SKU-2", 'Nuts "roasted", 200 g'),
        (1, 0, "", "SKU-3", "Crisps"),
    ]
    assert plan.width_cm == pytest.approx(48 * 2.54)
    assert [left.line for left in result.left] == [16]
