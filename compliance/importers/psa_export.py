"""Write planograms as a PSA file, in centimetres."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.importers.psa_text import write
from compliance.importers.values import ImportedPlanogram, ImportedPosition

SHELF_CM = 40.0
"""Height given to a shelf where the planogram does not tell."""
BOARD_CM = 2.0

Fields = list[object]


def export(planograms: Sequence[ImportedPlanogram]) -> bytes:
    """One file with all planograms. A size that is not known stays empty."""
    return write(_records(planograms))


def _records(planograms: Sequence[ImportedPlanogram]) -> Iterator[Fields]:
    yield _record("Project", 14, {1: "Planograms", 3: 2, 12: 1})
    products = {(p.gtin, p.sku): p for plan in planograms for p in plan.positions}
    for (code, sku), p in products.items():
        unit = (_per(p.width_cm, p.facings_wide), _per(p.height_cm, p.facings_high))
        yield _record("Product", 8, {1: code, 2: sku, 3: p.name, 5: unit[0], 6: unit[1]})
    for number, plan in enumerate(planograms):
        yield from _planogram(plan, number)


def _planogram(plan: ImportedPlanogram, number: int) -> Iterator[Fields]:
    shelves = plan.shelves
    tops = [(p.y_cm or 0.0) + (p.height_cm or 0.0) for p in plan.positions]
    height = plan.height_cm or max([*tops, *plan.boards_cm, shelves * SHELF_CM])
    width = _number(plan.width_cm)
    yield _record(
        "Planogram",
        221,
        {1: plan.name, 2: number + 1, 3: width, 4: _number(height), 22: 1, 189: plan.effective},
    )
    yield _record("Segment", 11, {1: plan.bay, 2: 1, 3: 0, 4: width, 6: _number(height), 10: 0})
    floor = _boards(plan, shelves, height)
    for shelf in range(shelves):
        y = _number(floor[shelf] - BOARD_CM)
        fields: dict[int, object] = {
            1: 0,
            2: f"Shelf {shelf + 1}",
            3: shelf + 1,
            4: 0,
            5: width,
            6: y,
            7: BOARD_CM,
        }
        yield _record("Fixture", 38, fields)
        row = sorted((p for p in plan.positions if p.shelf == shelf), key=lambda p: p.position)
        for rank, p in enumerate(row, start=1):
            yield _position(p, rank, height)


def _boards(plan: ImportedPlanogram, shelves: int, height: float) -> list[float]:
    """Height of each shelf's board above the floor, cm, falling by enough to keep the shelves apart."""
    if plan.boards_cm:
        return [height - y for y in plan.boards_cm]
    boards: list[float] = []
    for shelf in range(shelves):
        lows = [
            height - p.y_cm - (p.height_cm or 0.0)
            for p in plan.positions
            if p.shelf == shelf and p.y_cm is not None
        ]
        y = min(lows) if lows else height - (shelf + 1) * height / shelves
        boards.append(min(y, boards[-1] - 2 * BOARD_CM) if boards else y)
    return boards


def _position(p: ImportedPosition, rank: int, height: float) -> Fields:
    bottom = "" if p.y_cm is None else _number(height - p.y_cm - (p.height_cm or 0.0))
    return _record(
        "Position",
        46,
        {
            1: p.gtin,
            2: p.sku,
            3: rank,
            4: _number(p.x_cm),
            5: _number(p.width_cm),
            6: bottom,
            7: _number(p.height_cm),
            13: 0,
            14: p.facings_wide,
            15: p.facings_high,
            16: 1,
            44: rank,
        },
    )


def _per(size: float | None, count: int) -> object:
    return _number(None if size is None else size / count)


def _number(value: float | None) -> object:
    return "" if value is None else repr(float(value))


def _record(kind: str, length: int, fields: dict[int, object]) -> Fields:
    return [kind, *(fields.get(index, "") for index in range(1, length))]
