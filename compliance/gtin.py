"""GTINs: the digits under a barcode."""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> str:
    """The check digit that belongs behind ``digits``: weights 3, 1, 3, 1… from the right (GS1)."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str((10 - total % 10) % 10)


def is_valid(gtin: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return gtin.isascii() and gtin.isdigit() and len(gtin) in LENGTHS and check_digit(gtin[:-1]) == gtin[-1]


def normalise(text: str) -> tuple[str, str]:
    """(key, remark) of a GTIN as people write it.

    key: 14 digits, or "" when the text is no GTIN. remark: one sentence on what is wrong or odd, or "".
    """
    digits = text.strip().replace(" ", "").replace("-", "")
    if not digits:
        return "", ""
    if not (digits.isascii() and digits.isdigit()):
        if "E+" in digits.upper():
            return "", f"{text!r} is a number a spreadsheet has rounded; expected the digits of the GTIN."
        return "", f"expected a GTIN of 8, 12, 13 or 14 digits, found {text!r}."
    if len(digits) not in LENGTHS:
        offer = digits + check_digit(digits)
        hint = f" With its check digit it would be {offer}." if len(offer) in LENGTHS else ""
        return "", f"expected a GTIN of 8, 12, 13 or 14 digits, found {len(digits)}: {text!r}.{hint}"
    if not is_valid(digits):
        right = digits[:-1] + check_digit(digits[:-1])
        return digits.zfill(14), f"the check digit of {digits} is wrong; {right} would be right."
    return digits.zfill(14), ""
