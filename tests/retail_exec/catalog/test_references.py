"""Packshots that their barcodes link to products; barcodes are drawn, written and read by zxing-cpp."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from compliance.importers.values import LeftRow
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.catalog.services.import_catalogue import CatalogueImport, import_catalogue
from tests import drawing
from tests import factories as make

SALTED, CHILLI, STRANGE = "2900000010000", "2900000010017", "2900000010024"
CATALOGUE = f"sku,gtin,name\nA1,{SALTED},Salted\nA2,{CHILLI},Chilli\nA3,,Onion\n".encode()
PACK = (300, 400)


@pytest.fixture
def ours(db: None) -> Organisation:
    return make.make_organisation()


def barcode(gtin: str, scale: int = 1) -> Image.Image:
    drawn = zxingcpp.create_barcode(gtin, zxingcpp.BarcodeFormat.EAN13)
    return Image.fromarray(np.array(drawn.to_image(scale=scale))).convert("RGB")


def put(file: Path, gtin: str = "", colour: str = "#aa2222", close: bool = False) -> None:
    """A pack, with a barcode on it if one is given; close: little but the barcode."""
    picture = drawing.draw_pack("", colour, PACK)
    for number, code in enumerate(gtin.split()):
        picture.paste(barcode(code, 2 if close else 1), (20, 20 + 140 * number))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(drawing.encode(picture, "PNG"))


def told(rows: list[LeftRow]) -> dict[str, str]:
    return {row.field.removeprefix("packshot "): row.why for row in rows}


def counts(done: CatalogueImport) -> tuple[int, int, int]:
    """Pictures kept, left out and remarked on."""
    assert Packshot.objects.count() == done.packshots_added
    return done.packshots_added, len(done.left), len(done.remarks)


def test_a_picture_without_a_name_is_linked_by_its_barcode(ours: Organisation, tmp_path: Path) -> None:
    put(tmp_path / "IMG_1.png", CHILLI)
    put(tmp_path / "IMG_2.png", STRANGE)
    put(tmp_path / "IMG_3.png")
    done = import_catalogue(ours, CATALOGUE, tmp_path)
    assert counts(done) == (1, 2, 1)
    assert Sku.objects.get(code="A2").packshots.count() == 1
    assert told(done.remarks) == {"IMG_1.png": "is SKU A2's by its barcode."}
    assert told(done.left) == {
        "IMG_2.png": f"the catalogue has no SKU 'IMG_2', and none with the barcode's GTIN 0{STRANGE}.",
        "IMG_3.png": "the catalogue has no SKU 'IMG_3'.",
    }


def test_one_barcode_links_its_whole_folder(ours: Organisation, tmp_path: Path) -> None:
    put(tmp_path / "new" / "code.png", SALTED, close=True)
    put(tmp_path / "new" / "front.png")
    put(tmp_path / "new" / "side.png", colour="#22aa22")
    done = import_catalogue(ours, CATALOGUE, tmp_path)
    assert counts(done) == (2, 0, 3)
    assert Sku.objects.get(code="A1").packshots.count() == 2
    assert told(done.remarks) == {
        "new/code.png": "shows the barcode of SKU A1 and little else, so it is not kept.",
        "new/front.png": "is SKU A1's by the barcode of new/code.png.",
        "new/side.png": "is SKU A1's by the barcode of new/code.png.",
    }


def test_barcodes_of_several_products_link_only_what_they_are_on(ours: Organisation, tmp_path: Path) -> None:
    put(tmp_path / "mixed" / "1.png", SALTED)
    put(tmp_path / "mixed" / "2.png", CHILLI, colour="#22aa22")
    put(tmp_path / "mixed" / "3.png", colour="#2222aa")
    put(tmp_path / "both.png", f"{SALTED} {CHILLI}")
    done = import_catalogue(ours, CATALOGUE, tmp_path)
    assert counts(done) == (2, 2, 2)
    assert [Sku.objects.get(code=code).packshots.count() for code in ("A1", "A2")] == [1, 1]
    several = "the barcodes are of several SKUs: A1, A2; expected one in a picture or folder."
    assert told(done.left) == {"mixed/3.png": several, "both.png": several}


def test_a_barcode_against_the_name_is_remarked_and_the_picture_kept(
    ours: Organisation, tmp_path: Path
) -> None:
    for name, gtin in {"A1": CHILLI, "A2": CHILLI, "A3": STRANGE}.items():
        put(tmp_path / f"{name}.png", gtin)
    done = import_catalogue(ours, CATALOGUE, tmp_path)
    assert counts(done) == (3, 0, 2)
    assert told(done.remarks) == {
        "A1.png": f"the name says SKU A1, whose GTIN is 0{SALTED}; the barcode says 0{CHILLI}, "
        "which is SKU A2's.",
        "A3.png": f"the name says SKU A3, whose GTIN is not known; the barcode says 0{STRANGE}.",
    }


def test_a_close_up_is_kept_only_where_it_is_all_there_is_and_named(
    ours: Organisation, tmp_path: Path
) -> None:
    put(tmp_path / "A1" / "code.png", SALTED, close=True)
    put(tmp_path / "A1" / "front.png")
    put(tmp_path / "A2.png", CHILLI, close=True)
    put(tmp_path / "IMG_1.png", SALTED, close=True)
    done = import_catalogue(ours, CATALOGUE, tmp_path)
    assert counts(done) == (2, 1, 1)
    assert told(done.remarks) == {"A1/code.png": "shows the barcode and little else, so it is not kept."}
    assert told(done.left) == {
        "IMG_1.png": "shows little but the barcode of SKU A1; expected pictures of the pack in its folder."
    }
