"""Corrections as data: crops to train on, crops held back, and labels from an outside tool."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recognition.models import DataSetVersion, Facing
from recognition.services import datasets as held
from recognition.services.activation import judge
from recognition.services.corrections import correct_facing
from recognition.services.galleries import load_embedder
from recognition.services.registry import register_run
from recognition.training import datasets
from recognition.training.evaluate.recognition import read_rgb
from retail_exec.accounts.models import Membership, Role
from tests.factories import make_member, make_organisation, make_photo, make_skus, make_store, make_visit
from tests.recognition.judged import confirm_photos
from tests.recognition.trained import make_embedder_run
from tests.results import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Membership:
    return make_member(make_organisation(), Role.ANALYST)


def test_training_and_test_crops_never_share_a_photo(analyst: Membership, tmp_path: Path) -> None:
    skus = make_skus(analyst.organisation, count=4)
    facings = confirm_photos(analyst, skus, held_back=2)
    correct_facing(analyst, facings[0], Facing.Verdict.UNKNOWN, None)
    slug = analyst.organisation.slug
    for part in ("training", "test"):
        call_command("export_corrections", organisation=slug, out=tmp_path / part, part=part)
    train, test = (datasets.read(tmp_path / part) for part in ("training", "test"))
    assert datasets.verify(train) == []

    def photos(data: datasets.DataSet) -> set[str]:
        return {item.group for item in data.items if not item.group.startswith("packshot")}

    assert photos(test)
    assert not photos(train) & photos(test)
    assert photos(train) | photos(test) == {facing.run.photo.sha256 for facing in facings}
    assert len(list((tmp_path).glob("*/unknown/*.jpg"))) == 1
    folders = {folder.name for folder in (tmp_path / "training" / "queries").iterdir()}
    assert folders == {sku.code for sku in skus}
    item = next(item for item in train.items if item.file.startswith("queries/"))
    source = next(f for f in facings if f.run.photo.sha256 == item.group and f"-{f.index}.jpg" in item.file)
    wide, high = source.box[2] - source.box[0], source.box[3] - source.box[1]
    height, width = read_rgb(train.path(item)).shape[:2]
    assert (width, height) == pytest.approx((wide, high), abs=3)


def test_models_are_compared_on_the_frozen_test_set(analyst: Membership, tmp_path: Path) -> None:
    skus = make_skus(analyst.organisation, count=4)
    assert held.freeze_test_set(analyst.organisation) is None
    confirm_photos(analyst, skus, held_back=3)
    frozen = held.freeze_test_set(analyst.organisation)
    assert frozen is not None
    assert frozen.crops == 12
    assert held.freeze_test_set(analyst.organisation) == frozen
    assert DataSetVersion.objects.count() == 1

    figures = held.measure(load_embedder().embed, frozen)
    assert (figures["crops"], figures["hit5"]) == (12, 1.0), "among four products, the right one is of five"
    assert 0 <= figures["hit1"] <= 1
    blind = held.measure(lambda crops: np.ones((len(crops), 4), np.float32) / 2, frozen)
    assert blind["hit1"] == 0.0, "what tells no products apart names none"
    same = register_run(make_embedder_run(tmp_path, "2"))[0]
    judgement = judge(same)
    assert not judgement.better
    assert judgement.candidate == judgement.active == pytest.approx(figures["hit1"])
    assert f"no better than product-embedder-3 on {frozen.crops} crops held back" in judgement.why


def test_labels_corrected_in_another_tool_come_back_as_verdicts(
    analyst: Membership, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skus = make_skus(analyst.organisation, count=4)
    visit = make_visit(make_member(analyst.organisation), make_store(analyst.organisation))
    rows = [skus[:2], skus[2:]]
    facings = list(make_run(make_photo(visit, None, rows), rows).facings.all())
    slug, email = analyst.organisation.slug, analyst.user.email
    call_command("export_corrections", organisation=slug, out=tmp_path, proposals=True)
    content = json.loads((tmp_path / "proposals.json").read_text())
    assert [row["category_id"] for row in content["annotations"]] == [2, 3, 4, 5]
    assert (tmp_path / "photos" / content["images"][0]["file_name"]).is_file()

    first, second, third, _ = content["annotations"]
    second["category_id"] = 5
    third |= {"category_id": 1, "attributes": {}}
    drawn = {"image_id": first["image_id"], "bbox": [0, 0, 5, 5], "category_id": 2}
    content["annotations"] = [first, second, third, drawn]
    (tmp_path / "corrected.json").write_text(json.dumps(content))
    call_command("import_corrections", tmp_path / "corrected.json", organisation=slug, email=email)
    assert "1 confirmed, 2 changed, 1 removed, 1 drawn anew" in capsys.readouterr().out
    rows = Facing.objects.filter(run=facings[0].run).order_by("index")
    assert [(row.verdict, row.verdict_sku) for row in rows] == [
        ("product", skus[0]),
        ("product", skus[3]),
        ("unknown", None),
        ("not_a_product", None),
    ]
    with pytest.raises(CommandError, match="no recognised photo that nobody reviewed"):
        call_command("export_corrections", organisation=slug, out=tmp_path, proposals=True)


def test_a_file_that_is_no_coco_is_named_and_changes_nothing(analyst: Membership, tmp_path: Path) -> None:
    slug, email = analyst.organisation.slug, analyst.user.email
    (tmp_path / "a.json").write_text('{"images": [{"id": 1}], "annotations": [], "categories": []}')
    with pytest.raises(CommandError, match=r"images\[0\] has no 'file_name'"):
        call_command("import_corrections", tmp_path / "a.json", organisation=slug, email=email)
    with pytest.raises(CommandError, match="is no member of an organisation"):
        call_command("import_corrections", tmp_path / "a.json", organisation=slug, email="x@example.com")
    with pytest.raises(CommandError, match="Nobody has judged a facing"):
        call_command("export_corrections", organisation=slug, out=tmp_path)
