"""From the database to what the compliance core works on, for many visits at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils import timezone

from compliance.models import KpiDefinitions, Planogram
from compliance.services.must_stock import MustStock
from compliance.services.plans import PlansInForce
from compliance.services.scoring_inputs import ScoringInputs
from compliance.types import BayInput, BayPhoto, PlannedPosition, Product, VisitInput
from compliance.types import Planogram as Plan
from recognition.models import RecognitionRun
from recognition.services.layouts import Loaded, load_layouts
from retail_exec.catalog.models import Sku
from retail_exec.stores.models import Bay
from retail_exec.visits.models import Visit


@dataclass(frozen=True)
class Choice:
    """What visits are scored with. definitions: None for the ones in use. plans_on: the day whose planograms
    and lists count, None for the visit's own. versions: of the recognition, by field of RecognitionRun; empty
    for the current runs, and a photo without such a run keeps its current one."""

    definitions: KpiDefinitions | None = None
    plans_on: date | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathered:
    """A visit's input, what its layouts were made from, and the key of all it was made from.

    rows: by photo id as text, the row index of each facing of the layout (verdicts may leave facings out).
    runs: by photo id as text, the run. planograms: by bay key.
    """

    row: Visit
    visit: VisitInput
    rows: dict[str, list[int]]
    runs: dict[str, int]
    planograms: dict[str, Planogram]
    key: str


@dataclass(frozen=True)
class _Seen:
    """One recognised photo."""

    run: RecognitionRun
    loaded: Loaded

    @property
    def photo(self) -> BayPhoto:
        return BayPhoto(str(self.run.photo_id), self.loaded.layout)

    def identity(self) -> list[object]:
        """Differs whenever what is made of the photo may."""
        return [self.run.pk, self.run.photo.bay_id, self.loaded.verdicts]


class Gatherer:
    """Gathers visits of one organisation: a constant number of queries to begin with, and for each batch."""

    def __init__(self, organisation_id: int, choice: Choice | None = None) -> None:
        self.choice = choice or Choice()
        self.scoring = ScoringInputs(organisation_id, self.choice.definitions)
        self._in_force = PlansInForce(organisation_id)
        self._must_stock = MustStock(organisation_id)
        skus = Sku.objects.filter(organisation_id=organisation_id).select_related("brand", "category")
        self._skus = {sku.pk: sku for sku in skus}
        self._products = {sku.code: _product(sku) for sku in skus}
        self._catalogue = _digest(
            sorted(
                (p.sku, p.brand, p.own, p.category, p.width_cm, p.height_cm) for p in self._products.values()
            )
        )
        self._plans: dict[int, Plan] = {}

    def gather(self, visits: Sequence[Visit]) -> list[Gathered]:
        """The visits' bays with their recognised photos, plans in force and what the stores are held against.

        Looks at ``store.chain``: select it.
        """
        runs = self._runs(visits)
        bays: dict[int, list[Bay]] = {visit.store_id: [] for visit in visits}
        for bay in Bay.objects.filter(store__in=list(bays)).order_by("name"):
            bays[bay.store_id].append(bay)
        days = {visit.pk: self.day(visit) for visit in visits}
        plans = {
            visit.pk: {
                str(bay.pk): plan
                for bay in bays[visit.store_id]
                if (plan := self._in_force.for_bay(bay, days[visit.pk])) is not None
            }
            for visit in visits
        }
        self._load(plan for mine in plans.values() for plan in mine.values())
        self.scoring.load_stock(bays)
        return [
            self._gathered(
                visit, days[visit.pk], runs.get(visit.pk, []), bays[visit.store_id], plans[visit.pk]
            )
            for visit in visits
        ]

    def day(self, visit: Visit) -> date:
        """The day whose plans and lists count for the visit."""
        return self.choice.plans_on or timezone.localtime(visit.started_at).date()

    def _gathered(
        self, visit: Visit, day: date, seen: list[_Seen], bays: list[Bay], plans: dict[str, Planogram]
    ) -> Gathered:
        expected = self._must_stock.for_store(visit.store, day)
        targets = self.scoring.for_store(visit.store, day)
        inputs = [self._bay(bay, seen, plans.get(str(bay.pk))) for bay in bays]
        inputs += [
            BayInput(f"photo:{photo.run.photo_id}", "No bay chosen", (photo.photo,))
            for photo in seen
            if photo.run.photo.bay_id is None
        ]
        made_from = [
            self.scoring.definitions.key,
            [photo.identity() for photo in seen],
            sorted((bay, plan.pk) for bay, plan in plans.items()),
            [[bay.pk, bay.width_cm, bay.eye_level_from, bay.eye_level_to] for bay in bays],
            sorted(expected),
            self._catalogue,
            targets.identity(),
        ]
        return Gathered(
            visit,
            VisitInput(tuple(inputs), self._products, expected, self.scoring.options, targets),
            {str(photo.run.photo_id): photo.loaded.rows for photo in seen},
            {str(photo.run.photo_id): photo.run.pk for photo in seen},
            plans,
            _digest(made_from),
        )

    def _bay(self, bay: Bay, seen: list[_Seen], plan: Planogram | None) -> BayInput:
        band = (
            range(bay.eye_level_from, bay.eye_level_to + 1)
            if bay.eye_level_from is not None and bay.eye_level_to is not None
            else range(0)
        )
        return BayInput(
            key=str(bay.pk),
            name=bay.name,
            photos=tuple(photo.photo for photo in seen if photo.run.photo.bay_id == bay.pk),
            planogram=self._plans[plan.pk] if plan else None,
            width_cm=bay.width_cm,
            eye_level=frozenset(band),
        )

    def _load(self, plans: Iterable[Planogram]) -> None:
        """Read the positions of plans not met before."""
        fresh = list({plan.pk: plan for plan in plans if plan.pk not in self._plans}.values())
        prefetch_related_objects(fresh, "positions")
        codes = {pk: sku.code for pk, sku in self._skus.items()}
        self._plans |= {plan.pk: as_plan(plan, codes) for plan in fresh}

    def _runs(self, visits: Sequence[Visit]) -> dict[int, list[_Seen]]:
        """The photos of each visit, in the order they came, with the run that the choice asks for."""
        rows = RecognitionRun.objects.filter(photo__visit__in=visits, photo__state="done")
        if not self.choice.versions:
            rows = rows.filter(current=True)
        wanted: dict[int, RecognitionRun] = {}
        for run in rows.select_related("photo").order_by("photo__uploaded_at", "photo_id", "pk"):
            if run.current or self._fits(run):
                known = wanted.get(run.photo_id)
                wanted[run.photo_id] = known if known and self._fits(known) and not self._fits(run) else run
        loaded = load_layouts(list(wanted.values()))
        found: dict[int, list[_Seen]] = {}
        for run in wanted.values():
            found.setdefault(run.photo.visit_id, []).append(_Seen(run, loaded[run.pk]))
        return found

    def _fits(self, run: RecognitionRun) -> bool:
        return all(getattr(run, name) == value for name, value in self.choice.versions.items())


def as_plan(planogram: Planogram, codes: dict[int, str]) -> Plan:
    """A stored planogram as the core's value; each position's key is its row's id. codes: of the SKUs, by
    id."""
    return Plan(
        name=planogram.name,
        version=str(planogram.version),
        width_cm=planogram.width_cm,
        height_cm=planogram.height_cm,
        positions=tuple(
            PlannedPosition(
                shelf=p.shelf,
                position=p.position,
                sku=codes[p.sku_id],
                facings_wide=p.facings_wide,
                facings_high=p.facings_high,
                x_cm=p.x_cm,
                y_cm=p.y_cm,
                width_cm=p.width_cm,
                height_cm=p.height_cm,
                key=str(p.pk),
            )
            for p in planogram.positions.all()
        ),
    )


def _product(sku: Sku) -> Product:
    return Product(
        sku.code, sku.brand.name, sku.brand.is_own, sku.category.name, sku.name, sku.width_cm, sku.height_cm
    )


def _digest(made_from: object) -> str:
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
