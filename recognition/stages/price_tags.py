"""What a price tag says: the price that a shopper pays for one unit.

The price is printed largest. Unit prices ("pr kg"), old prices, weights, codes and savings are smaller, or
carry words that give them away; an offer for several is divided by their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

import numpy as np

from recognition.stages.crop import cut
from recognition.stages.layout import tag_rows
from recognition.stages.rectify import rectify_boxes
from recognition.stages.text import TextLine, TextReader
from recognition.types import Detection, Facing, ImageArray, PriceTag, RectifiedShelf

TALL = 0.35
"""Lines lower than this share of the tallest are not read: no shop prints its price so small."""
MARGIN = 0.04
"""A tag's crop is widened by this share of its sides, since detectors cut tight."""
SURE, LEAST = 0.8, 0.5
"""From these scores on, a line counts as read with confidence, and at all."""
MOST = 24
"""Tags a photo that are read, the largest first: it bounds the time."""
SMALLEST = 24
"""Pixels of a tag's longer side: nobody could read less."""

CURRENCY = r"(?:kr\.?|nok|sek|dkk|eur|usd|gbp|chf|pln|inr|rs\.?|[$€£¥₹])"
_OTHER = re.compile(
    r"%|\b(?:pr|per|/)\s*/?\s*(?:kg|kilo|l|lit\w*|st\w*|100|m|g)\b|/\s*(?:kg|l|st\w*|100)|"
    r"\b(?:f[øo]r|before|was|ord|old|spar|save|pant|rabat\w*|bonus|medlem\w*)\b|\d\s*(?:kg|g|gr|ml|cl|dl|l|cm|mm)\b",
    re.IGNORECASE,
)
"""Lines about something else: shares, unit prices, old prices and savings, deposits, contents."""
_SEVERAL = re.compile(
    rf"^(?P<count>[2-9])\s*(?:for|f\.|stk|pk|st|/|x|til)\s*{CURRENCY}?\s*(?P<whole>\d{{1,4}})(?:[.,](?P<part>\d\d))?",
    re.IGNORECASE,
)
_DECIMAL = re.compile(
    rf"^{CURRENCY}?k?\s*(?P<whole>\d{{1,5}})\s*[.,:·]\s*(?P<part>\d\d)\s*{CURRENCY}?$", re.I
)
_WHOLE = re.compile(rf"^{CURRENCY}?\s*(?P<whole>\d{{1,5}})\s*(?:[.,]?\s*[-–—]|{CURRENCY})$", re.I)
_DIGITS = re.compile(rf"^(?P<sign>{CURRENCY}?)\s*(?P<digits>\d{{1,5}})[°*'’.]?$", re.I)


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one unit. sure: read with confidence, decimals or currency sign included."""

    amount: Decimal
    sure: bool


def placed(found: Sequence[Detection], plane: RectifiedShelf) -> tuple[PriceTag, ...]:
    """Tags in the frame of the shelf, by row and then from left to right."""
    boxes = rectify_boxes(plane.homography, np.array([tag.box for tag in found]).reshape(-1, 4))
    rows = tag_rows(boxes, plane.shelf_edges)
    tags = [
        PriceTag(tag.box, (box[0], box[1], box[2], box[3]), row, tag.score)
        for tag, box, row in zip(found, boxes.tolist(), rows.tolist(), strict=True)
    ]
    return tuple(sorted(tags, key=lambda tag: (tag.shelf, tag.rect_box[0])))


def find_price(lines: Iterable[TextLine]) -> Price | None:
    """The price among a tag's lines, None where there is none.

    Of all lines that may be a price, the tallest wins. Digits that run together are taken as having raised
    decimals ("2990" is 29.90), as are two digits beside the top of larger ones.
    """
    usable = [
        line
        for line in lines
        if line.score >= LEAST and (_SEVERAL.match(line.text) or not _OTHER.search(line.text))
    ]
    found = [(line.height, price) for line in usable if (price := _price(line, usable)) is not None]
    return max(found, key=lambda item: item[0])[1] if found else None


def _price(line: TextLine, lines: Sequence[TextLine]) -> Price | None:
    text, sure = line.text.strip(), line.score >= SURE
    if several := _SEVERAL.match(text):
        return Price(_amount(several["whole"], several["part"] or "00", int(several["count"])), sure)
    if exact := _DECIMAL.match(text):
        return Price(_amount(exact["whole"], exact["part"]), sure)
    if whole := _WHOLE.match(text):
        return Price(_amount(whole["whole"], "00"), sure)
    plain = _DIGITS.match(text)
    if plain is None:
        return None
    digits = plain["digits"]
    raised = _raised(line, lines)
    if raised is not None and len(digits) <= 4:
        return Price(_amount(digits, raised.text), sure and raised.score >= SURE)
    if len(digits) >= 3:  # of three digits run together, one may have been taken for two
        return Price(_amount(digits[:-2], digits[-2:]), sure and len(digits) > 3)
    return Price(_amount(digits, "00"), sure and bool(plain["sign"]))


def _raised(line: TextLine, lines: Sequence[TextLine]) -> TextLine | None:
    """The two smaller digits to the right of a line's upper half."""
    for other in lines:
        apart = other.box[0] - line.box[2]
        if (
            re.fullmatch(r"\d\d", other.text)
            and 0.25 < other.height / line.height < 0.8
            and -0.5 * line.height < apart < 0.5 * line.height
            and other.box[1] < (line.box[1] + line.box[3]) / 2
        ):
            return other
    return None


def _amount(whole: str, part: str, count: int = 1) -> Decimal:
    return (Decimal(f"{whole}.{part}") / count).quantize(Decimal("0.01"), ROUND_HALF_UP)


def read_tags(
    reader: TextReader, image: ImageArray, tags: Sequence[PriceTag], plane: RectifiedShelf
) -> tuple[PriceTag, ...]:
    """The tags with their text and price, in their order.

    image: the photo in whose pixels the boxes are. Tags too small to be read, and those beyond the MOST
    largest, stay unread.
    """
    widest = sorted(range(len(tags)), key=lambda i: tags[i].box[0] - tags[i].box[2])
    chosen = {i for i in widest[:MOST] if _long_side(tags[i]) >= SMALLEST}
    return tuple(_read(reader, image, tag, plane) if i in chosen else tag for i, tag in enumerate(tags))


def _read(reader: TextReader, image: ImageArray, tag: PriceTag, plane: RectifiedShelf) -> PriceTag:
    boxes = [_widened(box) for box in (tag.box, tag.rect_box)]
    crop = cut(image, np.array(boxes[:1]), np.array(boxes[1:]), plane)[0]
    lines = reader.read(crop, least=TALL)
    price = find_price(lines)
    text = "\n".join(line.text for line in sorted(lines, key=lambda line: line.box[1]))
    return replace(tag, text=text, price=price.amount if price else None, readable=bool(price and price.sure))


def _widened(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    wide, high = MARGIN * (box[2] - box[0]), MARGIN * (box[3] - box[1])
    return (box[0] - wide, box[1] - high, box[2] + wide, box[3] + high)


def _long_side(tag: PriceTag) -> float:
    return max(tag.box[2] - tag.box[0], tag.box[3] - tag.box[1])


def priced_facings(tag: PriceTag, facings: Sequence[Facing]) -> list[int]:
    """Indices of the facings that a tag prices: those of its shelf above it, and those of the same product
    beside them up to the next product."""
    row = sorted(
        (i for i, facing in enumerate(facings) if facing.shelf == tag.shelf),
        key=lambda i: facings[i].rect_box[0],
    )
    above = [i for i in row if _shared(tag, facings[i]) > 0]
    if not above:
        return []
    best = max(above, key=lambda i: _shared(tag, facings[i]))
    sku = facings[best].sku
    if sku is None:
        return [i for i in above if facings[i].position == facings[best].position]
    place = row.index(best)
    left = _run(facings, reversed(row[:place]), sku)
    right = _run(facings, row[place + 1 :], sku)
    return sorted(chain([best], left, right))


def _run(facings: Sequence[Facing], indices: Iterable[int], sku: str) -> list[int]:
    """The first of the facings as long as they are of one product."""
    run: list[int] = []
    for index in indices:
        if facings[index].sku != sku:
            break
        run.append(index)
    return run


def _shared(tag: PriceTag, facing: Facing) -> float:
    """Width that tag and facing share, rectified pixels."""
    left, right = max(tag.rect_box[0], facing.rect_box[0]), min(tag.rect_box[2], facing.rect_box[2])
    return right - left
