"""Match what stands in a bay with what is planned there: register, align, assign, name.

Pure functions over ``compliance.types``; see docs/kpis.md for what each status means.
"""

from __future__ import annotations

from dataclasses import replace

from compliance.match.assign import Assignment, assign
from compliance.match.name import facing_match, name_positions, name_unplanned, resolved
from compliance.match.place import Placed, Shot, merge, merge_gaps, visible_slots
from compliance.match.plan import PlanMap, plan_map, unit_widths
from compliance.match.register import Registration, register, whole_bay
from compliance.match.stitch import stitch
from compliance.types import (
    BayInput,
    BayMatch,
    BayPhoto,
    FacingRef,
    PositionResult,
    PositionStatus,
    Product,
)

__all__ = ["count_facings", "count_gaps", "facing_match", "match_bay"]

FITS = 1 / 3
"""Part of the recognised facings that must stand in their place for the plan to be this bay's."""
PLACED = 0.2
"""Part of a photo's recognised columns that must agree for the photo to be of this bay at all."""
TRY_MIRRORED = 0.6
"""Below this agreement the plan is tried mirrored as well."""


def match_bay(bay: BayInput, products: dict[str, Product]) -> BayMatch:
    """Compare a bay's photos with its planogram.

    Raises ValueError when the bay has no planogram. A bay without a usable photo, or one that follows another
    plan, comes back with every position not assessed and a note.
    """
    if bay.planogram is None:
        raise ValueError(f"bay {bay.key!r} has no planogram to match")
    photos = _usable(bay)
    width_of = unit_widths(products, photos)
    plan = plan_map(bay.planogram, width_of, bay.width_cm)
    if not photos:
        return _not_assessed(plan, "No usable photo of this bay.")
    if not plan.positions:
        return BayMatch((), (), count_facings(bay), 0.0, note="The planogram has no positions.")
    shots, plan, mirrored, note = _shots(photos, plan)
    if not shots:
        return _not_fitting(bay, plan, note)
    units = merge(shots, width_of)
    made = assign(units, plan)
    if units and _agreement(units, made, plan) < FITS:
        return _not_fitting(bay, plan, "")
    return _named(shots, units, made, plan, products, mirrored, note)


def count_facings(bay: BayInput) -> tuple[FacingRef, ...]:
    """The facings that count where no planogram ties the photos together: those of the newest usable
    photo."""
    for photo in reversed(_usable(bay)):
        return tuple(FacingRef(photo.key, index) for index in range(len(photo.layout.facings)))
    return ()


def count_gaps(bay: BayInput) -> tuple[FacingRef, ...]:
    """The empty spaces of the photo that ``count_facings`` takes."""
    for photo in reversed(_usable(bay)):
        return tuple(FacingRef(photo.key, index, "gap") for index in range(len(photo.layout.gaps)))
    return ()


def _usable(bay: BayInput) -> list[BayPhoto]:
    return [photo for photo in bay.photos if photo.layout.quality.usable]


def _shots(photos: list[BayPhoto], plan: PlanMap) -> tuple[list[Shot], PlanMap, bool, str]:
    """The photos that can be placed on the plan, the plan as it is used (perhaps mirrored), and a note."""
    found = [register(photo.layout, plan) for photo in photos]
    mirrored = False
    if _known(photos) > 0 and _score(found) < TRY_MIRRORED * _known(photos):
        other = plan.mirrored()
        flipped = [register(photo.layout, other) for photo in photos]
        if _score(flipped) > 1.3 * _score(found) + 2:
            found, plan, mirrored = flipped, other, True
    shots = [Shot(n, p, r) for n, (p, r) in enumerate(zip(photos, found, strict=True)) if r is not None]
    good = [shot for shot in shots if shot.registration.score >= PLACED * _known([shot.photo])]
    lost = len(photos) - len(good or shots)
    if not shots:
        if any(photo.layout.facings for photo in photos):
            return [], plan, False, "No planned product was recognised in the photos."
        newest = photos[-1]
        guess = Shot(len(photos) - 1, newest, whole_bay(newest.layout, plan))
        return (
            [guess],
            plan,
            False,
            "Nothing was seen on the shelf; the photo is taken to show the whole bay.",
        )
    note = f"{lost} of {len(photos)} photos could not be placed on the plan." if lost else ""
    if mirrored:
        note = f"The bay follows the plan mirrored. {note}".strip()
    return stitch(good or shots), plan, mirrored, note


def _known(photos: list[BayPhoto]) -> int:
    """Columns with a recognised product."""
    return sum(f.sku is not None and f.stack == 0 for photo in photos for f in photo.layout.facings)


def _score(found: list[Registration | None]) -> float:
    return sum(r.score for r in found if r is not None)


def _agreement(units: list[Placed], made: Assignment, plan: PlanMap) -> float:
    """Part of the recognised units inside the bay that stand in, or next to, their planned place."""
    near = 0
    for index, own in made.own.items():
        for unit in own:
            reach = unit.width
            near += plan.left[index] - reach <= unit.x <= plan.right[index] + reach
    inside = sum(u.facing.sku is not None and 0 <= u.x <= plan.extent for u in units)
    return near / inside if inside else 1.0


def _named(
    shots: list[Shot],
    units: list[Placed],
    made: Assignment,
    plan: PlanMap,
    products: dict[str, Product],
    mirrored: bool,
    note: str,
) -> BayMatch:
    gaps = merge_gaps(shots)
    positions = name_positions(plan, made, visible_slots(shots, plan), gaps)
    unplanned, outside = name_unplanned(plan, made, products)
    counted = [unit for unit in units if unit.ref not in outside]
    assessed = sum(p.status is not PositionStatus.NOT_ASSESSED for p in positions)
    return BayMatch(
        positions=positions,
        unplanned=tuple(sorted(unplanned, key=lambda u: u.ref)),
        counted=tuple(unit.ref for unit in counted),
        coverage=assessed / len(positions),
        mirrored=mirrored,
        note=note,
        shelves=tuple(unit.shelf for unit in counted),
        gaps=tuple(gap.ref for gap in gaps),
        resolved=resolved(plan, made),
    )


def _not_assessed(plan: PlanMap, note: str) -> BayMatch:
    positions = tuple(PositionResult(p, PositionStatus.NOT_ASSESSED, why=note) for p in plan.positions)
    return BayMatch(positions, (), (), 0.0, note=note)


def _not_fitting(bay: BayInput, plan: PlanMap, note: str) -> BayMatch:
    """The shelf follows so little of the plan that a score would mean nothing."""
    why = f"{note} This shelf probably follows another planogram; its positions are not assessed.".strip()
    counted = count_facings(bay)
    shelf_of = {
        FacingRef(photo.key, index): facing.shelf
        for photo in bay.photos
        for index, facing in enumerate(photo.layout.facings)
    }
    empty = _not_assessed(plan, why)
    shelves = tuple(shelf_of[ref] for ref in counted)
    return replace(empty, counted=counted, shelves=shelves, gaps=count_gaps(bay), fits=False)
