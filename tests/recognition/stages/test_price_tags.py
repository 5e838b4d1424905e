"""What price tags say: the price among their lines, and which facings they price."""

from __future__ import annotations

from decimal import Decimal

import cv2
import numpy as np
import pytest

from recognition.stages.price_tags import find_price, priced_facings, read_tags
from recognition.stages.rectify import identity
from recognition.stages.text import TextLine, TextReader, reader_label
from recognition.types import Facing, FacingStatus, PriceTag


def line(text: str, height: float = 40, x: float = 0, y: float = 0, score: float = 0.99) -> TextLine:
    return TextLine(text, score, (x, y, x + 0.5 * height * len(text), y + height), height)


@pytest.mark.parametrize(
    ("lines", "price", "sure"),
    [
        ([line("kr 29,90", 25), line("Alanya Import AS", 25), line("8716200085175", 21)], "29.90", True),
        ([line("3450", 85), line("Pr/kg 98.57", 26), line("MILLS PEANUT BUTTER 350G", 32)], "34.50", True),
        ([line("27", 79), line("90", 32, x=85, y=2), line("67.23", 34, y=90)], "27.90", True),
        ([line("TILBUD", 32), line("SPAR kr 5.00", 95), line("17", 90), line("45", 38, x=95)], "17.45", True),
        ([line("før 49,90", 60), line("39,90", 50)], "39.90", True),
        ([line("-30 %", 80), line("$1.99", 40)], "1.99", True),
        ([line("2 for 30", 60)], "15.00", True),
        ([line("3 for $10.00", 60)], "3.33", True),
        ([line("149,-", 60), line("500 g", 70)], "149.00", True),
        ([line("148", 60)], "1.48", False),
        ([line("27", 60)], "27.00", False),
        ([line("14800", 60)], "148.00", True),
        ([line("3450", 85, score=0.6)], "34.50", False),
    ],
)
def test_the_price_is_the_tallest_that_nothing_gives_away(
    lines: list[TextLine], price: str, sure: bool
) -> None:
    found = find_price(lines)
    assert found is not None
    assert (found.amount, found.sure) == (Decimal(price), sure)


@pytest.mark.parametrize(
    "lines",
    [[], [line("OREGANO BLACK BOY")], [line("7036110008844")], [line("1kg"), line("12,50/kg"), line("20 %")]],
)
def test_a_tag_without_a_price_has_none(lines: list[TextLine]) -> None:
    assert find_price(lines) is None


def test_lines_read_badly_do_not_count() -> None:
    found = find_price([line("20", 146, score=0.28), line("2870", 91)])
    assert found is not None
    assert found.amount == Decimal("28.70")


def tag(x1: float, x2: float, shelf: int = 0, y: float = 200) -> PriceTag:
    box = (x1, y, x2, y + 40)
    return PriceTag(box, box, shelf)


def facing(x: float, sku: str | None, shelf: int = 0, position: int = 0, stack: int = 0) -> Facing:
    box = (x, 100.0 - 90 * stack, x + 80, 190.0 - 90 * stack)
    status = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
    return Facing(box, box, shelf, position, stack, 0.9, status, sku, 0.9)


def test_a_tag_prices_the_product_above_it_and_its_neighbours_of_the_same() -> None:
    row = [facing(x, sku) for x, sku in ((0, "a"), (90, "b"), (180, "b"), (270, "b"), (360, "c"), (450, "b"))]
    below = [facing(180, "d", shelf=1)]
    assert priced_facings(tag(200, 260), [*row, *below]) == [1, 2, 3]
    assert priced_facings(tag(700, 760), row) == []


def test_a_tag_below_an_unknown_product_prices_its_column() -> None:
    column = [facing(0, None, position=0), facing(0, None, position=0, stack=1), facing(90, None, position=1)]
    assert priced_facings(tag(10, 60), column) == [0, 1]


@pytest.mark.skipif(not reader_label(), reason="needs the extra ocr: pip install 'retail-exec[ocr]'")
def test_a_printed_tag_is_read_from_the_photo() -> None:
    photo = np.full((300, 600, 3), 90, np.uint8)
    cv2.rectangle(photo, (100, 100), (340, 210), (250, 250, 250), -1)
    cv2.putText(
        photo, "Plain flour 1kg", (112, 128), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1, cv2.LINE_AA
    )
    cv2.putText(photo, "24.90", (180, 190), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3, cv2.LINE_AA)
    box = (100.0, 100.0, 340.0, 210.0)
    unread = PriceTag((400, 100, 410, 110), (400, 100, 410, 110), 0)
    read, small = read_tags(TextReader(), photo, [PriceTag(box, box, 0), unread], identity(600, 300))
    assert read.price == Decimal("24.90")
    assert read.readable
    assert "24.90" in read.text
    assert small == unread
