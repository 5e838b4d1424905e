"""Which models are in use: registered from a release or a run, activated, gone back from."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognition.models import Gallery, GalleryState, ModelState, ModelVersion, ReferenceEmbedding
from recognition.runtime.manifest import ModelError, default_manifest
from recognition.services import registry
from recognition.services.galleries import refresh_gallery
from recognition.services.moves import behind, move_gallery, progress
from recognition.services.pipelines import pipeline_for
from recognition.services.registry import ModelRefused, active_entry, register_run, register_shipped
from recognition.training.evaluate.recognition import read_rgb
from retail_exec.core.models import AuditEvent
from tests.factories import make_organisation, make_skus
from tests.recognition.trained import make_embedder_run

pytestmark = pytest.mark.django_db


def test_the_releases_models_are_in_use_from_the_first_migration() -> None:
    for role in ("detector", "embedder"):
        shipped = default_manifest().active(role)
        model = ModelVersion.objects.get(role=role, state=ModelState.ACTIVE)
        assert (model.label, model.sha256, model.shipped) == (shipped.label, shipped.sha256, True)
        assert active_entry(role) == shipped
        with model.file.open("rb") as kept:
            assert kept.read() == shipped.read()


def test_a_newer_release_takes_over_but_not_from_a_model_trained_here(tmp_path: Path) -> None:
    in_use = ModelVersion.objects.filter(role="embedder", state=ModelState.ACTIVE)
    in_use.update(version="0.9", sha256="0" * 64)
    register_shipped(default_manifest())
    assert ModelVersion.objects.get(version="0.9", role="embedder").state == ModelState.RETIRED
    assert registry.active_model("embedder").label == default_manifest().active("embedder").label

    trained = register_run(make_embedder_run(tmp_path, "2"))[0]
    registry.put_in_use(trained)
    ModelVersion.objects.filter(role="embedder", shipped=True).delete()
    register_shipped(default_manifest())
    assert registry.active_model("embedder") == trained
    shipped = ModelVersion.objects.filter(role="embedder", shipped=True)
    assert {model.version: model.state for model in shipped} == dict.fromkeys("23", ModelState.CANDIDATE)


def test_a_run_becomes_a_candidate_that_names_where_it_came_from(tmp_path: Path) -> None:
    model = register_run(make_embedder_run(tmp_path / "run", "2"))[0]
    assert (model.state, model.figures, model.run["kind"]) == (
        ModelState.CANDIDATE,
        {"hit1": 0.5},
        "train-embedder",
    )
    assert model.card.startswith("# A model for tests")
    assert register_run(tmp_path / "run") == [model]
    with pytest.raises(ModelRefused, match="registered already, with another file"):
        register_run(make_embedder_run(tmp_path / "other", "2", note="another"))
    (tmp_path / "run" / "embedder.onnx").write_bytes(b"cut short")
    ModelVersion.objects.filter(pk=model.pk).delete()
    with pytest.raises(ModelError, match="was altered or is incomplete"):
        register_run(tmp_path / "run")


def test_figures_are_of_the_file_that_they_were_measured_on(tmp_path: Path) -> None:
    folder = make_embedder_run(tmp_path / "run", "2")
    other = make_embedder_run(tmp_path / "other", "2-8bit", note="another file")
    (other / "embedder.onnx").rename(folder / "embedder-8bit.onnx")
    models = [json.loads((path / "manifest.json").read_text())["models"][0] for path in (folder, other)]
    models[1] |= {"file": "embedder-8bit.onnx", "active": False}
    (folder / "manifest.json").write_text(json.dumps({"models": models}))
    measured, quantised = register_run(folder)
    assert (measured.figures, quantised.figures) == ({"hit1": 0.5}, {})


def test_photos_keep_their_pair_until_the_new_gallery_is_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    organisation, bystander = make_organisation(), make_organisation()
    sku = make_skus(organisation, count=1)[0]
    before = refresh_gallery(organisation).gallery
    call_command("register_model", str(make_embedder_run(tmp_path, "2")))
    with pytest.raises(CommandError, match=r"nothing to compare .* give a reason. \(--force"):
        call_command("activate_model", "test-embedder", "2")
    call_command("activate_model", "test-embedder", "2", force="tried on our own photos")

    events = AuditEvent.objects.filter(action="model.activate")
    assert {event.organisation for event in events} == {organisation, bystander}
    assert events[0].detail["reason"] == "tried on our own photos"
    assert pipeline_for(organisation.pk).versions["embedder"] == before.embedder
    assert (behind(), progress()) == ([organisation.pk], (0, 1))
    with sku.packshots.get().image.open("rb") as file:
        (tmp_path / "pack.png").write_bytes(file.read())
    crop = read_rgb(tmp_path / "pack.png")

    move_gallery(organisation)
    after = Gallery.objects.get(organisation=organisation, state=GalleryState.ACTIVE)
    pipeline = pipeline_for(organisation.pk)
    assert after.embedder == pipeline.versions["embedder"] == "test-embedder-2"
    assert after.version != before.version
    assert pipeline.gallery.search(pipeline.embed([crop]), 1)[0][0].sku == sku.code
    assert (behind(), progress()) == ([], (1, 1))

    call_command("rollback_model", "embedder")
    move_gallery(organisation)
    back = Gallery.objects.get(organisation=organisation, state=GalleryState.ACTIVE)
    assert (back.pk, back.version) == (before.pk, before.version)
    call_command("models")
    assert "test-embedder 2" in capsys.readouterr().out


def test_a_gallery_is_fitted_before_it_takes_the_old_ones_place(tmp_path: Path) -> None:
    organisation = make_organisation()
    make_skus(organisation, count=2)
    refresh_gallery(organisation)
    registry.put_in_use(register_run(make_embedder_run(tmp_path, "2"))[0])
    move_gallery(organisation)
    active = Gallery.objects.get(organisation=organisation, state=GalleryState.ACTIVE)
    assert active.embedder == "test-embedder-2"
    assert active.figures["renderings"] > 0
    assert ReferenceEmbedding.objects.filter(gallery=active).count() == 2


def test_going_back_needs_somewhere_to_go_back_to() -> None:
    with pytest.raises(CommandError, match="No detector was in use before"):
        call_command("rollback_model", "detector")
    with pytest.raises(CommandError, match="No model shelf-detector 99 is registered; known: "):
        call_command("activate_model", "shelf-detector", "99")
