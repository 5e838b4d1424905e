"""Runs: what they keep, and how a registered model can be traced back to one."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from recognition.training import datasets
from recognition.training.runs import altered, read_run, start_run


@dataclass(frozen=True)
class Recipe:
    minutes: float
    weights: Path


def test_a_run_keeps_what_it_was_made_from_and_what_came_of_it(tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "1.jpg").write_bytes(b"a picture")
    data = datasets.from_folder(tmp_path / "data")
    run = start_run("train-embedder", Recipe(2.5, Path("weights")), 7, data, tmp_path / "run")
    unfinished = read_run(tmp_path / "run")
    assert "ended" not in unfinished
    assert unfinished["config"] == {"minutes": 2.5, "weights": "weights"}
    run.log(10, loss=np.float32(0.5))
    run.log(20, loss=0.25, hit1=0.5)
    (run.folder / "model.onnx").write_bytes(b"a model")
    run.finish(["model.onnx"], {"hit1": np.float64(0.75)})

    facts = read_run(tmp_path / "run")
    assert (facts["kind"], facts["seed"], facts["figures"]) == ("train-embedder", 7, {"hit1": 0.75})
    assert facts["data"] == {"version": data.version, "files": 1, "labels": 1}
    assert facts["started"] <= facts["ended"]
    assert facts["files"]["model.onnx"]["bytes"] == 7
    assert facts["machine"]["cores"] >= 1
    assert [(point["step"], point["loss"]) for point in facts["curves"]] == [(10, 0.5), (20, 0.25)]
    assert altered(run.folder) == []
    (run.folder / "model.onnx").write_bytes(b"another")
    assert altered(run.folder) == ["model.onnx"]


def test_another_run_in_the_same_folder_leaves_the_record_of_the_first(tmp_path: Path) -> None:
    start_run("first", {}, 0, "rendered, seeds 1-10", tmp_path).log(1, loss=1.0)
    start_run("second", {}, 0, {"photos": "0f3a"}, tmp_path)
    assert json.loads((tmp_path / "run-1.json").read_text())["data"] == {"about": "rendered, seeds 1-10"}
    assert read_run(tmp_path)["kind"] == "second"
    assert read_run(tmp_path)["data"] == {"versions": {"photos": "0f3a"}}
    assert read_run(tmp_path)["curves"] == []


def test_files_from_outside_and_folders_without_a_run_are_refused(tmp_path: Path) -> None:
    run = start_run("export", {}, 0, None, tmp_path / "run")
    (tmp_path / "elsewhere.onnx").write_bytes(b"x")
    with pytest.raises(ValueError, match="is not in the run's folder"):
        run.finish([tmp_path / "elsewhere.onnx"])
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ValueError, match="no field 'kind'"):
        read_run(tmp_path)
