"""What a format cannot hold of a planogram: found by writing it, reading it back and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.importers.values import ImportedPlanogram, ImportedPosition

SAME_CM = 0.01
SIZES = ("x_cm", "y_cm", "width_cm", "height_cm")
SAID = {
    "x_cm": "distance from the left",
    "y_cm": "distance from the top",
    "width_cm": "width",
    "height_cm": "height",
    "facings_wide": "facings wide",
    "facings_high": "facings high",
    "gtin": "GTIN",
    "sku": "SKU",
    "name": "product name",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is not the same in the written file. count: in how many places."""

    field: str
    why: str
    count: int = 1


def differences(given: ImportedPlanogram, back: ImportedPlanogram | None) -> list[Loss]:
    """What of ``given`` is missing or otherwise in ``back``, its file read again (None: nothing was read)."""
    if back is None:
        return [Loss("planogram", "without products the file would hold nothing.")]
    found = [*_of_the_bay(given, back)]
    if len(given.positions) != len(back.positions):
        why = f"its {len(given.positions)} places become {len(back.positions)}: neighbours that show one "
        return [*found, Loss("positions", why + "product are written as one place.")]
    counts: dict[tuple[str, str], int] = {}
    for one, two in zip(given.positions, back.positions, strict=True):
        for loss in _of_a_place(one, two):
            counts[loss] = counts.get(loss, 0) + 1
    return found + [Loss(field, why, count) for (field, why), count in counts.items()]


def _of_the_bay(given: ImportedPlanogram, back: ImportedPlanogram) -> Iterator[Loss]:
    if given.name != back.name:
        yield Loss("name", f"{given.name!r} becomes {back.name!r}.")
    if given.effective and given.effective != back.effective:
        yield Loss("effective date", f"{given.effective} is not written.")
    if given.bay and given.bay != back.bay:
        yield Loss("bay", f"{given.bay!r} is not written.")
    for field, one, two in (
        ("width", given.width_cm, back.width_cm),
        ("height", given.height_cm, back.height_cm),
    ):
        if one is not None and two is None:
            yield Loss(field, f"the bay's {field} of {one:g} cm is not written.")
        elif two is not None and (one is None or abs(one - two) > SAME_CM):
            yield Loss(field, f"the bay's {field}, which is not known, is written as {two:g} cm.")
    if given.boards_cm and not _near(given.boards_cm, back.boards_cm):
        yield Loss("shelves", "the heights of the shelves, and shelves without products, are not written.")


def _near(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return len(one) == len(two) and all(abs(a - b) <= SAME_CM for a, b in zip(one, two, strict=True))


def _of_a_place(one: ImportedPosition, two: ImportedPosition) -> Iterator[tuple[str, str]]:
    if one.shelf != two.shelf:
        yield "shelf", "shelves are numbered without holes."
    for name in ("sku", "gtin", "name", "facings_wide", "facings_high"):
        given, back = getattr(one, name), getattr(two, name)
        if given and given != back:
            yield name, f"the {SAID[name]} is not written." if not back else f"the {SAID[name]} changes."
    for name in SIZES:
        given, back = getattr(one, name), getattr(two, name)
        if given is None and back is not None:
            yield name, f"the {SAID[name]}, which is not known, is written as if it were."
        elif given is not None and (back is None or abs(given - back) > SAME_CM):
            yield name, f"the {SAID[name]} is not written." if back is None else f"the {SAID[name]} changes."
