"""Files written by hand with every trap of their formats, and what is to come of each line."""

from __future__ import annotations

from pathlib import Path

from compliance.importers import parse
from compliance.importers.values import ImportedPlanogram, ImportResult

SAMPLES = Path(__file__).parent / "samples"


def read(name: str) -> ImportResult:
    return parse((SAMPLES / name).read_bytes(), name)


def places(plan: ImportedPlanogram) -> list[tuple[int, int, str, int, int]]:
    return [(p.shelf, p.position, p.gtin or p.sku, p.facings_wide, p.facings_high) for p in plan.positions]


def test_a_file_of_2017_in_centimetres() -> None:
    result = read("spring_2017_cm.psa")
    first, second = result.planograms
    assert (first.name, first.bay, first.effective) == ('Bay "7"', "", "2026-03-01")
    assert (second.name, second.bay) == ('Bay "7" (2)', "Only")
    assert places(first) == [
        (0, 0, "04006040055136", 3, 1),  # fixtures of nearly one height are one shelf
        (0, 1, "C3", 2, 1),
        (0, 2, "00012345678905", 2, 2),  # its GTIN stands in the other column
        (2, 0, "C3", 1, 1),  # shelf 1 is empty; the pegboard has two rows
        (3, 0, "C3", 1, 1),
    ]
    assert [p.name for p in first.positions][:3] == ["Müsli, Schoko 500 g", r"Back\slash \q", "Tray of pâté"]
    assert first.boards_cm == ()  # a pegboard has none
    assert places(second) == [(0, 0, "04006040055136", 4, 1), (0, 1, "12", 2, 1)]
    assert (second.positions[0].x_cm, second.positions[0].width_cm) == (305.0, 32.0)
    assert [(row.line, row.field) for row in result.left] == [(22, "width (field 5)")]
    assert sorted({row.line for row in result.remarks}) == [7, 12, 15, 23]


def test_a_kiosk_in_azures_form() -> None:
    result = read("kiosk_azure.json")
    (plan,) = result.planograms
    assert places(plan) == [
        (0, 0, "04006040055136", 2, 1),  # in the file from right to left
        (0, 1, "7", 1, 1),
        (1, 0, "7", 1, 2),
        (1, 1, "no size", 1, 1),
    ]
    assert plan.boards_cm == (38.5, 78.0)  # boards too thin for products to stand in
    assert [row.field for row in result.left] == [
        "products[3].id",
        "products[4].id",
        "fixtures[3].y",
        "positions[6].id",
        "positions[7].productId",
        "positions[8].fixtureId",
        "positions[9].x",
    ]


def test_racks_from_a_spreadsheet_with_semicolons() -> None:
    result = read("racks_semicolon.csv")
    first, second = result.planograms
    assert [(plan.name, plan.bay) for plan in (first, second)] == [
        ("racks_semicolon", "1"),
        ("racks_semicolon", "2"),
    ]
    assert places(first) == [(0, 0, "A1", 3, 2), (0, 1, "B2", 1, 1), (1, 0, 'Ünï "quoted"', 2, 1)]
    assert (first.positions[0].width_cm, first.positions[2].height_cm) == (22.5, 5.5)
    assert [(row.line, row.field) for row in result.left] == [
        (7, "position"),
        (8, "position"),
        (9, ""),
        (10, "facings_wide"),
    ]
