"""Photos whose facings a person has confirmed, on both sides of the line between training and test."""

from __future__ import annotations

from recognition.models import DataSetVersion, Facing
from recognition.services.corrections import correct_facing
from recognition.services.datasets import part_of
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Sku
from tests.factories import make_member, make_photo, make_store, make_visit
from tests.results import make_run


def confirm_photos(analyst: Membership, skus: list[Sku], held_back: int) -> list[Facing]:
    """Photos of all of ``skus``, confirmed, until so many are held back and at least one is not."""
    visit = make_visit(make_member(analyst.organisation), make_store(analyst.organisation))
    rows = [skus[:2], skus[2:]]
    parts: list[str] = []
    facings: list[Facing] = []
    while parts.count(DataSetVersion.Purpose.TEST) < held_back or len(set(parts)) < 2:
        photo = make_photo(visit, None, rows)
        parts.append(part_of(photo.sha256))
        facings += make_run(photo, rows).facings.select_related("run__photo__visit", "sku")
    for facing in facings:
        correct_facing(analyst, facing, Facing.Verdict.PRODUCT, facing.sku)
    return facings
