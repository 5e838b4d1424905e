"""Barcodes on pictures, drawn by zxing-cpp's writer."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from recognition.stages.barcode import is_gtin, read_barcodes, read_gtins
from recognition.types import ImageArray

Format = zxingcpp.BarcodeFormat


def drawn(*codes: tuple[str, Format], size: tuple[int, int] = (600, 800)) -> ImageArray:
    """A grey picture, (height, width) = size, with the codes below each other."""
    picture = np.full((*size, 3), 170, np.uint8)
    for row, (text, kind) in enumerate(codes):
        code = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=2))
        picture[20 + 180 * row :, 30:][: code.shape[0], : code.shape[1]] = code[..., None]
    return picture


@pytest.mark.parametrize(
    ("text", "kind", "gtin"),
    [
        ("2900000010000", Format.EAN13, "02900000010000"),
        ("96385074", Format.EAN8, "00000096385074"),
        ("036000291452", Format.UPCA, "00036000291452"),
        ("01234565", Format.UPCE, "00012345000065"),
        ("15400141288763", Format.ITF14, "15400141288763"),
    ],
)
def test_every_kind_of_product_code_is_read(text: str, kind: Format, gtin: str) -> None:
    assert read_gtins(drawn((text, kind))) == [gtin]


def test_turned_soft_and_noisy_codes_are_read() -> None:
    picture = cv2.GaussianBlur(np.rot90(drawn(("2900000010000", Format.EAN13))), (0, 0), 0.8)
    noisy = picture.astype(np.int16) + np.random.default_rng(3).integers(-20, 21, picture.shape)
    assert read_gtins(np.clip(noisy, 0, 255).astype(np.uint8)) == ["02900000010000"]


def test_each_gtin_once_and_the_longest_first() -> None:
    codes = (("96385074", Format.EAN8), ("2900000010000", Format.EAN13), ("96385074", Format.EAN8))
    first, second = read_barcodes(drawn(*codes))
    assert (first.gtin, second.gtin) == ("02900000010000", "00000096385074")
    assert first.span == pytest.approx(95 * 2 / 800, abs=0.02)
    assert second.span < first.span


def test_other_codes_and_no_codes_give_nothing() -> None:
    other = drawn(("2900000010000", Format.Code128), size=(600, 900))
    assert read_gtins(other) == []
    assert read_gtins(np.full((1, 1, 3), 9, np.uint8)) == []
    assert read_gtins(np.random.default_rng(1).integers(0, 255, (300, 300, 3)).astype(np.uint8)) == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2900000010000", True),
        ("2900000010001", False),
        ("290000001000", False),
        ("96385074", True),
        ("00000000", False),
        ("", False),
        ("²900000010000", False),
        ("29000000100x0", False),
    ],
)
def test_the_check_digit_must_be_right(text: str, good: bool) -> None:
    assert is_gtin(text) is good
