"""Packshots' key points in the database, and price tags and evidence of a run; real PostgreSQL."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recognition.models import PackshotKeypoints
from recognition.services.keypoints import load_finder, packshots_of, reranker_for
from recognition.services.layouts import load_layout, save_layout
from recognition.stages.keypoints import Keypoints
from recognition.stages.text import reader_label
from recognition.types import (
    Agreement,
    Candidate,
    Facing,
    FacingStatus,
    PriceTag,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Packshot
from retail_exec.core.claims import claim
from retail_exec.visits.models import Photo
from tests.factories import make_member, make_organisation, make_photo, make_skus, make_store, make_visit

pytestmark = pytest.mark.django_db


def packshots_of_catalogue(organisation: Organisation, count: int) -> list[Packshot]:
    return list(Packshot.objects.filter(sku__in=make_skus(organisation, count)).order_by("pk"))


def test_key_points_are_found_once_and_kept() -> None:
    organisation = make_organisation()
    packshots = packshots_of_catalogue(organisation, 2)
    finder = load_finder()
    assert finder is not None
    ids = [packshot.pk for packshot in packshots]
    first = packshots_of(finder, organisation.pk, ids)
    stored = list(PackshotKeypoints.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        second = packshots_of(finder, organisation.pk, ids)
    assert first.keys() == second.keys() == {str(pk) for pk in ids}
    assert list(PackshotKeypoints.objects.values_list("pk", flat=True)) == stored
    assert len(queries) == 1
    for key, reference in first.items():
        np.testing.assert_allclose(second[key].keypoints.points, reference.keypoints.points, atol=1e-4)
        assert second[key].picture.shape == reference.picture.shape
        assert np.abs(second[key].picture.astype(int) - reference.picture).mean() < 4  # it is kept as a JPEG


def test_key_points_from_before_pictures_were_kept_are_found_anew() -> None:
    organisation = make_organisation()
    (packshot,) = packshots_of_catalogue(organisation, 1)
    finder = load_finder()
    assert finder is not None
    old = PackshotKeypoints.objects.create(
        organisation=organisation, packshot=packshot, model=finder.label, data=b"older"
    )
    found = packshots_of(finder, organisation.pk, [packshot.pk])
    old.refresh_from_db()
    assert Keypoints.unpack(bytes(old.data)).points.shape == found[str(packshot.pk)].keypoints.points.shape
    assert bytes(old.picture).startswith(b"\xff\xd8")


def test_another_organisation_s_packshots_and_missing_files_are_left_out() -> None:
    ours, theirs = make_organisation(), make_organisation()
    own, lost = packshots_of_catalogue(ours, 2)
    foreign = packshots_of_catalogue(theirs, 1)[0]
    lost.image.storage.delete(str(lost.image.name))
    reranker = reranker_for(ours.pk)
    assert reranker is not None
    found = reranker.references([str(packshot.pk) for packshot in (own, lost, foreign)])
    assert found.keys() == {str(own.pk)}


@pytest.mark.skipif(not reader_label(), reason="reading needs the extra ocr")
def test_gtins_and_names_settle_close_calls_where_reading_is_on(settings: LazySettings) -> None:
    organisation = make_organisation()
    first, second = make_skus(organisation, 2)
    first.gtin = "02900000010000"
    first.save()
    off = reranker_for(organisation.pk)
    settings.RECOGNITION_READ_PACKS = True
    on = reranker_for(organisation.pk)
    assert off is not None
    assert on is not None
    assert off.gtins == {first.code: "02900000010000"}
    assert off.words is None
    assert on.words is not None
    assert on.words.texts == {sku.code: f"{sku.name} 150 g" for sku in (first, second)}
    assert on.label == f"{off.label}+words"


def test_price_tags_and_evidence_come_back_from_a_run() -> None:
    organisation = make_organisation()
    sku = make_skus(organisation, 1)[0]
    photo = make_photo(make_visit(make_member(organisation), make_store(organisation)))
    claimed = claim(Photo.objects.all(), photo.pk)
    assert claimed is not None
    box = (10.0, 10.0, 60.0, 90.0)
    first = Candidate(sku.code, 0.9, "7", 2.5, agreement=Agreement(0.75, 0.5))
    candidates = (first, Candidate("other", 0.8, "8"))
    facing = Facing(box, box, 0, 0, 0, 0.9, FacingStatus.ACCEPTED, sku.code, 0.9, candidates)
    tag = PriceTag(box, box, 0, 0.75, "24.90\nFlour", Decimal("24.90"), readable=True)
    unread = PriceTag(box, box, 0, 0.5)
    layout = ShelfLayout(
        100, 100, Quality(True, 100, 120), RectifiedShelf(np.eye(3), 100, 100, (90.0,)), 1, (facing,),
        price_tags=(tag, unread),
    )  # fmt: skip
    run = save_layout(claimed, layout)
    assert run is not None
    loaded = load_layout(run).layout
    assert loaded.price_tags == (tag, unread)
    assert loaded.facings[0].candidates == candidates
