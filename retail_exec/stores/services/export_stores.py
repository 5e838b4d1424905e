"""Stores and bays as the file that ``import_stores`` reads: brought in again, it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from retail_exec.stores.csv_import import COLUMNS
from retail_exec.stores.models import Bay, Store


def export_rows(stores: QuerySet[Store]) -> Iterator[list[Any]]:
    """A row for each bay, or one for a store without bays, with ``COLUMNS``."""
    bays = Prefetch("bays", Bay.objects.select_related("category").order_by("name", "pk"))
    rows = stores.select_related("chain", "region").prefetch_related(bays).order_by("code")
    for store in rows.iterator(500):
        chain = store.chain
        start = [store.code, store.name, chain.name, chain.channel, store.region.name, store.address]
        mine = list(store.bays.all())
        for bay in mine:
            category = bay.category.name if bay.category else None
            yield [*start, bay.name, category, bay.width_cm, bay.eye_level_from, bay.eye_level_to]
        if not mine:
            yield start + [None] * (len(COLUMNS) - len(start))
