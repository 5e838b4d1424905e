"""The whole chain in small: render, pre-train, train, export, evaluate, register."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.models import ModelState, ModelVersion
from recognition.training import chain
from recognition.training.__main__ import main
from recognition.training.chain import Plan
from recognition.training.runs import read_run

TINY = Plan(photos=1, skus=8, scenes=2, size=32, pretrain_steps=3, steps=3, batch=8, adapt=False)


@pytest.mark.django_db
def test_from_nothing_to_a_registered_candidate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = chain.steps(tmp_path, TINY, seed=1, threads=1, version="chain-test")

    chain.run(steps, tmp_path, main)
    call_command("register_model", str(tmp_path / "embedder"))

    model = ModelVersion.objects.get(name="triplet-embedder", version="chain-test")
    assert (model.role, model.state) == ("embedder", ModelState.CANDIDATE)
    run = read_run(tmp_path / "embedder")
    assert {"embedder.onnx", "manifest.json", "embedder.md", "backbone.pt"} <= set(run["files"])
    assert run["config"]["weights"] == str(tmp_path / "pretrained" / "backbone.pt")
    measured = json.loads((tmp_path / "embedder" / "evaluation.json").read_text())
    assert 0 <= measured["hit1"] <= measured["hit10"] <= 1
    assert measured["unknown"]["auroc"] >= 0
    assert "triplet-embedder chain-test" in (tmp_path / "embedder" / "embedder.md").read_text()

    capsys.readouterr()
    chain.run(steps, tmp_path, main)  # nothing is left to do
    assert capsys.readouterr().out.count("done before") == len(steps)


def test_where_nothing_is_installed_it_says_how(tmp_path: Path) -> None:
    said = chain.register(tmp_path / "embedder", root=tmp_path)
    assert f"python manage.py register_model {tmp_path / 'embedder'}" in said


def test_a_failed_registration_gives_its_reason(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text("import sys; sys.exit('no database')")
    said = chain.register(tmp_path / "embedder", root=tmp_path)
    assert "not registered: no database" in said


def test_a_step_that_fails_is_named(tmp_path: Path) -> None:
    steps = chain.steps(tmp_path, TINY, seed=1, threads=1, version="1")
    with pytest.raises(SystemExit, match="'render shelves' failed with exit code 3"):
        chain.run(steps, tmp_path, lambda arguments: 3)
    assert not list((tmp_path / "done").iterdir())
