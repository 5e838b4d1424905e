from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recognition.runtime.manifest import ModelError, load_manifest
from tests.recognition.runtime.models import write_model


def test_a_manifest_gives_the_active_model_of_a_role(tmp_path: Path) -> None:
    entry = load_manifest(write_model(tmp_path)).active("detector")

    assert entry.label == "twice-1"
    assert entry.path == tmp_path / "twice.onnx"
    assert entry.card == tmp_path / "twice.md"
    assert entry.input_shape == ("n",)
    assert entry.settings["score_threshold"] == 0.5
    assert entry.read() == entry.path.read_bytes()


def test_a_version_is_found_in_use_or_not(tmp_path: Path) -> None:
    manifest = load_manifest(write_model(tmp_path, active=False))

    assert manifest.find("detector", "1").label == "twice-1"
    with pytest.raises(ModelError, match="lists no version '2' of 'detector'; it has 1"):
        manifest.find("detector", "2")
    with pytest.raises(ModelError, match="lists no version '1' of 'embedder'; it has none"):
        manifest.find("embedder", "1")
    with pytest.raises(ModelError, match="no active model"):
        manifest.find("detector", None)


def test_a_role_without_an_active_model_is_named(tmp_path: Path) -> None:
    manifest = load_manifest(write_model(tmp_path, active=False))

    with pytest.raises(ModelError, match="no active model with the role 'detector'"):
        manifest.active("detector")


def test_an_altered_model_file_is_refused_with_both_digests(tmp_path: Path) -> None:
    entry = load_manifest(write_model(tmp_path)).active("detector")
    entry.path.write_bytes(entry.path.read_bytes()[:-1])

    with pytest.raises(ModelError, match=f"altered or is incomplete.*expects {entry.sha256}"):
        entry.read()


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    entry = load_manifest(write_model(tmp_path, file="gone.onnx")).active("detector")

    with pytest.raises(ModelError, match=r"gone\.onnx: No such file"):
        entry.read()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "poet"}, "role should be one of detector, embedder, keypoints, found 'poet'"),
        ({"sha256": None}, "field 'sha256' should be of type str, found None"),
        ({"input_shape": 3}, "field 'input_shape' should be of type list, found 3"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = write_model(tmp_path, **changes)

    with pytest.raises(ModelError, match=f"model 0: {message}"):
        load_manifest(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", 'an object with a list "models"'),
        ('{"models": [1]}', "expected an object"),
    ],
)
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=message):
        load_manifest(path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json: No such file"):
        load_manifest(tmp_path / "manifest.json")


def test_two_active_models_of_one_role_are_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    path.write_text(json.dumps({"models": [*models, models[0] | {"version": "2"}]}), encoding="utf-8")

    with pytest.raises(ModelError, match="2 active models for the role 'detector': twice-1, twice-2"):
        load_manifest(path)
