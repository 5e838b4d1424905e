"""Planogram compliance: components side by side, strict and lenient, over the positions that photos saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from compliance.kpis import doubt
from compliance.kpis.context import BayView, Context, told
from compliance.kpis.doubt import InDoubt, in_doubt
from compliance.kpis.registry import Options, kpi
from compliance.kpis.uncertainty import Spread, count_span, ends, level_of, sum_span
from compliance.match import facing_match
from compliance.types import BayMatch, EvidenceItem, KpiValue, PositionResult, PositionStatus

IN_PLACE = (PositionStatus.CORRECT, PositionStatus.WRONG_FACINGS)

Credit = Callable[[PositionResult], float]
Chance = Callable[[InDoubt], float]
Doubt = Callable[[Context, InDoubt], Spread]
"""What a position may earn."""


@kpi(
    "planogram_presence",
    "Planned products present",
    "share",
    "Planned positions whose product stands anywhere in the bay, divided by the positions that photos saw.",
    revision=2,
)
def presence(context: Context, options: Options) -> Iterator[KpiValue]:
    def credit(r: PositionResult) -> float:
        return float(r.status in IN_PLACE or r.status is PositionStatus.MISPLACED)

    return _over_positions("planogram_presence", context, credit, doubt.anywhere)


@kpi(
    "planogram_shelf",
    "On the right shelf",
    "share",
    "Planned positions whose product stands on its shelf, divided by the positions that photos saw.",
    revision=2,
)
def right_shelf(context: Context, options: Options) -> Iterator[KpiValue]:
    def credit(r: PositionResult) -> float:
        return float(r.status in IN_PLACE or r.found_shelf == r.position.shelf)

    return _over_positions("planogram_shelf", context, credit, doubt.on_its_shelf)


@kpi(
    "planogram_position",
    "In the right place",
    "share",
    "Planned positions whose product stands in its place, whatever its facings, divided by the positions "
    "that "
    "photos saw.",
    revision=2,
)
def right_position(context: Context, options: Options) -> Iterator[KpiValue]:
    def credit(r: PositionResult) -> float:
        return float(r.status in IN_PLACE)

    return _over_positions("planogram_position", context, credit, doubt.in_its_place)


@kpi(
    "planogram_facings",
    "Facings as planned",
    "share",
    "Mean over the positions that photos saw of 1 − abs(seen − planned) / max(seen, planned) facings; a "
    "product "
    "that is not there gives 0, one that stands elsewhere counts with its facings there.",
)
def facings(context: Context, options: Options) -> Iterator[KpiValue]:
    def credit(r: PositionResult) -> float:
        planned = min(max(r.visible, len(r.seen)), r.position.facings)
        return facing_match(len(r.seen), planned)

    return _over_positions("planogram_facings", context, credit, spread=doubt.facing_matches)


@kpi(
    "planogram_strict",
    "Planogram compliance, strict",
    "share",
    "Planned positions with the right product in the right place with the planned facings, all recognised "
    "without the plan's help, divided by the positions that photos saw.",
    revision=2,
)
def strict(context: Context, options: Options) -> Iterator[KpiValue]:
    return _over_positions("planogram_strict", context, lambda r: r.credit, doubt.as_planned)


@kpi(
    "planogram_lenient",
    "Planogram compliance, lenient",
    "share",
    "As strict, but a misplaced product and every facing of which only the variant is unresolved give "
    "half credit, "
    "and wrong facings give their facing match.",
)
def lenient(context: Context, options: Options) -> Iterator[KpiValue]:
    return _over_positions(
        "planogram_lenient", context, lambda r: r.lenient_credit, spread=doubt.lenient_credits
    )


@kpi(
    "planogram_sequence",
    "Sequence as planned",
    "share",
    "Longest common subsequence of the products seen and planned on each shelf, divided by the products "
    "planned, "
    "over the positions that photos saw.",
)
def sequence(context: Context, options: Options) -> Iterator[KpiValue]:
    def values(place: dict[str, str], part: Sequence[BayView]) -> Iterator[KpiValue]:
        shelves = [found for view in part for found in _sequences(context, view)]
        yield KpiValue(
            key="planogram_sequence",
            numerator=float(sum(len(common) for common, _ in shelves)),
            denominator=float(sum(len(planned) for _, planned in shelves)),
            scope=place,
            coverage=_coverage(part),
            numerator_items=tuple(item for common, _ in shelves for item in common),
            denominator_items=tuple(item for _, planned in shelves for item in planned),
            note=_note(part),
        )

    return told(context, _planned(context), values)


def longest_common(seen: Sequence[str], planned: Sequence[str]) -> list[int]:
    """Indices into ``planned`` of a longest common subsequence."""
    n, m = len(seen), len(planned)
    best = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            same = seen[i] == planned[j]
            best[i][j] = best[i + 1][j + 1] + 1 if same else max(best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < n and j < m:
        if seen[i] == planned[j]:
            found.append(j)
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _sequences(context: Context, view: BayView) -> Iterator[tuple[list[EvidenceItem], list[EvidenceItem]]]:
    """By shelf: the planned products in the common subsequence, and all planned ones."""
    match = _matched(view)
    if match is None:
        return
    results = [r for r in match.positions if r.status is not PositionStatus.NOT_ASSESSED]
    step = -1 if match.mirrored else 1
    for shelf in sorted({r.position.shelf for r in results}):
        planned = [r for r in results if r.position.shelf == shelf][::step]
        runs = [next(run) for _, run in groupby(planned, key=lambda r: r.position.sku)]
        on_shelf = [c for c in view.counted if c.shelf == shelf and c.sku and c.base]
        seen = [sku for sku, _ in groupby(c.sku for c in on_shelf if c.sku)]
        items = [_item(view, r) for r in runs]
        common = longest_common(seen, [r.position.sku for r in runs])
        yield [items[k] for k in common], items


def _over_positions(
    key: str, context: Context, credit: Credit, chance: Chance | None = None, spread: Doubt | None = None
) -> Iterator[KpiValue]:
    """Credits of the assessed positions. chance: of a credit that is 0 or 1; spread: of any other."""
    views = _planned(context)
    assessed = {view.key: _assessed(context, view) for view in views}

    def values(place: dict[str, str], part: Sequence[BayView]) -> Iterator[KpiValue]:
        found = [entry for view in part for entry in assessed[view.key]]
        points = [(item, credit(position.result)) for item, position in found]
        if spread:
            span = sum_span((spread(context, position) for _, position in found), float(len(found)))
        else:
            span = count_span(
                [chance(position) for _, position in found] if chance else [], float(len(found))
            )
        low, high, expected = ends(span)
        yield KpiValue(
            key=key,
            numerator=sum(point for _, point in points),
            denominator=float(len(points)),
            scope=place,
            coverage=_coverage(part),
            low=low,
            high=high,
            level=level_of(span),
            expected=expected,
            numerator_items=tuple(
                item if point == 1.0 else item._replace(weight=point) for item, point in points if point
            ),
            denominator_items=tuple(item for item, _ in points),
            note=_note(part),
        )

    return told(context, views, values)


def _assessed(context: Context, view: BayView) -> list[tuple[EvidenceItem, InDoubt]]:
    """The positions of a bay that photos saw, each with its line of evidence."""
    key = ("assessed", view.key)
    if key not in context.cache:
        context.cache[key] = [
            (_item(view, position.result), position) for position in in_doubt(context, view)
        ]
    found: list[tuple[EvidenceItem, InDoubt]] = context.cache[key]
    return found


def _planned(context: Context) -> list[BayView]:
    """The bays that have a plan, photographed or not."""
    return [view for view in context.bays if view.bay.planogram is not None]


def _coverage(part: Sequence[BayView]) -> float | None:
    planned = sum(len(v.bay.planogram.positions) for v in part if v.bay.planogram)
    seen = sum(
        r.status is not PositionStatus.NOT_ASSESSED for v in part if v.match for r in v.match.positions
    )
    return seen / planned if planned else None


def _note(part: Sequence[BayView]) -> str:
    wrong = [v.bay.name or v.key for v in part if v.match and not v.match.fits]
    return f"Left out, because another planogram seems to apply: {', '.join(wrong)}." if wrong else ""


def _matched(view: BayView) -> BayMatch | None:
    return view.match if view.match and view.match.fits else None


def _item(view: BayView, result: PositionResult) -> EvidenceItem:
    proof = (*result.seen, *result.guests, *result.gaps)
    position = result.position
    return EvidenceItem(
        weight=1.0,
        sku=position.sku,
        ref=proof[0] if proof else None,
        bay=view.key,
        position=position.key or f"{position.shelf}/{position.position}",
        note=result.status.replace("_", " "),
    )
