"""A planogram as the editor and programs send it: JSON in, checked values out, every fault named."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from compliance.importers.values import is_text

LONGEST_NAME = 200
MOST_SHELVES, MOST_POSITIONS, MOST_FACINGS = 50, 5000, 200
LONGEST_CM = 10_000.0
SLACK_CM = 0.5
"""Blocks may overlap or stand out by so much before anybody is told."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong. field: where, as ``positions[3].sku``. at: index of the position, None for another."""

    field: str
    why: str
    at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As the editor and programs get it."""
        return {"field": self.field, "why": self.why, "at": self.at}


class RefusedPlanError(ValueError):
    """The plan cannot be stored as it is."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.why}" for p in problems))


@dataclass(frozen=True, slots=True)
class EditedPosition:
    """One place; frame and sizes as in ``compliance.types.PlannedPosition``."""

    shelf: int
    sku: str
    facings_wide: int
    facings_high: int
    x_cm: float | None
    y_cm: float | None
    width_cm: float | None
    height_cm: float | None


@dataclass(frozen=True, slots=True)
class EditedPlan:
    """A whole plan, its positions in reading order. unplaced: ids of the facings still without a product.
    remarks: what may be stored, but is worth a look."""

    name: str
    width_cm: float | None
    height_cm: float | None
    boards_cm: list[float]
    positions: list[EditedPosition]
    unplaced: list[int] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


def read_document(document: object, skus: Collection[str]) -> EditedPlan:
    """Check a document. skus: codes of the catalogue. Raises RefusedPlanError naming every fault.

    Needed: ``name``, ``positions``, each with ``shelf`` (0 is the top) and ``sku``. Optional: ``width_cm``,
    ``height_cm``, ``boards_cm``, ``unplaced``; of a position ``facings_wide``, ``facings_high``, ``x_cm``,
    ``y_cm``, ``width_cm``, ``height_cm``.
    """
    if not isinstance(document, dict):
        raise RefusedPlanError([Problem("", "expected a JSON object.")])
    reader = _Reader(document)
    name = reader.name()
    width, height = reader.size(document, "width_cm"), reader.size(document, "height_cm")
    boards = reader.boards()
    positions = reader.positions(skus, len(boards))
    unplaced = [i for i in document.get("unplaced") or [] if isinstance(i, int) and not isinstance(i, bool)]
    if reader.problems:
        raise RefusedPlanError(reader.problems)
    indexed = sorted(enumerate(positions), key=_reading_order(positions))
    plan = EditedPlan(name, width, height, boards, [p for _, p in indexed], unplaced)
    plan.remarks.extend(_remarks(plan, [at for at, _ in indexed]))
    return plan


def _reading_order(positions: list[EditedPosition]) -> Any:
    """By shelf; on it from the left, lower ones first, or as they were sent where one has no place."""
    unplaced = {p.shelf for p in positions if p.x_cm is None}

    def key(item: tuple[int, EditedPosition]) -> tuple[float, ...]:
        at, p = item
        if p.shelf in unplaced or p.x_cm is None:
            return p.shelf, at
        return p.shelf, p.x_cm, -(p.y_cm or 0.0), at

    return key


class _Reader:
    """One document being read; notes what is wrong with it and goes on."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def bad(self, field: str, why: str, at: int | None = None) -> None:
        self.problems.append(Problem(field, why, at))

    def name(self) -> str:
        value = self.document.get("name")
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            self.bad("name", "is missing.")
        elif not is_text(text) or len(text) > LONGEST_NAME:
            self.bad("name", f"expected up to {LONGEST_NAME} characters of text, found {len(text)}.")
        return text

    def boards(self) -> list[float]:
        given = self.document.get("boards_cm") or []
        if not isinstance(given, list) or len(given) > MOST_SHELVES:
            self.bad("boards_cm", f"expected a list of up to {MOST_SHELVES} heights.")
            return []
        found = [_finite(value) for value in given]
        boards = [value for value in found if value is not None]
        if len(boards) < len(given) or any(a >= b for a, b in pairwise([0.0, *boards])):
            self.bad("boards_cm", "expected numbers above 0, each larger than the one before.")
        return boards

    def size(
        self, source: dict[str, Any], name: str, prefix: str = "", at: int | None = None
    ) -> float | None:
        value = source.get(name)
        if value is None:
            return None
        number = _finite(value)
        if number is None or number <= 0:
            self.bad(f"{prefix}{name}", f"expected a number above 0, found {_shown(value)}.", at)
            return None
        return number

    def positions(self, skus: Collection[str], shelves: int) -> list[EditedPosition]:
        given = self.document.get("positions")
        if not isinstance(given, list) or len(given) > MOST_POSITIONS:
            self.bad("positions", f"expected a list of up to {MOST_POSITIONS} places.")
            return []
        most = shelves or MOST_SHELVES
        found = (self.position(at, item, skus, most) for at, item in enumerate(given))
        return [position for position in found if position is not None]

    def position(self, at: int, item: object, skus: Collection[str], shelves: int) -> EditedPosition | None:
        where = f"positions[{at}]."
        if not isinstance(item, dict):
            self.bad(where.rstrip("."), "expected an object.", at)
            return None
        sku = item.get("sku")
        if not isinstance(sku, str) or sku not in skus:
            self.bad(f"{where}sku", f"the catalogue has no product with the code {_shown(sku)}.", at)
        shelf = self.whole(item, "shelf", None, 0, shelves - 1, at)
        wide = self.whole(item, "facings_wide", 1, 1, MOST_FACINGS, at)
        high = self.whole(item, "facings_high", 1, 1, MOST_FACINGS, at)
        places: list[float | None] = []
        for name in ("x_cm", "y_cm"):
            number = _finite(item.get(name))
            if number is None and item.get(name) is not None:
                self.bad(f"{where}{name}", f"expected a number, found {_shown(item[name])}.", at)
            places.append(number)
        width, height = (self.size(item, name, where, at) for name in ("width_cm", "height_cm"))
        return EditedPosition(shelf, str(sku), wide, high, places[0], places[1], width, height)

    def whole(
        self, item: dict[str, Any], name: str, default: int | None, least: int, most: int, at: int
    ) -> int:
        value = item.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.bad(
                f"positions[{at}].{name}",
                f"expected a whole number from {least} to {most}, found {_shown(value)}.",
                at,
            )
            return least
        return value


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if abs(value) <= LONGEST_CM else None


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:40]


def _remarks(plan: EditedPlan, sent_at: list[int]) -> Iterator[Problem]:
    """What does not fit its shelf, and what stands in another's place."""
    for index, p in enumerate(plan.positions):
        if p.x_cm is None or p.width_cm is None:
            continue
        over = p.x_cm + p.width_cm - (plan.width_cm or math.inf)
        if over > SLACK_CM:
            why = f"stands out of the bay by {over:.1f} cm."
            yield Problem(f"positions[{sent_at[index]}].x_cm", why, sent_at[index])
        after = plan.positions[index + 1] if index + 1 < len(plan.positions) else None
        if after is None or after.shelf != p.shelf or after.x_cm is None or _above(p, after):
            continue
        if p.x_cm + p.width_cm - after.x_cm > SLACK_CM:
            why = f"stands {p.x_cm + p.width_cm - after.x_cm:.1f} cm into the next place."
            yield Problem(f"positions[{sent_at[index]}].x_cm", why, sent_at[index])


def _above(one: EditedPosition, two: EditedPosition) -> bool:
    """Whether one of two blocks stands on top of the other."""
    if None in (one.y_cm, two.y_cm, one.height_cm, two.height_cm):
        return False
    upper, lower = sorted((one, two), key=lambda p: p.y_cm or 0.0)
    return (upper.y_cm or 0.0) + (upper.height_cm or 0.0) <= (lower.y_cm or 0.0) + SLACK_CM
