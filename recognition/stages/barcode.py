"""Reads the barcodes of products on pictures, by zxing-cpp (Apache-2.0)."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import zxingcpp

from recognition.types import ImageArray

FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.EANUPC, zxingcpp.BarcodeFormat.ITF14])
"""What products and their cases carry: EAN-13, EAN-8, UPC-A, UPC-E, ITF-14."""
LENGTHS = (8, 12, 13, 14)


class Barcode(NamedTuple):
    """A barcode on a picture. gtin: 14 digits, padded with zeros on the left. span: its length as a share of
    the picture's longer side."""

    gtin: str
    span: float


def read_barcodes(image: ImageArray) -> list[Barcode]:
    """The product barcodes of an RGB picture of any size, each GTIN once, the longest first.

    Codes of other kinds, and those with a wrong check digit, are passed over.
    """
    found = zxingcpp.read_barcodes(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), FORMATS)
    side = max(image.shape[:2])
    codes = [Barcode(code.text.zfill(14), _length(code) / side) for code in found if is_gtin(code.text)]
    spans: dict[str, float] = {}
    for gtin, span in sorted(codes, key=lambda code: -code.span):
        spans.setdefault(gtin, span)
    return [Barcode(gtin, span) for gtin, span in spans.items()]


def read_gtins(image: ImageArray) -> list[str]:
    """The GTINs of the picture's barcodes, 14 digits each; see ``read_barcodes``."""
    return [code.gtin for code in read_barcodes(image)]


def is_gtin(text: str) -> bool:
    """Whether these are the digits of a GTIN, the last one its check digit (GS1: weights 3, 1, 3, 1… from the
    right)."""
    if not (text.isascii() and text.isdigit()) or len(text) not in LENGTHS or not int(text):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _length(code: zxingcpp.Barcode) -> float:
    """Pixels from the code's first bar to its last."""
    ends = code.position.top_left, code.position.top_right
    return math.hypot(ends[1].x - ends[0].x, ends[1].y - ends[0].y)
