"""Packs: catalogues, drawing, packshots, the user's own products and crops."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.training.render.catalogue import AISLES, PackSpec, gtin13, make_catalogue
from recognition.training.render.crops import GENTLE, distort, prepare
from recognition.training.render.fonts import fonts, text_mask
from recognition.training.render.own import read_catalogue
from recognition.training.render.packs import WEARS, draw_pack, packshot
from recognition.training.render.packshots import key_out
from recognition.training.render.shapes import SHAPES


@pytest.fixture(scope="module")
def catalogue() -> list[PackSpec]:
    return make_catalogue(3, 12, skus=40)


def test_catalogue_is_decided_by_its_seed_and_has_variant_lines(catalogue: list[PackSpec]) -> None:
    assert catalogue == make_catalogue(3, 12, skus=40)
    assert catalogue != make_catalogue(4, 12, skus=40)
    assert len({s.sku for s in catalogue}) == len({s.gtin for s in catalogue}) == 40
    by_sku = {s.sku: s for s in catalogue}
    variants = [s for s in catalogue if s.variant_of]
    assert variants
    assert all(by_sku[s.variant_of].design_seed == s.design_seed for s in variants)


def test_unknown_category_is_named() -> None:
    with pytest.raises(ValueError, match="got \\['cars'\\]"):
        make_catalogue(1, categories=["cars"])


def test_gtin_has_the_standard_check_digit() -> None:
    digits = [int(d) for d in gtin13(123456789)]
    assert len(digits) == 13
    assert (sum(digits[:12:2]) + 3 * sum(digits[1:12:2]) + digits[12]) % 10 == 0


def test_fonts_come_from_packages_and_write() -> None:
    faces = fonts("packages")
    assert len(faces) >= 20
    assert text_mask("Salted 200 g", faces[0], 30).max() == 1.0
    assert text_mask("Salted", "", 30).max() == 1.0, "Pillow's own font stands in where none is installed"


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn_solid_inside_and_the_same_twice(shape: str) -> None:
    spec = next(s for aisle in AISLES for s in make_catalogue(1, 30, [aisle], 90) if s.shape == shape)
    pack = draw_pack(spec, 120)
    height, width = pack.shape[:2]
    assert height == 120
    assert width == pytest.approx(120 * spec.width_cm / spec.height_cm, abs=1)
    assert (pack[40:80, width * 2 // 5 : width * 3 // 5, 3] > 140).all(), "clear glass lets a part through"
    assert pack[..., :3].std() > 8
    assert np.array_equal(pack, draw_pack(spec, 120))


def test_units_of_one_product_differ_a_little_and_variants_more(catalogue: list[PackSpec]) -> None:
    spec = next(s for s in catalogue if s.variant_of and s.shape in ("bag", "pouch"))
    first, second = (draw_pack(spec, 96, wear).astype(float) for wear in (0, 1))
    assert WEARS > 1
    assert 1 < np.abs(first - second)[..., :3].mean() < 60


def test_packshot_is_keyed_back_to_the_pack(catalogue: list[PackSpec]) -> None:
    spec = next(s for s in catalogue if s.shape == "box")
    picture = packshot(spec, 200)
    assert picture.shape == (200, 200, 3)
    assert (picture[:5] == 255).all()
    cut = key_out(picture)
    assert cut.shape[1] / cut.shape[0] == pytest.approx(spec.width_cm / spec.height_cm, rel=0.05)


def test_white_inside_the_pack_stays_and_a_photo_without_white_border_stays_whole() -> None:
    picture = np.full((100, 80, 3), 255, np.uint8)
    picture[20:80, 20:60] = (200, 30, 30)
    picture[40:60, 30:50] = 255
    cut = key_out(picture)
    assert cut.shape == (60, 40, 4)
    assert cut[30, 20, 3] == 255
    grey = np.full((50, 40, 3), 90, np.uint8)
    assert key_out(grey).shape == (50, 40, 4)


def test_own_catalogue_takes_sizes_from_the_file_or_the_picture(tmp_path: Path) -> None:
    picture = np.full((100, 100, 3), 255, np.uint8)
    picture[10:90, 30:70] = (20, 90, 200)
    (tmp_path / "b").mkdir()
    for name in ("a.png", "b/front.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    (tmp_path / "catalog.csv").write_text("sku,name,width_cm,height_cm\na,Anna,7,12\nb,Bea,,\nc,Carl,1,2\n")
    anna, bea = read_catalogue(tmp_path / "catalog.csv", tmp_path)
    assert (anna.sku, anna.width_cm, anna.height_cm) == ("a", 7, 12)
    assert bea.height_cm == 20
    assert bea.width_cm == pytest.approx(10, rel=0.1)
    assert draw_pack(anna, 64)[32, 10, 0] > 150


def test_own_catalogue_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_text("code,name\n1,x\n")
    with pytest.raises(ValueError, match="'sku' column, found code, name"):
        read_catalogue(path, tmp_path)
    path.write_text("sku\n1\n2\n")
    with pytest.raises(ValueError, match="no packshot found for any of the 2 SKUs"):
        read_catalogue(path, tmp_path)


def test_crops_are_varied_yet_still_show_the_pack(catalogue: list[PackSpec]) -> None:
    spec = catalogue[0]
    pack = prepare(packshot(spec, 300), 128)
    crops = [distort(pack, np.random.default_rng(i), size=128, others=[pack]) for i in range(12)]
    assert all(max(crop.shape[:2]) == 128 and crop.dtype == np.uint8 for crop in crops)
    assert len({crop.tobytes() for crop in crops}) == 12
    again = distort(pack, np.random.default_rng(5), size=128, others=[pack])
    assert np.array_equal(again, crops[5])
    mean = pack[pack[..., 3] > 250][:, :3].mean(axis=0)
    near = [distort(pack, np.random.default_rng(i), strength=GENTLE).reshape(-1, 3) for i in range(8)]
    assert np.abs(np.mean([c.mean(axis=0) for c in near], axis=0) - mean).max() < 60


@pytest.mark.parametrize("category", AISLES)
def test_each_category_can_fill_a_catalogue(category: str) -> None:
    assert {s.category for s in make_catalogue(1, 2, [category], 6)} == {category}
