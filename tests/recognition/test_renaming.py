"""Past photos beside a gallery that has changed since."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from recognition.models import Facing, RecognitionRun
from recognition.services.galleries import refresh_gallery
from recognition.services.recognise import recognise_claimed
from retail_exec.catalog.models import Packshot
from retail_exec.visits.models import Photo
from tests.factories import make_photo, make_visit
from tests.rendered import RenderedShop, as_jpeg, make_rendered_shop, render

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> RenderedShop:
    return make_rendered_shop()


@pytest.fixture
def photo(shop: RenderedShop) -> Photo:
    """Recognised while the gallery lacked the first product."""
    row = make_photo(make_visit(shop.auditor, shop.bay.store), shop.bay)
    row.file.save("bay.jpg", ContentFile(as_jpeg(render(shop.plan))), save=True)
    missing = Packshot.objects.get(sku=shop.skus[0])
    kept = Packshot(sku=missing.sku, sha256=missing.sha256, image=missing.image)
    missing.delete()
    assert recognise_claimed(row.pk)
    kept.save()
    refresh_gallery(shop.organisation)
    return row


def test_a_new_product_is_found_on_a_past_photo_and_nothing_that_counts_changes(
    shop: RenderedShop, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    before = RecognitionRun.objects.get(photo=photo)
    judged = before.facings.first()
    assert judged is not None
    Facing.objects.filter(pk=judged.pk).update(verdict=Facing.Verdict.PRODUCT, verdict_sku=shop.skus[3])

    call_command("name_again", "--organisation", shop.organisation.slug, "--until", "2001-01-01")
    assert "Nothing to do" in capsys.readouterr().out
    call_command("name_again", organisation=shop.organisation.slug)
    assert "1 photos named again" in capsys.readouterr().out
    call_command("name_again", organisation=shop.organisation.slug)
    assert "Nothing to do" in capsys.readouterr().out

    assert RecognitionRun.objects.get(photo=photo, current=True) == before
    after = RecognitionRun.objects.get(photo=photo, current=False)
    assert after.gallery != before.gallery
    assert (after.detector, after.shelves, after.facings.count()) == (
        before.detector,
        before.shelves,
        before.facings.count(),
    )
    code = shop.skus[0].code
    assert not any(c["sku"] == code for f in before.facings.all() for c in f.candidates)
    assert after.facings.filter(sku=shop.skus[0]).exists()
    assert after.facings.get(index=judged.index).verdict_sku == shop.skus[3]


def test_an_unknown_organisation_is_refused() -> None:
    with pytest.raises(CommandError, match="no organisation 'nobody'"):
        call_command("name_again", organisation="nobody")
