"""The sample's people, stores, products and planograms; making them again changes nothing."""

from __future__ import annotations

import secrets
import tempfile
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from PIL import Image

from compliance.models import Planogram
from compliance.services.import_planogram import import_planogram
from compliance.services.tasks import first_rule
from recognition.models import Gallery, GalleryState
from recognition.services.galleries import refresh_gallery
from recognition.training.render.catalogue import catalogue_csv
from recognition.training.render.packs import packshot
from retail_exec.accounts.models import Organisation, User
from retail_exec.accounts.services.organisations import add_member
from retail_exec.catalog.models import Category, MustStockList, Packshot, Sku
from retail_exec.catalog.services.import_catalogue import import_catalogue
from retail_exec.sample import shops
from retail_exec.sample.catalogue import OWN_BRANDS, products
from retail_exec.sample.plans import CRISPS_MARKET_2, Plan, as_csv
from retail_exec.sample.schedule import new_plan_day
from retail_exec.stores.models import Bay, Chain, Region, Store

NAME, SLUG = "Sample Brands", "sample"
EYE_LEVEL = (1, 2)


def sample_folder() -> Path:
    """Where the sample's password and truth are kept."""
    folder = Path(settings.VAR_DIR) / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_sample() -> Organisation:
    """The sample organisation, complete but for its visits.

    Call it while no worker runs: a gallery that is being built then was left behind by one that was stopped.
    """
    with transaction.atomic():
        organisation, _ = Organisation.objects.get_or_create(slug=SLUG, defaults={"name": NAME})
        _people(organisation)
    _catalogue(organisation)
    with transaction.atomic():
        _stores(organisation)
        _planograms(organisation)
        _must_stock(organisation)
        first_rule(organisation)
    refresh_gallery(organisation)
    Gallery.objects.filter(organisation=organisation, state=GalleryState.BUILDING).delete()
    return organisation


def last_day(organisation: Organisation) -> date:
    """The day the sample was made: its newest visit is of the day before."""
    return localtime(organisation.created_at).date()


def password() -> str:
    """The password of the sample's people, made up once for this installation."""
    file = sample_folder() / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text()


def _people(organisation: Organisation) -> None:
    for email, role in shops.PEOPLE.items():
        add_member(organisation, email, role, password())
    User.objects.filter(email=shops.ADMIN).update(is_staff=True, is_superuser=True)


def _catalogue(organisation: Organisation) -> None:
    if Packshot.objects.filter(sku__organisation=organisation).count() >= len(products()):
        return
    with tempfile.TemporaryDirectory() as folder:
        for spec in products():
            Image.fromarray(packshot(spec)).save(Path(folder) / f"{spec.sku}.png")
        import_catalogue(organisation, catalogue_csv(products()).encode(), Path(folder), OWN_BRANDS)


def _stores(organisation: Organisation) -> None:
    for shop in shops.SHOPS:
        chain, _ = Chain.objects.get_or_create(
            organisation=organisation, name=shop.chain, defaults={"channel": shops.CHAINS[shop.chain]}
        )
        region, _ = Region.objects.get_or_create(organisation=organisation, name=shop.region)
        store, _ = Store.objects.get_or_create(
            organisation=organisation,
            code=shop.code,
            defaults={"name": shop.name, "chain": chain, "region": region, "address": shop.address},
        )
        for bay, plan in shops.BAYS[shop.chain].items():
            Bay.objects.get_or_create(
                store=store,
                name=bay,
                defaults={
                    "category": Category.objects.get(organisation=organisation, name=plan.category),
                    "width_cm": plan.width_cm,
                    "eye_level_from": EYE_LEVEL[0],
                    "eye_level_to": EYE_LEVEL[1],
                },
            )


def _planograms(organisation: Organisation) -> None:
    for chain, bays in shops.BAYS.items():
        for name, plan in bays.items():
            where = list(
                Bay.objects.filter(store__organisation=organisation, store__chain__name=chain, name=name)
            )
            _plan(organisation, plan, 1, where, None)
    _plan(organisation, CRISPS_MARKET_2, 2, [], new_plan_day(last_day(organisation)))


def _plan(
    organisation: Organisation, plan: Plan, version: int, bays: list[Bay], effective_from: date | None
) -> None:
    known = Planogram.objects.filter(organisation=organisation, name=plan.name, version=version)
    if not known.exists():
        import_planogram(organisation, as_csv(plan), "sample.csv", bays=bays, effective_from=effective_from)


def _must_stock(organisation: Organisation) -> None:
    for chain, codes in shops.MUST_STOCK.items():
        listed, made = MustStockList.objects.get_or_create(
            organisation=organisation, name=f"Must stock, {chain}"
        )
        if made:
            listed.chains.set(Chain.objects.filter(organisation=organisation, name=chain))
            for sku in Sku.objects.filter(organisation=organisation, code__in=codes.split()):
                listed.items.create(sku=sku)
