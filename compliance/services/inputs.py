"""From the database to what the compliance core works on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q
from django.utils import timezone

from compliance.models import Planogram
from compliance.services.plans import PlansInForce
from compliance.types import BayInput, BayPhoto, PlannedPosition, Product, VisitInput
from compliance.types import Planogram as Plan
from recognition.models import Facing, RecognitionRun
from recognition.services.layouts import load_layout
from retail_exec.catalog.models import MustStockItem, Sku
from retail_exec.stores.models import Bay, Store
from retail_exec.visits.models import Visit


@dataclass(frozen=True)
class Gathered:
    """A visit's input, the row indices behind its layouts, and the key of all it was made from.

    rows: by photo id as text, the row index of each facing of the layout (verdicts may leave facings out).
    planograms: by bay key.
    """

    visit: VisitInput
    rows: dict[str, list[int]]
    planograms: dict[str, Planogram]
    key: str


def gather(visit: Visit, definition: str) -> Gathered:
    """Collect the store's bays with the visit's recognised photos, plans in force, and must-stock SKUs."""
    day = timezone.localtime(visit.started_at).date()
    runs = _runs(visit)
    layouts = {str(run.photo_id): load_layout(run) for run in runs}
    bays = list(Bay.objects.filter(store_id=visit.store_id).order_by("name"))
    in_force = PlansInForce(visit.organisation_id)
    plans = {str(bay.pk): plan for bay in bays if (plan := in_force.for_bay(bay, day)) is not None}
    expected = expected_skus(visit.store, day)
    products = {sku.code: _product(sku) for sku in _skus(visit.organisation_id)}
    inputs = [_bay_input(bay, runs, layouts, plans.get(str(bay.pk))) for bay in bays]
    inputs += [
        BayInput(
            f"photo:{run.photo_id}",
            "No bay chosen",
            (BayPhoto(str(run.photo_id), layouts[str(run.photo_id)][0]),),
        )
        for run in runs
        if run.photo.bay_id is None
    ]
    made_from = {
        "definition": definition,
        "runs": [[run.pk, run.photo.bay_id, _verdicts(run)] for run in runs],
        "plans": sorted((bay, plan.pk) for bay, plan in plans.items()),
        "bays": [[bay.pk, bay.width_cm, bay.eye_level_from, bay.eye_level_to] for bay in bays],
        "expected": sorted(expected),
        "products": sorted(
            (p.sku, p.brand, p.own, p.category, p.width_cm, p.height_cm) for p in products.values()
        ),
    }
    return Gathered(
        VisitInput(tuple(inputs), products, expected),
        {photo: rows for photo, (_, rows) in layouts.items()},
        plans,
        hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest(),
    )


def expected_skus(store: Store, day: date) -> frozenset[str]:
    """Codes of the SKUs that must stand in this store on ``day``, by its must-stock lists."""
    items = MustStockItem.objects.filter(
        Q(must_stock_list__chains=None) | Q(must_stock_list__chains=store.chain_id),
        Q(must_stock_list__regions=None) | Q(must_stock_list__regions=store.region_id),
        Q(must_stock_list__channel="") | Q(must_stock_list__channel=store.chain.channel),
        Q(must_stock_list__effective_from=None) | Q(must_stock_list__effective_from__lte=day),
        Q(must_stock_list__effective_to=None) | Q(must_stock_list__effective_to__gte=day),
        must_stock_list__organisation_id=store.organisation_id,
        sku__active=True,
    )
    return frozenset(items.values_list("sku__code", flat=True))


def _runs(visit: Visit) -> list[RecognitionRun]:
    facings = Facing.objects.select_related("sku", "verdict_sku").order_by("index")
    return list(
        RecognitionRun.objects.filter(photo__visit=visit, photo__state="done", current=True)
        .select_related("photo")
        .prefetch_related(Prefetch("facings", facings), "gaps")
        .order_by("photo__uploaded_at", "photo_id")
    )


def _verdicts(run: RecognitionRun) -> list[list[object]]:
    return [[f.index, f.verdict, f.verdict_sku_id] for f in run.facings.all() if f.verdict]


def _skus(organisation_id: int) -> list[Sku]:
    return list(Sku.objects.filter(organisation_id=organisation_id).select_related("brand", "category"))


def _product(sku: Sku) -> Product:
    return Product(
        sku.code, sku.brand.name, sku.brand.is_own, sku.category.name, sku.name, sku.width_cm, sku.height_cm
    )


def _bay_input(
    bay: Bay, runs: list[RecognitionRun], layouts: dict[str, tuple], plan: Planogram | None
) -> BayInput:
    band: range = (
        range(bay.eye_level_from, bay.eye_level_to + 1)
        if bay.eye_level_from is not None and bay.eye_level_to is not None
        else range(0)
    )
    return BayInput(
        key=str(bay.pk),
        name=bay.name,
        photos=tuple(
            BayPhoto(str(run.photo_id), layouts[str(run.photo_id)][0])
            for run in runs
            if run.photo.bay_id == bay.pk
        ),
        planogram=as_plan(plan) if plan else None,
        width_cm=bay.width_cm,
        eye_level=frozenset(band),
    )


def as_plan(planogram: Planogram) -> Plan:
    """A stored planogram as the core's value; each position's key is its row's id."""
    return Plan(
        name=planogram.name,
        version=str(planogram.version),
        width_cm=planogram.width_cm,
        height_cm=planogram.height_cm,
        positions=tuple(
            PlannedPosition(
                shelf=p.shelf,
                position=p.position,
                sku=p.sku.code,
                facings_wide=p.facings_wide,
                facings_high=p.facings_high,
                x_cm=p.x_cm,
                y_cm=p.y_cm,
                width_cm=p.width_cm,
                height_cm=p.height_cm,
                key=str(p.pk),
            )
            for p in planogram.positions.select_related("sku")
        ),
    )
