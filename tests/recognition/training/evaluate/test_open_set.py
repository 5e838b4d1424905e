"""Judging of named pictures: counts made by hand, and a small rendered set from end to end."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from recognition.calibrate import EVIDENCE
from recognition.runtime.manifest import WEIGHTS, default_manifest, load_manifest
from recognition.stages.accept import Acceptance, rule_of
from recognition.stages.embed import Embedder
from recognition.training.__main__ import main
from recognition.training.evaluate.open_set import Named, evidence_rule, figures, name_folder
from recognition.types import Candidate
from tests.recognition.training.evaluate.test_recognition import write_set

RULE = {"bias": 0.0, "margin": 0.0, "standing": 1.0, "accept_at": 0.5, "unknown_below": 0.2}


def found(sku: str, standing: float, evidence: float | None = None) -> list[Candidate]:
    return [Candidate(sku, 0.5, evidence=evidence, standing=standing), Candidate("other", 0.5, evidence=1.0)]


def test_figures_count_what_is_named_accepted_and_right() -> None:
    named = Named(
        [found("a", 2.0), found("a", 1.0), found("b", -1.0), found("a", -3.0)],
        ["a", "b", "b", "a"],
        [found("a", -2.0), found("b", 1.5)],
        RULE,
    )
    result = figures(named)
    assert (result["hit1"], result["named"], result["accepted"]) == (0.75, 0.75, 0.5)
    assert (result["named_right"], result["accepted_right"]) == (pytest.approx(2 / 3), 0.5)
    assert result["named_unknown"] == result["accepted_unknown"] == 0.5
    assert result["auroc"] == pytest.approx(4 / 8)
    assert 0 < result["calibration_error"] < 1
    assert sum(bar["share"] for bar in result["reliability"]) == pytest.approx(1)


def test_evidence_is_fitted_where_re_ranking_looked() -> None:
    rng = np.random.default_rng(0)
    known = [found("a", 0.0, float(rng.normal(4, 0.5))) for _ in range(300)]
    unknown = [found("a", 0.0, float(rng.normal(2, 0.5))) for _ in range(300)]
    never_looked_at = [found("b", -9.0) for _ in range(50)]
    named = Named(known + never_looked_at, ["a"] * 350, unknown, RULE)
    rule = Acceptance.from_settings(rule_of(evidence_rule([named, named]), RULE))
    assert rule.chance(found("a", 0.0, 4.5)) > 0.9
    assert rule.chance(found("a", 0.0, 1.5)) < 0.1
    assert rule.chance(found("a", 0.0)) == 0.5


def test_a_rendered_set_is_named_and_judged(tmp_path: Path) -> None:
    write_set(tmp_path, 31, skus=6)
    embedder = Embedder(default_manifest().active("embedder"))
    result = figures(name_folder(embedder, tmp_path, adapted=False))
    assert (result["known"], result["unknown"]) == (12, 6)
    assert result["hit1"] >= 0.5
    assert 0 <= result["calibration_error"] <= 1


def test_the_rule_of_the_embedder_in_use_is_fitted_anew(tmp_path: Path) -> None:
    for seed in (31, 33):
        write_set(tmp_path / str(seed), seed, skus=6)
    weights = tmp_path / "weights"
    shutil.copytree(WEIGHTS, weights)
    before = load_manifest(weights / "manifest.json").active("embedder")
    sets = [str(tmp_path / str(seed)) for seed in (31, 33)]
    main(["calibrate-embedder", "--weights", str(weights), "--set", *sets])
    after = load_manifest(weights / "manifest.json").active("embedder")
    fitted = after.settings["acceptance"]
    assert fitted.keys() == before.settings["acceptance"].keys() >= set(EVIDENCE)
    assert fitted["evidence_rest"] != before.settings["acceptance"]["evidence_rest"]
    assert after.label == before.label
