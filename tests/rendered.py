"""A small organisation whose products and photos are rendered, so that the shipped models can read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import simplejpeg
from django.core.files.base import ContentFile
from PIL import Image

from compliance.models import Planogram, PlanogramPosition
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.packs import packshot
from recognition.training.render.scene import render_scene
from recognition.types import ImageArray
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.catalog.models import Brand, Category, Packshot, Sku
from retail_exec.stores.models import Bay
from tests.drawing import encode
from tests.factories import make_member, make_organisation, make_store

Plan = list[list[tuple[str | None, float, int]]]


@dataclass(frozen=True)
class RenderedShop:
    """An organisation with one auditor, one store with one bay, rendered products and the bay's plan."""

    organisation: Organisation
    auditor: Membership
    bay: Bay
    skus: list[Sku]
    plan: Plan


@cache
def products() -> tuple[PackSpec, ...]:
    """Eight products of three brands, of different sizes."""
    return tuple(make_catalogue(7, brands=3, skus=8))


def make_rendered_shop() -> RenderedShop:
    """Store everything; the plan has two facings of each product on two shelves."""
    organisation = make_organisation()
    store = make_store(organisation, category="Rendered")
    category = Category.objects.get(organisation=organisation)
    skus = [_make_sku(organisation, category, spec) for spec in products()]
    half = len(skus) // 2
    plan: Plan = [[(sku.code, 2, 1) for sku in row] for row in (skus[:half], skus[half:])]
    bay = store.bays.get()
    planogram = Planogram.objects.create(organisation=organisation, name="Rendered bay")
    planogram.bays.add(bay)
    codes = {sku.code: sku for sku in skus}
    PlanogramPosition.objects.bulk_create(
        PlanogramPosition(
            planogram=planogram, shelf=shelf, position=position, sku=codes[str(code)], facings_wide=int(wide)
        )
        for shelf, row in enumerate(plan)
        for position, (code, wide, _) in enumerate(row)
    )
    return RenderedShop(organisation, make_member(organisation), bay, skus, plan)


def _make_sku(organisation: Organisation, category: Category, spec: PackSpec) -> Sku:
    brand, _ = Brand.objects.get_or_create(
        organisation=organisation, name=spec.brand, defaults={"is_own": spec.brand == products()[0].brand}
    )
    sku = Sku.objects.create(
        organisation=organisation,
        code=spec.sku,
        name=spec.name,
        brand=brand,
        category=category,
        width_cm=spec.width_cm,
        height_cm=spec.height_cm,
    )
    data = encode(Image.fromarray(packshot(spec)), "PNG")
    row = Packshot(sku=sku, sha256=hashlib.sha256(data).hexdigest())
    row.image.save(f"{sku.code}.png", ContentFile(data), save=True)
    return sku


def render(plan: Plan, seed: int = 0, size: tuple[int, int] = (1200, 900)) -> ImageArray:
    """A photo of exactly this bay, RGB (height, width, 3)."""
    return render_scene(seed, catalogue=products(), plan=plan, size=size, angle=0.0, quality="phone").image


def as_jpeg(image: ImageArray, quality: int = 90) -> bytes:
    """The picture as a JPEG file."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=quality, colorspace="RGB"))
