"""Django admin: every model can be looked at, results cannot be changed, organisations do not mix."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from recognition.models import Gallery, GalleryState, ReferenceEmbedding
from retail_exec.accounts.models import ApiKey, User
from retail_exec.accounts.services.api_keys import create_api_key, find_api_key
from retail_exec.catalog.models import Brand, Sku
from retail_exec.core.audit import record
from tests import factories as make
from tests.retail_exec.world import World

OURS = ("accounts", "catalog", "stores", "visits", "recognition", "compliance", "core")
SHOWN_WITHIN_ANOTHER = {
    "Packshot", "MustStockItem", "ShelfGap", "PlanogramPosition", "PositionResult", "BayResult", "OutOfStock",
    "PromotionElement", "ScorecardPillar",
}  # fmt: skip
KEPT_BY_THE_PROGRAM = {
    "Evidence", "SkuFact", "KpiRollup", "SkuRollup", "Spell", "RescoredVisit", "RescoringChunk",
    "PlanogramFile", "PackshotKeypoints", "PriceTag",
}  # fmt: skip
"""Sums, evidence and work lists: the screens show what is in them."""


def registered() -> list[type[Model]]:
    """Our models that have pages of their own."""
    return [m for m in admin.site._registry if m._meta.app_label in OURS]


@pytest.fixture
def root(world: World) -> Client:
    """A superuser's browser, with a row of everything there."""
    owner = world.manager.organisation
    gallery = Gallery.objects.create(organisation=owner, embedder="e", version="1", state=GalleryState.ACTIVE)
    packshot = world.skus[0].packshots.get()
    ReferenceEmbedding.objects.create(
        organisation=owner, gallery=gallery, sku=world.skus[0], packshot=packshot, vector=[1] + [0] * 255
    )
    create_api_key(world.manager, "till system")
    record(world.manager, "test", "everything")
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", make.PASSWORD))
    return client


def test_every_model_is_there() -> None:
    ours = {m for m in apps.get_models() if m._meta.app_label in OURS and not m._meta.auto_created}
    missing = {m.__name__ for m in ours - set(admin.site._registry)}
    assert missing == SHOWN_WITHIN_ANOTHER | KEPT_BY_THE_PROGRAM


@pytest.mark.parametrize("model", registered(), ids=lambda m: m.__name__)
def test_pages_open(root: Client, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = root.get(reverse(f"{name}_changelist"), {"q": "a"} if registry(model).search_fields else {})
    assert listed.status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert root.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def registry(model: type[Model]) -> ModelAdmin:
    """How the model is shown."""
    return admin.site._registry[model]


@pytest.mark.parametrize(
    "name", ["recognition_facing", "compliance_assessment", "visits_photo", "core_auditevent"]
)
def test_results_are_only_read(root: Client, name: str) -> None:
    assert root.get(reverse(f"admin:{name}_add")).status_code == 403
    row = apps.get_model(*name.split("_")).objects.first()
    assert row is not None
    assert root.post(reverse(f"admin:{name}_change", args=[row.pk]), {}).status_code == 403
    assert root.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_a_product_cannot_have_another_organisations_brand(root: Client, world: World) -> None:
    theirs = Brand.objects.create(organisation=world.outsider.organisation, name="Elsewhere")
    sku = world.skus[0]
    form = {
        "organisation": sku.organisation_id, "code": sku.code, "name": sku.name, "brand": theirs.pk,
        "category": sku.category_id, "kind": sku.kind, "active": "on",
        "packshots-TOTAL_FORMS": 0, "packshots-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = root.post(reverse("admin:catalog_sku_change", args=[sku.pk]), form)
    assert "These belong to another organisation: Elsewhere." in answer.content.decode()
    assert Sku.objects.get(pk=sku.pk).brand != theirs
    form["brand"] = sku.brand_id
    assert root.post(reverse("admin:catalog_sku_change", args=[sku.pk]), form).status_code == 302


def test_a_store_cannot_have_a_bay_of_another_organisations_category(root: Client, world: World) -> None:
    theirs = make.make_skus(world.outsider.organisation, count=1)[0].category
    store, bay = world.store, world.store.bays.get()
    form = {
        "organisation": store.organisation_id, "code": store.code, "name": store.name,
        "chain": store.chain_id, "region": store.region_id,
        "bays-TOTAL_FORMS": 1, "bays-INITIAL_FORMS": 1, "bays-0-id": bay.pk,
        "bays-0-store": store.pk, "bays-0-name": bay.name, "bays-0-category": theirs.pk,
    }  # fmt: skip
    answer = root.post(reverse("admin:stores_store_change", args=[store.pk]), form)
    assert "belong to another organisation" in answer.content.decode()
    bay.refresh_from_db()
    assert bay.category != theirs


def test_keys_are_made_and_revoked(root: Client, world: World) -> None:
    url = reverse("admin:accounts_membership_changelist")
    page = root.post(url, {"action": "make_api_key", "_selected_action": world.manager.pk}, follow=True)
    secret = page.content.decode().split("shown only now: ")[1].split("<")[0].strip()
    key = find_api_key(secret)
    assert key is not None
    url = reverse("admin:accounts_apikey_changelist")
    root.post(url, {"action": "revoke", "_selected_action": [key.pk for key in ApiKey.objects.all()]})
    assert find_api_key(secret) is None


def test_only_a_superuser_gets_in(world: World) -> None:
    client = Client()
    client.force_login(world.manager.user)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_the_admin_has_no_sign_in_of_its_own(world: World) -> None:
    client = Client()
    answer = client.get(reverse("admin:login"), {"next": reverse("admin:index")})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    world.manager.user.is_staff = world.manager.user.is_superuser = True
    world.manager.user.save()
    form = {"username": world.manager.user.email, "password": make.PASSWORD, "next": reverse("admin:index")}
    client.post(reverse("admin:login"), form)
    assert client.get(reverse("admin:index")).status_code == 302
