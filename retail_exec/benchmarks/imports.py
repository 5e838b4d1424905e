"""How long planogram files of many positions take to import, by format."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.utils import timezone

from compliance import importers
from compliance.importers.values import ImportedPlanogram, ImportedPosition
from compliance.models import Planogram, PlanogramPosition
from compliance.services.import_planogram import import_planogram
from retail_exec.accounts.models import Organisation
from retail_exec.benchmarks.figures import Figure
from retail_exec.catalog.models import Brand, Category, Sku

GOAL_SECONDS = 30.0
PRODUCTS, SHELVES, PLACES = 2000, 10, 50
UNIT_CM = 6.0
FORMATS = {"csv": "CSV", "psa": "PSA", "azure": "Azure JSON"}


def measure(positions: int, tick: Callable[[int], object]) -> list[Figure]:
    """Import so many positions in each format: CSV and PSA as one file, JSON as a file a planogram."""
    plans = [_plan(number) for number in range(-(-positions // (SHELVES * PLACES)))]
    made = len(plans) * SHELVES * PLACES
    figures = []
    for format, title in FORMATS.items():
        seconds, processor, stored = _imported(list(_files(format, plans)))
        figures += [
            Figure(f"{title}, {made} positions", round(seconds, 2), "s", GOAL_SECONDS),
            Figure(f"{title}, processor time of Python", round(processor, 2), "s"),
            Figure(f"{title}, stored", stored, "positions", made),
        ]
        tick(positions // len(FORMATS))
    return figures


def _imported(files: list[tuple[str, bytes]]) -> tuple[float, float, int]:
    """Import files into an organisation of their own, deleted afterwards: seconds, those of the processor,
    and the positions stored."""
    number = Organisation.objects.count()
    organisation = Organisation.objects.create(
        name="Planograms", slug=f"planograms-{number}-{timezone.now():%H%M%S}"
    )
    try:
        _catalogue(organisation)
        began, worked = time.perf_counter(), time.process_time()
        for name, content in files:
            import_planogram(organisation, content, name)
        took = time.perf_counter() - began, time.process_time() - worked
        return *took, PlanogramPosition.objects.filter(planogram__organisation=organisation).count()
    finally:
        Planogram.objects.filter(organisation=organisation).delete()
        organisation.delete()


def _files(format: str, plans: list[ImportedPlanogram]) -> Iterator[tuple[str, bytes]]:
    """File names and contents."""
    together = [[plan] for plan in plans] if format == "azure" else [plans]
    for number, some in enumerate(together):
        yield f"plans-{number}{importers.FORMATS[format]}", importers.export(some, format)


def _catalogue(organisation: Organisation) -> None:
    brand = Brand.objects.create(organisation=organisation, name="Brand")
    category = Category.objects.create(organisation=organisation, name="Crisps")
    Sku.objects.bulk_create(
        Sku(organisation=organisation, code=f"S{n:05}", name=f"Product {n}", brand=brand, category=category)
        for n in range(PRODUCTS)
    )


def _plan(number: int) -> ImportedPlanogram:
    """Every place with one facing."""
    positions = tuple(
        ImportedPosition(
            shelf=shelf,
            position=place,
            sku=f"S{(number * 31 + shelf * PLACES + place) % PRODUCTS:05}",
            x_cm=place * UNIT_CM,
            y_cm=shelf * 40.0 + 10.0,
            width_cm=UNIT_CM,
            height_cm=28.0,
        )
        for shelf in range(SHELVES)
        for place in range(PLACES)
    )
    boards = tuple((shelf + 1) * 40.0 - 2.0 for shelf in range(SHELVES))
    name = f"Plan {number}"
    return ImportedPlanogram(name, "", positions, PLACES * UNIT_CM, SHELVES * 40.0, boards_cm=boards)
