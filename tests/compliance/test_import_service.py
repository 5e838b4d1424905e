"""Planogram files into the database: versions, bays, unknown products, and the command's JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance import importers
from compliance.importers.values import PlanogramFileError
from compliance.models import Planogram, PlanogramPosition
from compliance.services.import_planogram import find_bays, import_planogram, named_apart
from compliance.services.plans import PlansInForce
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from tests import factories as make

HEADER = "planogram,bay,shelf,position,gtin,sku,facings_wide,facings_high,width_cm,height_cm,x_cm,y_cm\n"


@pytest.fixture
def ours(db: None) -> Organisation:
    """An organisation with the products A, B and C; B has a GTIN."""
    ours = make.make_organisation()
    for sku, code in zip(make.make_skus(ours, count=3), "ABC", strict=True):
        Sku.objects.filter(pk=sku.pk).update(code=code, gtin="02900000010000" if code == "B" else "")
    return ours


def plan(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def test_positions_are_stored_as_the_file_has_them(ours: Organisation) -> None:
    done = import_planogram(ours, plan("P,,0,0,,A,2,1,30,20,2,5", "P,,1,0,2900000010000,,,,,,,"), "p.csv")
    assert [p.version for p in done.planograms] == [1]
    first, second = PlanogramPosition.objects.order_by("shelf")
    assert (first.sku.code, first.facings_wide, first.width_cm, first.y_cm) == ("A", 2, 30, 5)
    assert (second.sku.code, second.facings_wide, second.facings_high, second.x_cm) == ("B", 1, 1, None)
    assert Planogram.objects.get().source == "p.csv"


def test_the_same_name_again_is_the_next_version_for_the_same_bays(ours: Organisation) -> None:
    bays = list(make.make_store(ours, bays=["One", "Two"]).bays.all())
    import_planogram(ours, plan("P,,0,0,,A"), "p.csv", bays=bays)
    import_planogram(ours, plan("P,,0,0,,C"), "p.csv")
    second, first = Planogram.objects.all()
    assert (first.version, second.version) == (1, 2)
    assert list(second.bays.all()) == bays
    assert (first.effective_from, second.effective_from) == (None, timezone.localdate())
    yesterday = timezone.localdate() - timedelta(days=1)
    assert PlansInForce(ours.pk).for_bay(bays[0], yesterday) == first
    assert PlansInForce(ours.pk).for_bay(bays[0], timezone.localdate()) == second


def test_a_version_may_start_on_a_given_day(ours: Organisation) -> None:
    import_planogram(ours, plan("P,,0,0,,A"), "p.csv", effective_from=date(2026, 3, 1))
    assert Planogram.objects.get().effective_from == date(2026, 3, 1)


def test_another_plan_for_a_bay_is_in_force_from_today(ours: Organisation) -> None:
    bay = make.make_store(ours, bays=["One"]).bays.get()
    for number in (1, 2):  # two versions: the second of them has a date
        import_planogram(ours, plan(f"P,,0,0,,{'AB'[number - 1]}"), "p.csv", bays=[bay])
    done = import_planogram(ours, plan("Q,,0,0,,C"), "q.csv", bays=[bay])
    in_force = PlansInForce(ours.pk).for_bay(bay, timezone.localdate())
    assert in_force is not None
    assert (in_force.name, in_force.effective_from) == ("Q", timezone.localdate())
    assert done.planograms[0].applies() == f"applies to 1 bay, from {timezone.localdate():%d %b %Y}"
    assert done.remarks == []


def test_a_plan_that_starts_before_another_says_where_it_does_not_apply(ours: Organisation) -> None:
    bay = make.make_store(ours, bays=["One"]).bays.get()
    import_planogram(ours, plan("P,,0,0,,A"), "p.csv", bays=[bay], effective_from=date(2026, 3, 1))
    done = import_planogram(ours, plan("Q,,0,0,,C"), "q.csv", bays=[bay], effective_from=date(2026, 2, 1))
    assert [row.why for row in done.remarks] == [
        "P v1, from 01 Mar 2026, starts later and stays in force where both apply."
    ]


def test_a_name_that_is_too_long_is_left_out_and_named(ours: Organisation) -> None:
    long = "x" * 201
    done = import_planogram(ours, plan("P,,0,0,,A", f"{long},,0,0,,A"), "p.csv")
    assert [(row.line, row.field, row.why) for row in done.left] == [
        (3, "planogram", "its name does not fit: expected up to 200 characters, found 201.")
    ]
    assert [p.name for p in Planogram.objects.all()] == ["P"]
    with pytest.raises(PlanogramFileError, match="file name: expected up to 200 characters, found 205"):
        import_planogram(ours, plan("P,,0,0,,A"), f"{long}.csv")


def test_more_places_than_fit_are_left_out_and_named(ours: Organisation) -> None:
    positions = [
        {"id": str(x), "productId": "AB"[x % 2], "fixtureId": "f", "x": x, "y": 0} for x in range(10002)
    ]
    products = [{"id": code, "w": 1, "h": 1} for code in "AB"]
    fixtures = [{"id": "f", "h": 1, "y": 0}]
    file = {"products": products, "fixtures": fixtures, "positions": positions}
    done = import_planogram(ours, json.dumps(file).encode(), "p.json")
    assert "found a larger one" in done.left[0].why
    assert Planogram.objects.count() == 0


def test_unknown_products_are_left_out_and_named(ours: Organisation) -> None:
    done = import_planogram(
        ours, plan("P,,0,0,,A", "P,,0,1,,NEW", "P,,0,x,,A", "P,,0,2,5449000000996,"), "p.csv"
    )
    assert [(r.line, r.field) for r in done.left] == [(3, "sku"), (4, "position"), (5, "gtin")]
    assert done.left[0].why == "the catalogue has no product with SKU NEW."
    assert [p.sku.code for p in PlanogramPosition.objects.all()] == ["A"]


def test_another_organisations_product_is_unknown(ours: Organisation) -> None:
    theirs = make.make_skus(make.make_organisation(), count=1)[0]
    done = import_planogram(ours, plan(f"P,,0,0,,{theirs.code}"), "p.csv")
    assert (done.planograms, len(done.left)) == ([], 1)
    assert Planogram.objects.count() == 0


def test_a_planogram_of_several_bays_becomes_one_for_each(ours: Organisation) -> None:
    import_planogram(ours, plan("P,Left,0,0,,A", "P,Right,0,0,,C"), "p.csv")
    assert [p.name for p in Planogram.objects.all()] == ["P, Left", "P, Right"]


def test_a_dry_run_changes_nothing(ours: Organisation) -> None:
    done = import_planogram(ours, plan("P,,0,0,,A"), "p.csv", dry_run=True)
    assert [(p.plan.name, p.version) for p in done.planograms] == [("P", None)]
    assert Planogram.objects.count() == 0


@pytest.mark.parametrize("data", [b"", b"shelf,position\n0,0\n", b'planogram,shelf,position,sku\n"P,0,0,A'])
def test_an_unreadable_file_leaves_nothing_behind(ours: Organisation, data: bytes) -> None:
    with pytest.raises(PlanogramFileError):
        import_planogram(ours, data, "p.csv")
    assert Planogram.objects.count() == 0


def test_bays_are_found_by_store_or_by_name(ours: Organisation) -> None:
    one, two = (make.make_store(ours, bays=["Crisps"]) for _ in range(2))
    make.make_store(make.make_organisation(), bays=["Crisps"])
    assert [bay.store for bay in find_bays(ours, f"{two.code.lower()}/crisps")] == [two]
    assert {bay.store for bay in find_bays(ours, "Crisps")} == {one, two}
    assert find_bays(ours, "Bread") == []


def test_the_command_prints_what_it_read(ours: Organisation, tmp_path: Path) -> None:
    file, out = tmp_path / "bay.csv", StringIO()
    store = make.make_store(ours, bays=["Crisps"])
    file.write_bytes(plan("P,,0,1,,B,3,1,45,20,17,5", "P,,0,0,,A", "P,,1,0,,NEW"))
    call_command("import_planogram", str(file), "--organisation", ours.slug, "--bay", "Crisps", stdout=out)
    found = json.loads(out.getvalue())
    assert found["planograms"] == [
        {
            "name": "P",
            "version": 1,
            "shelves": [
                {
                    "shelf": 0,
                    "positions": [
                        {"position": 0, "sku": "A", "gtin": "", "facings_wide": 1, "facings_high": 1,
                         "x_cm": None, "y_cm": None, "width_cm": None, "height_cm": None},
                        {"position": 1, "sku": "B", "gtin": "02900000010000", "facings_wide": 3,
                         "facings_high": 1, "x_cm": 17, "y_cm": 5, "width_cm": 45, "height_cm": 20},
                    ],
                }
            ],
        }
    ]  # fmt: skip
    assert found["left"] == [{"line": 4, "field": "sku", "why": "the catalogue has no product with SKU NEW."}]
    assert [bay.store for bay in Planogram.objects.get().bays.all()] == [store]


def test_the_command_writes_json_to_a_file(ours: Organisation, tmp_path: Path) -> None:
    file, target, out = tmp_path / "bay.csv", tmp_path / "out.json", StringIO()
    file.write_bytes(b"shelf,position,sku,bay\n0,0,A,\n")
    options = ["--organisation", ours.slug, "--name", "Window", "--from", "2026-03-01", "--json", str(target)]
    call_command("import_planogram", str(file), *options, stdout=out)
    assert out.getvalue() == "Window: 1 positions, version 1, applies to no bay yet, from 01 Mar 2026\n"
    assert json.loads(target.read_text())["planograms"][0]["name"] == "Window"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--organisation", "nobody"], "no organisation with the slug 'nobody'"),
        (["--bay", "Bread"], "No bay 'Bread'"),
        ([], "expected the column"),
    ],
)
def test_the_command_says_what_is_wrong(
    ours: Organisation, tmp_path: Path, options: list[str], why: str
) -> None:
    file = tmp_path / "bay.csv"
    file.write_bytes(b"colour\nred\n")
    with pytest.raises(CommandError, match=why):
        call_command("import_planogram", str(file), "--organisation", ours.slug, *options)
    assert Planogram.objects.count() == 0


def test_other_formats_come_in_the_same_way(ours: Organisation) -> None:
    content = json.dumps(
        {
            "planogram": {
                "width": 10, "height": 5, "products": [{"id": "A", "name": "x", "w": 2, "h": 4}],
                "fixtures": [{"id": "f", "w": 10, "h": 1, "x": 0, "y": 4}],
                "positions": [{"id": "p", "productId": "A", "fixtureId": "f", "x": 1, "y": 0}],
            }
        }
    )  # fmt: skip
    done = import_planogram(ours, content.encode(), "window.json", name="Shop window 1.5")
    assert [p.plan.name for p in done.planograms] == ["Shop window 1.5"]
    assert PlanogramPosition.objects.get().sku.code == "A"


def test_planograms_of_one_name_in_one_file_are_kept_apart(ours: Organisation) -> None:
    first, second = (importers.csv.parse(plan("P,,0,0,,A")).planograms[0] for _ in range(2))
    named = named_apart([first, second, replace(first, name="Q")], "file", "")
    assert [p.name for p in named] == ["P", "P (2)", "Q"]
