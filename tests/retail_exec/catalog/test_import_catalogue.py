"""Catalogues and packshots into the database: what comes in, what is left, and what stays as it was."""

from __future__ import annotations

import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from retail_exec.accounts.models import Organisation
from retail_exec.catalog.csv_import import CatalogueFileError
from retail_exec.catalog.models import Brand, Category, Packshot, Sku
from retail_exec.catalog.services.import_catalogue import import_catalogue
from retail_exec.catalog.services.pictures import PackshotFolderError
from tests import drawing
from tests import factories as make

CATALOGUE = (
    b"sku,gtin,brand,name,category,size,width_cm,price\n"
    b"A1,2900000010000,Fennimor,Salted,Crisps,150 g,17.5,1.79\nA2,,Tavorri,Chilli,,,,\nA3\n"
)


@pytest.fixture
def ours(db: None) -> Organisation:
    return make.make_organisation()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One picture for A1, two views of A2, one of nothing we sell, one broken, one that is no picture."""
    shots = tmp_path / "packshots"
    (shots / "A2").mkdir(parents=True)
    pictures = {"A1.png": "#aa2222", "A2/front.png": "#22aa22", "A2/left.png": "#2222aa", "Z9.png": "#777777"}
    for name, colour in pictures.items():
        (shots / name).write_bytes(drawing.encode(drawing.draw_pack(name, colour), "PNG"))
    (shots / "A3.png").write_bytes((shots / "A1.png").read_bytes()[:200])
    (shots / "notes.txt").write_text("not a picture")
    (shots / ".A1.png").write_bytes(b"left by a file manager")
    return shots


def test_products_come_in_with_what_the_file_says(ours: Organisation) -> None:
    done = import_catalogue(ours, CATALOGUE, own=["fennimor"])
    assert (done.created, done.updated, done.left) == (3, 0, [])
    a1, a2, a3 = Sku.objects.filter(organisation=ours)
    assert (a1.gtin, a1.name, a1.size, a1.width_cm, str(a1.price)) == (
        "02900000010000",
        "Salted",
        "150 g",
        17.5,
        "1.79",
    )
    assert (a1.brand.is_own, a2.brand.is_own) == (True, False)
    assert (a2.category.name, a3.brand.name, a3.name) == ("Uncategorised", "Unbranded", "A3")


def test_again_changes_nothing(ours: Organisation, folder: Path) -> None:
    import_catalogue(ours, CATALOGUE, folder)
    done = import_catalogue(ours, CATALOGUE, folder)
    assert (done.created, done.updated, done.packshots_added) == (0, 0, 0)
    assert Packshot.objects.count() == 3


def test_what_the_file_does_not_say_stays(ours: Organisation) -> None:
    import_catalogue(ours, CATALOGUE)
    done = import_catalogue(ours, b"sku,price\nA1,2.49\nA2,\n")
    assert (done.created, done.updated) == (0, 1)
    a1 = Sku.objects.get(organisation=ours, code="A1")
    assert (str(a1.price), a1.name, a1.brand.name, a1.category.name) == (
        "2.49",
        "Salted",
        "Fennimor",
        "Crisps",
    )


def test_names_differ_by_more_than_case(ours: Organisation) -> None:
    import_catalogue(ours, b"sku,brand,category\nA1,Fennimor,Crisps\nA2,FENNIMOR,crisps\n")
    assert (Brand.objects.count(), Category.objects.count()) == (1, 1)


def test_own_by_column_and_by_name(ours: Organisation) -> None:
    done = import_catalogue(ours, b"sku,brand,own\nA1,One,yes\nA2,Two,no\nA3,Three,\n", own=["three", "Four"])
    assert {b.name: b.is_own for b in Brand.objects.all()} == {"One": True, "Two": False, "Three": True}
    assert [(r.field, r.why) for r in done.remarks] == [("own", "the catalogue has no brand 'Four'.")]


def test_rows_that_do_not_fit_are_named(ours: Organisation) -> None:
    import_catalogue(ours, CATALOGUE)
    rows = f"sku,gtin,name\nB1,2900000010000,x\n,,no code\n{'C' * 61},,x\nB2,,{'n' * 201}\nB3,,good\n"
    done = import_catalogue(ours, rows.encode())
    assert done.created == 1
    assert [(r.line, r.field) for r in done.left] == [(2, "gtin"), (3, "sku"), (4, "sku"), (5, "name")]
    assert done.left[0].why == "GTIN 02900000010000 belongs to SKU A1 already."
    assert "at most 60 characters" in done.left[2].why
    assert Sku.objects.filter(organisation=ours).count() == 4


def test_two_organisations_keep_their_own(ours: Organisation) -> None:
    theirs = make.make_organisation()
    import_catalogue(ours, CATALOGUE)
    done = import_catalogue(theirs, CATALOGUE)
    assert (done.created, done.left) == (3, [])
    assert Sku.objects.filter(code="A1").count() == 2


def test_packshots_by_name_and_by_folder(
    ours: Organisation, folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as enqueued:
        done = import_catalogue(ours, CATALOGUE, folder)
    assert done.packshots_added == 3
    assert Sku.objects.get(code="A2").packshots.count() == 2
    assert len(enqueued) == 1  # the gallery follows
    assert {r.field: r.why.split(".")[0] for r in done.left} == {
        "packshot A3.png": "The file is damaged or was cut off while it was sent",
        "packshot Z9.png": "the catalogue has no SKU 'Z9'",
    }
    stored = Sku.objects.get(code="A1").packshots.get()
    with stored.image.open("rb") as file:
        assert file.read() == (folder / "A1.png").read_bytes()


def test_packshots_in_a_zip_file(ours: Organisation, folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packshots.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.rglob("*.png"):
            archive.write(file, f"shots/{file.relative_to(folder)}")
    done = import_catalogue(ours, CATALOGUE, packed)
    assert (done.packshots_added, len(done.left)) == (3, 2)


def test_the_image_column_names_a_picture(ours: Organisation, folder: Path) -> None:
    rows = b"sku,image\nA1,A1.png\nA9,Z9.png\nA8,nowhere.png\nA7,../secret.png\n"
    done = import_catalogue(ours, rows, folder)
    assert Sku.objects.get(code="A9").packshots.count() == 1
    assert ("image", "there is no picture 'nowhere.png' in the folder.") in [
        (r.field, r.why) for r in done.left
    ]
    assert ("image", "there is no picture '../secret.png' in the folder.") in [
        (r.field, r.why) for r in done.left
    ]


def test_a_dry_run_reports_and_changes_nothing(
    ours: Organisation, folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as enqueued:
        done = import_catalogue(ours, CATALOGUE, folder, dry_run=True)
    assert (done.created, done.packshots_added, len(done.left)) == (3, 3, 2)
    assert (Sku.objects.count(), Brand.objects.count(), Packshot.objects.count(), enqueued) == (0, 0, 0, [])


@pytest.mark.parametrize(
    ("catalogue", "packshots", "error"),
    [(b"name\nx\n", None, CatalogueFileError), (CATALOGUE, "nowhere", PackshotFolderError)],
)
def test_an_unreadable_file_leaves_nothing_behind(
    ours: Organisation, tmp_path: Path, catalogue: bytes, packshots: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        import_catalogue(ours, catalogue, tmp_path / packshots if packshots else None)
    assert (Sku.objects.count(), Brand.objects.count()) == (0, 0)


def test_a_large_catalogue_takes_few_statements(ours: Organisation) -> None:
    rows = "sku,brand,category,name\n" + "".join(f"P{i},B{i % 5},C{i % 3},n\n" for i in range(500))
    connection.force_debug_cursor = True
    before = len(connection.queries)
    try:
        assert import_catalogue(ours, rows.encode()).created == 500
    finally:
        connection.force_debug_cursor = False
    assert len(connection.queries) - before < 40


def test_the_command(ours: Organisation, folder: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalog.csv"
    catalogue.write_bytes(CATALOGUE + b",,,lost\n")
    out = StringIO()
    options = [
        "--organisation",
        ours.slug,
        "--catalog",
        catalogue,
        "--packshots",
        folder,
        "--own",
        "Fennimor",
    ]
    call_command("import_catalog", *map(str, options), stdout=out)
    text = out.getvalue()
    assert "Imported: 3 new SKUs, 0 changed, 3 packshots; 3 left out." in text
    assert "left: line 5, sku: is empty; every product needs one." in text
    assert Brand.objects.get(name="Fennimor").is_own


@pytest.mark.parametrize(
    ("slug", "file", "why"),
    [("nobody", "catalog.csv", "no organisation with the slug 'nobody'"), ("", "missing.csv", "missing.csv")],
)
def test_the_command_says_what_is_wrong(
    ours: Organisation, tmp_path: Path, slug: str, file: str, why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("import_catalog", "--organisation", slug or ours.slug, "--catalog", str(tmp_path / file))
    assert Sku.objects.count() == 0
