"""An organisation with many made-up visits, for measuring: layouts are stored, pictures are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from compliance.models import Assessment, Planogram, PlanogramPosition
from compliance.services.assess import assess_many
from compliance.simulate import make_scene
from compliance.simulate.store import make_plan
from compliance.types import Product
from recognition.models import Facing, RecognitionRun, ShelfGap
from recognition.types import ShelfLayout
from retail_exec.accounts.models import Membership, Organisation, Role, User
from retail_exec.catalog.models import Brand, Category, MustStockItem, MustStockList, Sku
from retail_exec.core.copying import as_json, copy_rows
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Bay, Chain, Channel, Region, Store
from retail_exec.visits.models import Photo, Visit

PRODUCTS, BRANDS, OWN_BRANDS = 60, 6, 2
PLANS, SCENES_A_PLAN = 6, 10
CHAINS, REGIONS, AUDITORS = 5, 6, 12
BATCH = 200
Tick = Callable[[int], object]


@contextmanager
def made_up(visits: int, stores: int, days: int, tick: Tick = lambda done: None) -> Iterator[Organisation]:
    """An organisation with assessed visits spread evenly over the stores and the last ``days`` days; it is
    deleted again. tick: told how many visits each step has made."""
    number = Organisation.objects.count()
    organisation = Organisation.objects.create(
        name="Made-up visits", slug=f"made-up-{number}-{timezone.now():%H%M%S}"
    )
    try:
        _Maker(organisation, visits, stores, days).make(tick)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield organisation
    finally:
        _delete(organisation)


class _Maker:
    def __init__(self, organisation: Organisation, visits: int, stores: int, days: int) -> None:
        self.organisation = organisation
        self.visits = visits
        self.days = days
        self.rng = np.random.default_rng(7)
        self.products = self._products()
        self.skus = {sku.code: sku for sku in Sku.objects.filter(organisation=organisation)}
        self.plans = [self._plan(number) for number in range(PLANS)]
        self.auditors = [self._auditor(number) for number in range(AUDITORS)]
        self.stores = self._stores(stores)
        self._must_stock()

    def make(self, tick: Tick) -> None:
        """The newest visits first, as nobody is asked to act on an older one."""
        today = datetime.combine(timezone.localdate(), time(9))
        step = self.days * 86_400 / max(self.visits, 1)
        for begin in range(0, self.visits, BATCH):
            numbers = range(begin, min(begin + BATCH, self.visits))
            moments = [timezone.make_aware(today) - timedelta(seconds=step * n) for n in numbers]
            with transaction.atomic():
                rows = Visit.objects.bulk_create(
                    Visit(
                        organisation=self.organisation,
                        store=self.stores[n % len(self.stores)],
                        auditor=self.auditors[n % len(self.stores) % AUDITORS],
                        started_at=at,
                        finished_at=at,
                        state=WorkState.DONE,
                    )
                    for n, at in zip(numbers, moments, strict=True)
                )
                self._photos(rows, numbers)
                assess_many(self.organisation.pk, rows)
            tick(len(rows))

    def _products(self) -> dict[str, Product]:
        names = [f"Brand {number}" for number in range(BRANDS)]
        brands = {
            name: Brand.objects.create(organisation=self.organisation, name=name, is_own=n < OWN_BRANDS)
            for n, name in enumerate(names)
        }
        category = Category.objects.create(organisation=self.organisation, name="Crisps")
        found = {}
        for number in range(PRODUCTS):
            brand = names[int(self.rng.integers(BRANDS))]
            wide, high = float(self.rng.uniform(6, 15)), float(self.rng.uniform(12, 28))
            sku = Sku.objects.create(
                organisation=self.organisation,
                code=f"S{number:03}",
                name=f"{brand} {number}",
                brand=brands[brand],
                category=category,
                width_cm=round(wide, 1),
                height_cm=round(high, 1),
            )
            found[sku.code] = Product(
                sku.code, brand, brands[brand].is_own, "Crisps", sku.name, sku.width_cm, sku.height_cm
            )
        return found

    def _plan(self, number: int) -> tuple[Planogram, list[ShelfLayout]]:
        plan = make_plan(self.rng, self.products, f"Plan {number}")
        row = Planogram.objects.create(organisation=self.organisation, name=plan.name, width_cm=plan.width_cm)
        PlanogramPosition.objects.bulk_create(
            PlanogramPosition(
                planogram=row,
                shelf=p.shelf,
                position=p.position,
                sku=self.skus[p.sku],
                facings_wide=p.facings_wide,
                facings_high=p.facings_high,
                x_cm=p.x_cm,
                y_cm=p.y_cm,
                width_cm=p.width_cm,
                height_cm=p.height_cm,
            )
            for p in plan.positions
        )
        scenes = (make_scene(1000 * number + n, self.products, plan) for n in range(SCENES_A_PLAN))
        return row, [scene.bay.photos[0].layout for scene in scenes]

    def _auditor(self, number: int) -> User:
        user = User.objects.create(email=f"auditor{number}@{self.organisation.slug}.example")
        Membership.objects.create(user=user, organisation=self.organisation, role=Role.AUDITOR)
        return user

    def _stores(self, count: int) -> list[Store]:
        owner = self.organisation
        channels = [Channel.MODERN, Channel.GENERAL]
        chains = [
            Chain.objects.create(organisation=owner, name=f"Chain {n}", channel=channels[n % 2])
            for n in range(CHAINS)
        ]
        regions = [Region.objects.create(organisation=owner, name=f"Region {n}") for n in range(REGIONS)]
        stores = Store.objects.bulk_create(
            Store(
                organisation=owner,
                code=f"M{n:05}",
                name=f"Store {n}",
                chain=chains[n % CHAINS],
                region=regions[n % REGIONS],
            )
            for n in range(count)
        )
        category = Category.objects.get(organisation=owner)
        self.bays = Bay.objects.bulk_create(
            Bay(store=row, name="Crisps", category=category, width_cm=120, eye_level_from=1, eye_level_to=2)
            for row in stores
        )
        for n, bay in enumerate(self.bays):
            self.plans[n % PLANS][0].bays.add(bay)
        return stores

    def _must_stock(self) -> None:
        row = MustStockList.objects.create(organisation=self.organisation, name="Must stock")
        own = [sku for sku in self.skus.values() if self.products[sku.code].own]
        MustStockItem.objects.bulk_create(MustStockItem(must_stock_list=row, sku=sku) for sku in own)

    def _photos(self, visits: Sequence[Visit], numbers: Sequence[int]) -> None:
        layouts = [self._layout(n) for n in numbers]
        photos = Photo.objects.bulk_create(
            Photo(
                organisation=self.organisation,
                visit=visit,
                bay=self.bays[n % len(self.stores)],
                file=f"photos/{self.organisation.pk}/{n}.jpg",
                name=f"{n}.jpg",
                sha256=f"{n:064}",
                size=1,
                width=layout.width,
                height=layout.height,
                uploaded_at=visit.started_at,
                state=WorkState.DONE,
            )
            for visit, n, layout in zip(visits, numbers, layouts, strict=True)
        )
        runs = RecognitionRun.objects.bulk_create(
            _run(self.organisation, photo, layout) for photo, layout in zip(photos, layouts, strict=True)
        )
        codes = {code: sku.pk for code, sku in self.skus.items()}
        pairs = list(zip(runs, layouts, strict=True))
        copy_rows(Facing, FACING_FIELDS, [row for run, lay in pairs for row in _facings(run, lay, codes)])
        copy_rows(ShelfGap, GAP_FIELDS, [row for run, layout in pairs for row in _gaps(run, layout)])

    def _layout(self, number: int) -> ShelfLayout:
        layouts = self.plans[number % len(self.stores) % PLANS][1]
        return layouts[number // len(self.stores) % SCENES_A_PLAN]


FACING_FIELDS = (
    "run",
    "index",
    "box",
    "rect_box",
    "shelf",
    "position",
    "stack",
    "detection_score",
    "status",
    "sku",
    "confidence",
    "verified_by_expectation",
    "candidates",
    "verdict",
)
GAP_FIELDS = ("run", "index", "box", "rect_box", "shelf")


def _run(organisation: Organisation, photo: Photo, layout: ShelfLayout) -> RecognitionRun:
    return RecognitionRun(
        organisation=organisation,
        photo=photo,
        detector="made up",
        embedder="made up",
        gallery="1",
        pipeline="1",
        width=layout.width,
        height=layout.height,
        shelves=layout.shelves,
        homography=[float(v) for v in layout.rectified.homography.ravel()],
        rectified_width=layout.rectified.width,
        rectified_height=layout.rectified.height,
        rectified_confidence=layout.rectified.confidence,
        cm_per_px=layout.cm_per_px,
        quality={"sharpness": 500.0, "brightness": 120.0, "problems": []},
    )


def _facings(run: RecognitionRun, layout: ShelfLayout, codes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for index, f in enumerate(layout.facings):
        candidates = [{"sku": c.sku, "similarity": c.similarity, "packshot": ""} for c in f.candidates]
        place = (f.shelf, f.position, f.stack, f.detection_score, f.status.value)
        sku = codes[f.sku] if f.sku else None
        box, rect = _numbers(f.box), _numbers(f.rect_box)
        yield run.pk, index, box, rect, *place, sku, f.confidence, False, as_json(candidates), ""


def _gaps(run: RecognitionRun, layout: ShelfLayout) -> Iterator[tuple[Any, ...]]:
    for index, gap in enumerate(layout.gaps):
        yield run.pk, index, _numbers(gap.box), _numbers(gap.rect_box), gap.shelf


def _numbers(box: Sequence[float]) -> str:
    return json.dumps([round(float(v), 2) for v in box]).replace("[", "{").replace("]", "}")


def _delete(organisation: Organisation) -> None:
    """Everything of the organisation, a few visits at a time."""
    rows = Visit.objects.filter(organisation=organisation).order_by("pk")
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Assessment.objects.filter(visit__in=ids).delete()
            Visit.objects.filter(pk__in=ids).delete()
    users = User.objects.filter(memberships__organisation=organisation)
    ids = list(users.values_list("pk", flat=True))
    organisation.delete()
    User.objects.filter(pk__in=ids).delete()
