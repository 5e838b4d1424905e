"""Results as the JSON that docs/commands.md describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.types import FacingRef, KpiValue, PositionResult, VisitAssessment
from recognition.stages.price_tags import priced_facings
from recognition.training.provenance import commit, machine
from recognition.types import Box, Facing, FacingStatus, PriceTag, ShelfLayout
from retail_exec.trial.gallery import Trial
from retail_exec.trial.visit import Processed

__all__ = [
    "commit",
    "counts",
    "kpis_json",
    "left_json",
    "machine",
    "photo_json",
    "positions_json",
    "versions",
]


def photo_json(photo: Processed, trial: Trial) -> dict[str, Any]:
    """One photo. bbox is [x, y, width, height] in pixels of the upright photo."""
    if photo.layout is None:
        return {"file": photo.file, "error": photo.error}
    layout = photo.layout
    return {
        "file": photo.file,
        "width": layout.width,
        "height": layout.height,
        "quality": {
            "usable": layout.quality.usable,
            "sharpness": round(layout.quality.sharpness, 1),
            "brightness": round(layout.quality.brightness, 1),
            "problems": list(layout.quality.problems),
        },
        "ms": {"total": round(photo.ms, 1)} | {k: round(v, 1) for k, v in layout.timings_ms.items()},
        "shelves": layout.shelves,
        "rectified": round(layout.rectified.confidence, 3),
        "cm_per_px": layout.cm_per_px,
        "facings": [_facing_json(facing, trial) for facing in layout.facings],
        "gaps": [{"bbox": _bbox(gap.box), "shelf": gap.shelf} for gap in layout.gaps],
        "price_tags": [_tag_json(tag, layout) for tag in layout.price_tags],
    }


def _facing_json(facing: Facing, trial: Trial) -> dict[str, Any]:
    product = trial.products.get(facing.sku) if facing.sku else None
    return {
        "bbox": _bbox(facing.box),
        "shelf": facing.shelf,
        "position": facing.position,
        "stack": facing.stack,
        "sku": facing.sku,
        "brand": product.brand if product else None,
        "confidence": round(facing.confidence, 4),
        "status": facing.status.value,
        "detection_score": round(facing.detection_score, 4),
        "candidates": [
            {
                "sku": c.sku,
                "similarity": round(c.similarity, 4),
                "packshot": trial.packshots.get(c.packshot, ""),
                "evidence": None if c.evidence is None else round(c.evidence, 3),
                "agreement": c.agreement and [round(a, 3) for a in c.agreement],
            }
            for c in facing.candidates
        ],
    }


def _tag_json(tag: PriceTag, layout: ShelfLayout) -> dict[str, Any]:
    return {
        "bbox": _bbox(tag.box),
        "shelf": tag.shelf,
        "score": round(tag.score, 4),
        "text": tag.text,
        "price": None if tag.price is None else float(tag.price),
        "readable": tag.readable,
        "facings": priced_facings(tag, layout.facings),
    }


def _bbox(box: Box) -> list[float]:
    return [round(v, 1) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])]


def kpis_json(assessment: VisitAssessment) -> dict[str, list[dict[str, Any]]]:
    """Every KPI by its key: one entry for each scope."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kpi in assessment.kpis:
        found.setdefault(kpi.key, []).append(_kpi_json(kpi))
    return found


def _kpi_json(kpi: KpiValue) -> dict[str, Any]:
    names = ("scope", "value", "unit", "numerator", "denominator", "coverage", "low", "high", "level", "note")
    return {name: getattr(kpi, name) for name in names}


def positions_json(assessment: VisitAssessment) -> list[dict[str, Any]]:
    """Every planned position with its status and the facings and gaps that show it."""
    return [_position_json(r) for match in assessment.matches.values() for r in match.positions]


def _position_json(result: PositionResult) -> dict[str, Any]:
    return {
        "sku": result.position.sku,
        "status": result.status.value,
        "shelf": result.position.shelf,
        "position": result.position.position,
        "planned_facings": result.position.facings,
        "seen_facings": len(result.seen),
        "substituted_by": result.substituted_by,
        "why": result.why,
        "evidence": [_ref_json(ref) for ref in (*result.seen, *result.gaps)],
    }


def _ref_json(ref: FacingRef) -> dict[str, Any]:
    return {"photo": ref.photo, "kind": ref.kind, "index": ref.index}


def left_json(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What of the input files was not used, and why."""
    return [{"line": row.line or None, "field": row.field, "why": row.why} for row in rows]


def versions(trial: Trial | None = None, **more: str) -> dict[str, str]:
    """What made the result: models, gallery, pipeline and commit."""
    models: Mapping[str, str] = trial.pipeline.versions if trial else {}
    return {**models, **more, "commit": commit()}


def counts(layouts: Sequence[ShelfLayout]) -> dict[str, int]:
    """How many photos, facings of each status and gaps there are."""
    statuses = [facing.status for layout in layouts for facing in layout.facings]
    by_status = {status.value: statuses.count(status) for status in FacingStatus}
    return {"photos": len(layouts), **by_status, "gaps": sum(len(layout.gaps) for layout in layouts)}
