"""The core's assessments to rows, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from compliance.models import (
    Assessment,
    BayResult,
    Evidence,
    KpiResult,
    OutOfStock,
    PositionResult,
    SkuFact,
)
from compliance.services.inputs import Gathered
from compliance.services.names import Names
from compliance.types import BayMatch, EvidenceItem, FacingRef, KpiValue, VisitAssessment
from retail_exec.core.copying import as_array, as_json, copy_rows, new_ids

Row = tuple[Any, ...]
KPI_FIELDS = (
    "assessment",
    "key",
    "bay",
    "category",
    "brand",
    "scope",
    "numerator",
    "denominator",
    "value",
    "unit",
    "coverage",
    "low",
    "high",
    "level",
    "expected",
    "note",
    "numerator_refs",
    "denominator_refs",
)
BAY_FIELDS = (
    "assessment",
    "bay",
    "planogram",
    "coverage",
    "fits",
    "mirrored",
    "note",
    "unplanned",
    "resolved",
)
POSITION_FIELDS = (
    "assessment",
    "bay",
    "planned",
    "status",
    "credit",
    "lenient_credit",
    "seen",
    "gaps",
    "found_shelf",
    "found_position",
    "substituted_by",
    "why",
)
FACT_FIELDS = ("assessment", "sku", "facings", "width", "expected", "present", "missing")
OUT_OF_STOCK_FIELDS = ("id", "assessment", "sku", "kind", "gaps", "tags", "note")
CENTS = Decimal("0.0001")
Done = tuple[Gathered, VisitAssessment]


def save_assessments(done: Sequence[Done]) -> list[Assessment]:
    """Store the results of one organisation's visits; none of them is current yet.

    Call inside the transaction that makes them count. A visit must not have results with the same key.
    """
    saved = Assessment.objects.bulk_create(
        Assessment(
            organisation_id=gathered.row.organisation_id,
            visit=gathered.row,
            key=gathered.key,
            definition=found.definition,
            current=False,
        )
        for gathered, found in done
    )
    if not saved:
        return []
    names = Names(saved[0].organisation_id)
    writers = [_Writer(row, *one, names) for row, one in zip(saved, done, strict=True)]
    copy_rows(KpiResult, KPI_FIELDS, [row for writer in writers for row in writer.kpis()])
    copy_rows(Evidence, ("assessment", "items"), [writer.evidence() for writer in writers])
    copy_rows(BayResult, BAY_FIELDS, [row for writer in writers for row in writer.bays()])
    copy_rows(PositionResult, POSITION_FIELDS, [row for writer in writers for row in writer.positions()])
    copy_rows(SkuFact, FACT_FIELDS, [row for writer in writers for row in writer.facts()])
    _save_out_of_stock(writers)
    return saved


class _Writer:
    """Rows of one assessment: layout indices become the rows' indices, and evidence is numbered."""

    def __init__(
        self, assessment: Assessment, gathered: Gathered, found: VisitAssessment, names: Names
    ) -> None:
        self.assessment = assessment
        self.gathered = gathered
        self.found = found
        self.names = names
        self._numbers: dict[EvidenceItem, int] = {}
        self._known: dict[int, int] = {}
        self._sides: dict[int, str] = {}
        self._lines: list[list[Any]] = []

    def place(self, ref: FacingRef) -> list[int]:
        """``[run id, row index]``."""
        return [self.gathered.runs[ref.photo], self._index(ref)]

    def places(self, refs: Iterable[FacingRef]) -> str:
        """``[[run id, row index]]`` as JSON."""
        return as_json([self.place(ref) for ref in refs])

    def kpis(self) -> Iterator[Row]:
        """One row a KPI value."""
        for value in self.found.kpis:
            yield self._kpi(value)

    def _kpi(self, value: KpiValue) -> Row:
        return (
            self.assessment.pk,
            value.key,
            *self.names.scope(value.scope),
            value.numerator,
            value.denominator,
            value.value,
            value.unit,
            value.coverage,
            value.low,
            value.high,
            value.level,
            value.expected,
            value.note,
            self._refs(value.numerator_items),
            self._refs(value.denominator_items),
        )

    def evidence(self) -> Row:
        """The numbered lines; call after ``kpis``."""
        return self.assessment.pk, as_json(self._lines)

    def bays(self) -> Iterator[Row]:
        """How each bay fits its plan."""
        for bay, match in self.found.matches.items():
            unplanned = [
                {"run": run, "index": index, "kind": facing.kind.value, "sku": facing.sku}
                for facing in match.unplanned
                for run, index in [self.place(facing.ref)]
            ]
            resolved = [
                {"run": run, "index": index, "sku": sku}
                for ref, sku in match.resolved.items()
                for run, index in [self.place(ref)]
            ]
            plan = self.gathered.planograms[bay].pk
            fit = (match.coverage, match.fits, match.mirrored, match.note)
            yield self.assessment.pk, int(bay), plan, *fit, as_json(unplanned), as_json(resolved)

    def positions(self) -> Iterator[Row]:
        """The status of each planned position."""
        for bay, match in self.found.matches.items():
            yield from self._positions(int(bay), match)

    def _positions(self, bay: int, match: BayMatch) -> Iterator[Row]:
        for result in match.positions:
            yield (
                self.assessment.pk,
                bay,
                int(result.position.key),
                result.status.value,
                result.credit,
                result.lenient_credit,
                self.places(result.seen),
                self.places(result.gaps),
                result.found_shelf,
                result.found_position,
                self.names.skus.get(result.substituted_by or ""),
                result.why,
            )

    def facts(self) -> Iterator[Row]:
        """What it says of each product, from the KPIs' own evidence."""
        missing = {gone.sku for gone in self.found.out_of_stock}
        expected, present = self._availability
        for sku in sorted(
            {*self._weights("facing_share"), *self._weights("linear_share"), *expected} | missing
        ):
            if sku in self.names.skus:
                yield (
                    self.assessment.pk,
                    self.names.skus[sku],
                    _exact(self._weights("facing_share").get(sku, 0.0)),
                    _exact(self._weights("linear_share").get(sku, 0.0)),
                    int(sku in expected),
                    int(sku in present),
                    int(sku in missing),
                )

    @cached_property
    def _whole(self) -> dict[str, dict[str, float]]:
        """The denominators of the visit's shares by product."""
        sums: dict[str, dict[str, float]] = {}
        for value in self.found.kpis:
            if value.key in ("facing_share", "linear_share") and not value.scope:
                by_sku = sums.setdefault(value.key, {})
                for item in value.denominator_items:
                    if item.sku is not None:
                        by_sku[item.sku] = by_sku.get(item.sku, 0.0) + item.weight
        return sums

    def _weights(self, key: str) -> dict[str, float]:
        return self._whole.get(key, {})

    @cached_property
    def _availability(self) -> tuple[set[str], set[str]]:
        values = [value for value in self.found.kpis if value.key == "sku_availability"]
        expected = {value.scope["sku"] for value in values}
        return expected, {value.scope["sku"] for value in values if value.numerator > 0}

    def _refs(self, items: tuple[EvidenceItem, ...]) -> str:
        """The items' numbers. Many values have the very same side, a category's brands for example, and most
        sides the same items: by identity they are found in a fraction of the time."""
        text = self._sides.get(id(items))
        if text is None:
            known = self._known
            for item in items:
                if id(item) not in known:
                    known[id(item)] = self._number(item)
            text = self._sides[id(items)] = as_array(map(known.__getitem__, map(id, items)))
        return text

    def _number(self, item: EvidenceItem) -> int:
        """The item's number: the same for equal items."""
        number = self._numbers.get(item)
        if number is None:
            number = self._numbers[item] = len(self._lines)
            self._lines.append(self._line(item))
        return number

    def _line(self, item: EvidenceItem) -> list[Any]:
        ref = item.ref
        place = (
            [int(ref.photo), self.gathered.runs[ref.photo], self._index(ref), ref.kind]
            if ref
            else [None, None, None, None]
        )
        return [round(item.weight, 4), item.sku, *place, item.bay, item.position, item.note, item.kpi]

    def _index(self, ref: FacingRef) -> int:
        return self.gathered.rows[ref.photo][ref.index] if ref.kind == "facing" else ref.index


def _save_out_of_stock(writers: Sequence[_Writer]) -> None:
    missing = [(writer, gone) for writer in writers for gone in writer.found.out_of_stock]
    ids = new_ids(OutOfStock, len(missing))
    rows = list(zip(ids, missing, strict=True))
    copy_rows(
        OutOfStock,
        OUT_OF_STOCK_FIELDS,
        [
            (
                pk,
                writer.assessment.pk,
                writer.names.skus[gone.sku],
                gone.kind,
                writer.places(gone.gaps),
                writer.places(gone.tags),
                gone.note,
            )
            for pk, (writer, gone) in rows
        ],
    )
    bays = [(pk, int(bay)) for pk, (_, gone) in rows for bay in gone.bays if bay.isdigit()]
    copy_rows(OutOfStock.bays.through, ("outofstock", "bay"), bays)


def _exact(value: float) -> Decimal:
    """As stored: four places, so that sums are exact."""
    return Decimal(repr(value)).quantize(CENTS)
