"""The core's assessment to rows."""

from __future__ import annotations

from typing import Any

from compliance.models import Assessment, BayResult, KpiResult, OutOfStock, PositionResult
from compliance.services.inputs import Gathered
from compliance.types import BayMatch, EvidenceItem, FacingRef, KpiValue, VisitAssessment
from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.visits.models import Visit


def save_assessment(visit: Visit, gathered: Gathered, found: VisitAssessment) -> Assessment:
    """Store ``found`` as the visit's current assessment; call inside a transaction that holds the claim."""
    Assessment.objects.filter(visit=visit, current=True).update(current=False)
    assessment = Assessment.objects.create(
        organisation_id=visit.organisation_id, visit=visit, key=gathered.key, definition=found.definition
    )
    writer = _Writer(assessment, gathered)
    KpiResult.objects.bulk_create(writer.kpi(value) for value in found.kpis)
    for bay, match in found.matches.items():
        writer.bay(bay, match)
    for missing in found.out_of_stock:
        row = OutOfStock.objects.create(
            assessment=assessment,
            sku_id=writer.skus[missing.sku],
            kind=missing.kind,
            gaps=[writer.ref(gap) for gap in missing.gaps],
        )
        row.bays.set([int(bay) for bay in missing.bays if bay.isdigit()])
    return assessment


class _Writer:
    """Names to ids of one organisation, and layout indices to row indices."""

    def __init__(self, assessment: Assessment, gathered: Gathered) -> None:
        owner = assessment.organisation_id
        self.assessment = assessment
        self.gathered = gathered
        self.skus = dict(Sku.objects.filter(organisation_id=owner).values_list("code", "pk"))
        self.brands = dict(Brand.objects.filter(organisation_id=owner).values_list("name", "pk"))
        self.categories = dict(Category.objects.filter(organisation_id=owner).values_list("name", "pk"))

    def ref(self, ref: FacingRef) -> list[int]:
        """``[photo id, row index]``."""
        index = self.gathered.rows[ref.photo][ref.index] if ref.kind == "facing" else ref.index
        return [int(ref.photo), index]

    def item(self, item: EvidenceItem) -> dict[str, Any]:
        """One line of evidence as JSON."""
        photo, index = self.ref(item.ref) if item.ref else (None, None)
        return {
            "weight": round(item.weight, 4),
            "sku": item.sku,
            "photo": photo,
            "index": index,
            "kind": item.ref.kind if item.ref else None,
            "bay": item.bay,
            "position": item.position,
            "note": item.note,
        }

    def kpi(self, value: KpiValue) -> KpiResult:
        """One KPI value as a row."""
        bay = value.scope.get("bay", "")
        return KpiResult(
            assessment=self.assessment,
            key=value.key,
            bay_id=int(bay) if bay.isdigit() else None,
            category_id=self.categories.get(value.scope.get("category", "")),
            brand_id=self.brands.get(value.scope.get("brand", "")),
            scope=value.scope,
            numerator=value.numerator,
            denominator=value.denominator,
            value=value.value,
            unit=value.unit,
            coverage=value.coverage,
            low=value.low,
            high=value.high,
            level=value.level,
            note=value.note,
            numerator_items=[self.item(i) for i in value.numerator_items],
            denominator_items=[self.item(i) for i in value.denominator_items],
        )

    def bay(self, bay: str, match: BayMatch) -> None:
        """One bay's fit to its planogram, with the status of each position."""
        BayResult.objects.create(
            assessment=self.assessment,
            bay_id=int(bay),
            planogram=self.gathered.planograms[bay],
            coverage=match.coverage,
            fits=match.fits,
            mirrored=match.mirrored,
            note=match.note,
            unplanned=[
                {"photo": photo, "index": index, "kind": facing.kind.value, "sku": facing.sku}
                for facing in match.unplanned
                for photo, index in [self.ref(facing.ref)]
            ],
            resolved=[
                {"photo": photo, "index": index, "sku": sku}
                for ref, sku in match.resolved.items()
                for photo, index in [self.ref(ref)]
            ],
        )
        PositionResult.objects.bulk_create(
            PositionResult(
                assessment=self.assessment,
                bay_id=int(bay),
                planned_id=int(result.position.key),
                status=result.status,
                credit=result.credit,
                lenient_credit=result.lenient_credit,
                seen=[self.ref(ref) for ref in result.seen],
                gaps=[self.ref(ref) for ref in result.gaps],
                found_shelf=result.found_shelf,
                found_position=result.found_position,
                substituted_by_id=self.skus.get(result.substituted_by or ""),
                why=result.why,
            )
            for result in match.positions
        )
