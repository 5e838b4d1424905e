"""Plain functions that make whole, valid rows: an organisation, its people, stores, products and visits.

Pictures are drawn, so that a screen made from these rows can be looked at.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from retail_exec.accounts.models import Membership, Organisation, Role, User
from retail_exec.catalog.models import Brand, Category, Packshot, Sku
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Bay, Chain, Channel, Region, Store
from retail_exec.visits.models import Photo, Visit
from tests.drawing import PALETTE, draw_pack, encode, jpeg, shelf_picture

PASSWORD = "quiet-aisle-42"
_numbers = itertools.count(1)


def make_organisation(name: str = "") -> Organisation:
    """An organisation with its own name and slug."""
    number = next(_numbers)
    return Organisation.objects.create(name=name or f"Brand house {number}", slug=f"brand-house-{number}")


def make_member(
    organisation: Organisation, role: Role = Role.AUDITOR, email: str = "", name: str = ""
) -> Membership:
    """A person with ``PASSWORD`` and a role in the organisation."""
    first, _, last = (name or f"{role.label} {next(_numbers)}").partition(" ")
    user = User.objects.create_user(
        email or f"{role}{next(_numbers)}@example.com", PASSWORD, first_name=first, last_name=last
    )
    return Membership.objects.create(user=user, organisation=organisation, role=role)


def make_store(
    organisation: Organisation,
    name: str = "",
    chain: str = "Greengrove",
    region: str = "North",
    channel: Channel = Channel.MODERN,
    bays: Sequence[str] = ("Crisps 1",),
    category: str = "Crisps",
) -> Store:
    """A store with its chain, region and bays; chain, region and category are reused by name."""
    number = next(_numbers)
    store = Store.objects.create(
        organisation=organisation,
        code=f"S{number:04}",
        name=name or f"Store {number}",
        chain=Chain.objects.get_or_create(
            organisation=organisation, name=chain, defaults={"channel": channel}
        )[0],
        region=Region.objects.get_or_create(organisation=organisation, name=region)[0],
        address=f"{number} Market Street",
    )
    shelf = Category.objects.get_or_create(organisation=organisation, name=category)[0]
    Bay.objects.bulk_create([Bay(store=store, name=bay, category=shelf, width_cm=100) for bay in bays])
    return store


def make_skus(
    organisation: Organisation,
    count: int = 6,
    brands: Iterable[tuple[str, bool]] = (("Fieldmark", True), ("Rivermill", False)),
    category: str = "Crisps",
) -> list[Sku]:
    """SKUs spread over the brands in turn, each with one drawn packshot. brands: (name, own brand)."""
    rows = [
        Brand.objects.get_or_create(organisation=organisation, name=name, defaults={"is_own": own})[0]
        for name, own in brands
    ]
    shelf = Category.objects.get_or_create(organisation=organisation, name=category)[0]
    skus = []
    for index in range(count):
        number = next(_numbers)
        brand = rows[index % len(rows)]
        sku = Sku.objects.create(
            organisation=organisation,
            code=f"P{number:04}",
            name=f"{brand.name} {category} {('Salted', 'Paprika', 'Onion', 'Plain')[index % 4]}",
            brand=brand,
            category=shelf,
            size="150 g",
            width_cm=15,
            height_cm=20,
        )
        make_packshot(sku, PALETTE[index % len(PALETTE)])
        skus.append(sku)
    return skus


def make_packshot(sku: Sku, colour: str = PALETTE[0]) -> Packshot:
    """A drawn reference picture of the SKU."""
    data = encode(draw_pack(sku.code, colour), "PNG")
    packshot = Packshot(sku=sku, sha256=hashlib.sha256(data).hexdigest())
    packshot.image.save(f"{sku.code}.png", ContentFile(data), save=True)
    return packshot


def make_visit(
    auditor: Membership, store: Store, at: datetime | None = None, finished: bool = False
) -> Visit:
    """A visit, its assessment waiting."""
    at = at or timezone.now()
    return Visit.objects.create(
        organisation=auditor.organisation,
        store=store,
        auditor=auditor.user,
        started_at=at,
        finished_at=at if finished else None,
    )


def make_photo(
    visit: Visit,
    bay: Bay | None = None,
    rows: Sequence[Sequence[Sku | None]] = (),
    state: WorkState = WorkState.WAITING,
    problem: str = "",
) -> Photo:
    """A photo of a drawn shelf in the given state, without a recognition run. rows: see ``shelf_picture``."""
    number = next(_numbers)
    picture = shelf_picture(rows or ((None, None), (None, None)), seed=number)
    data = jpeg(picture)
    photo = Photo(
        organisation=visit.organisation,
        visit=visit,
        bay=bay,
        name=f"shelf-{number}.jpg",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        width=picture.shape[1],
        height=picture.shape[0],
        uploaded_at=visit.started_at,
        state=state,
        problem=problem,
    )
    photo.file.save(photo.name, ContentFile(data), save=True)
    return photo
