"""Shelves drawn as text, for tests: one line a shelf, one word a column, ten centimetres each.

``A`` facing of SKU A, ``A/A`` one on top of another, ``.`` gap, ``_`` nothing seen, ``?`` unknown, ``?A``
unknown with candidate A, ``A~B`` ambiguous, A the likelier.
"""

from __future__ import annotations

import numpy as np

from compliance.types import BayInput, BayPhoto, PlannedPosition, Planogram, Product
from recognition.types import (
    Box,
    Candidate,
    Facing,
    FacingStatus,
    Gap,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)

CM = 10.0
PX = 40.0
"""Pixels of a column; so 0.25 cm a pixel."""
ROW_PX = 100.0

PRODUCTS = {
    sku: Product(sku, brand, own, category, f"Product {sku}", CM, 20.0)
    for sku, brand, own, category in [
        ("A", "Our", True, "Crisps"),
        ("B", "Our", True, "Crisps"),
        ("C", "Our", True, "Crisps"),
        ("D", "Our", True, "Nuts"),
        ("E", "Our", True, "Nuts"),
        ("X", "Rival", False, "Crisps"),
        ("Y", "Rival", False, "Nuts"),
        ("Z", "Other", False, "Crisps"),
    ]
}


def layout(drawing: str, confidence: float = 1.0, cm_per_px: float | None = CM / PX) -> ShelfLayout:
    """The layout of a photo that shows just what is drawn."""
    lines = [line.split() for line in drawing.strip().splitlines()]
    facings: list[Facing] = []
    gaps: list[Gap] = []
    for shelf, words in enumerate(lines):
        position = 0
        for column, word in enumerate(words):
            x, y = column * PX, shelf * ROW_PX
            if word == ".":
                box = (x + 1, y + 20, x + PX - 1, y + ROW_PX)
                gaps.append(Gap(box, box, shelf))
            elif word != "_":
                for stack, part in enumerate(word.split("/")):
                    top = y + 60 - 40 * stack
                    facings.append(
                        _facing(part, (x, top, x + PX, top + 40), shelf, position, stack, confidence)
                    )
                position += 1
    width, height = int(max(len(words) for words in lines) * PX), int(len(lines) * ROW_PX)
    return ShelfLayout(
        width=width,
        height=height,
        quality=Quality(True, 500.0, 120.0),
        rectified=RectifiedShelf(np.eye(3), width, height),
        shelves=len(lines),
        facings=tuple(facings),
        gaps=tuple(gaps),
        cm_per_px=cm_per_px,
    )


def _facing(word: str, box: Box, shelf: int, position: int, stack: int, confidence: float) -> Facing:
    names = [name for name in word.replace("?", "~").split("~") if name]
    candidates = tuple(Candidate(name, 0.8 - 0.02 * rank) for rank, name in enumerate(names))
    if word.startswith("?"):
        status, sku = FacingStatus.UNKNOWN, None
    else:
        status, sku = FacingStatus.AMBIGUOUS if "~" in word else FacingStatus.ACCEPTED, names[0]
    return Facing(box, box, shelf, position, stack, 0.9, status, sku, confidence, candidates)


def plan(drawing: str, geometry: bool = True, name: str = "plan") -> Planogram:
    """The plan as drawn: equal neighbours are one position, ``A/A`` is two high."""
    positions = []
    lines = [line.split() for line in drawing.strip().splitlines()]
    for shelf, words in enumerate(lines):
        number = column = 0
        while column < len(words):
            wide = 1
            while column + wide < len(words) and words[column + wide] == words[column]:
                wide += 1
            if words[column] != "_":
                parts = words[column].split("/")
                where = {"x_cm": column * CM, "width_cm": wide * CM} if geometry else {}
                key = f"{shelf}/{number}"
                positions.append(PlannedPosition(shelf, number, parts[0], wide, len(parts), key=key, **where))
                number += 1
            column += wide
    width = max(len(words) for words in lines) * CM if geometry else None
    return Planogram(name, tuple(positions), width)


def bay(*drawings: str, planogram: Planogram | None = None, key: str = "bay") -> BayInput:
    """A bay with one photo for each drawing, oldest first, keyed p0, p1, …"""
    photos = tuple(BayPhoto(f"p{n}", layout(drawing)) for n, drawing in enumerate(drawings))
    return BayInput(key, f"Bay {key}", photos, planogram)
