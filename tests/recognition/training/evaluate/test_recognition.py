"""Retrieval and open-set figures, against counts made by hand."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.runtime.manifest import default_manifest
from recognition.stages.embed import Embedder
from recognition.stages.keypoints import Alike
from recognition.training.evaluate.recognition import (
    Options,
    calibrate_folders,
    evaluate_folders,
    hits,
    label_similarities,
    read_labelled,
    unknown_figures,
)
from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.crops import GENTLE, distort, prepare
from recognition.training.render.packs import draw_pack, packshot
from recognition.types import ImageArray

GALLERY = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)


def test_a_label_is_as_similar_as_its_best_reference() -> None:
    labels, similarities = label_similarities(
        GALLERY, ["b", "a", "b"], np.array([[0, 1], [1, 0]], np.float32)
    )
    assert labels == ["a", "b"]
    np.testing.assert_allclose(similarities, [[1.0, 0.8], [0.0, 1.0]], atol=1e-6)


def test_hits_count_the_rank_of_the_true_label() -> None:
    labels = [f"{i:02d}" for i in range(12)]
    similarities = np.linspace(1, 0, 12, dtype=np.float32)[None].repeat(4, axis=0)
    assert hits(labels, similarities, ["00", "03", "09", "11"]) == {"hit1": 0.25, "hit5": 0.5, "hit10": 0.75}


def test_ties_are_no_hits() -> None:
    assert hits(["a", "b"], np.zeros((1, 2), np.float32), ["a"])["hit1"] == 0.0


def test_a_query_outside_the_gallery_is_an_error() -> None:
    with pytest.raises(ValueError, match="the gallery lacks: z"):
        hits(["a"], np.zeros((1, 1), np.float32), ["z"])


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    known, unknown = np.array([0.9, 0.7, 0.5, 0.5]), np.array([0.6, 0.5, 0.1])
    pairs = [(k > u) + 0.5 * (k == u) for k in known for u in unknown]
    figures = unknown_figures(known, unknown)
    assert figures["auroc"] == pytest.approx(np.mean(pairs))
    assert figures["false_accept_at_95"] == pytest.approx(2 / 3)


def test_scores_far_apart_accept_nothing_unknown() -> None:
    assert unknown_figures(np.full(40, 0.9), np.full(10, 0.2)) == {"auroc": 1.0, "false_accept_at_95": 0.0}


def write_set(folder: Path, seed: int, skus: int) -> None:
    """A small recognition set: packshots, two distorted crops of each, and crops of other packs."""
    rng = np.random.default_rng(seed)
    known = make_catalogue(seed, brands=3, skus=skus)
    for spec in known:
        write(folder / "gallery" / spec.sku / "front.jpg", packshot(spec, 200))
        for view in range(2):
            crop = distort(prepare(draw_pack(spec, 200)), rng, strength=GENTLE)
            write(folder / "queries" / spec.sku / f"{view}.jpg", crop)
    for number, spec in enumerate(make_catalogue(seed + 1, brands=3, skus=skus)):
        crop = distort(prepare(draw_pack(spec, 200)), rng, strength=GENTLE)
        write(folder / "unknown" / f"{number}.jpg", crop)


def write(file: Path, picture: ImageArray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), picture[:, :, ::-1])


def test_folders_are_evaluated_with_the_shipped_embedder(tmp_path: Path) -> None:
    write_set(tmp_path, seed=31, skus=8)
    embedder = Embedder(default_manifest().active("embedder"))
    found = evaluate_folders(
        embedder,
        tmp_path / "gallery",
        tmp_path / "queries",
        Options(adapted=False),
        unknown=tmp_path / "unknown",
    )
    assert found["embedding"] == {k: found[k] for k in ("hit1", "hit5", "hit10")}
    assert 0.5 < found["hit1"] <= found["hit5"] <= found["hit10"] == 1.0  # eight labels: ten always hold it
    assert (found["gallery_images"], found["gallery_labels"], found["queries"]) == (8, 8, 16)
    assert 0.5 < found["unknown"]["auroc"] <= 1
    assert found["ms_per_query"] > 0


def test_key_points_re_rank_and_are_judged_alone(tmp_path: Path) -> None:
    write_set(tmp_path, seed=31, skus=8)
    models = default_manifest()
    embedder, finder = Embedder(models.active("embedder")), Alike(models.active("keypoints"))
    for scenes in (False, True):
        found = evaluate_folders(
            embedder,
            tmp_path / "gallery",
            tmp_path / "queries",
            Options(finder, scenes=scenes, adapted=False, baselines=True),
        )
        assert found["hit1"] >= found["embedding"]["hit1"]
        assert found["matching"].keys() == {finder.label, "sift"}
        assert found["matching"][finder.label]["hit1"] > 0.5


def test_the_rule_is_calibrated_on_a_folder(tmp_path: Path) -> None:
    write_set(tmp_path, seed=41, skus=8)
    rule = calibrate_folders(Embedder(default_manifest().active("embedder")), tmp_path)
    assert set(rule) == {"bias", "standing", "margin", "accept_at", "unknown_below"}
    assert 0 < rule["unknown_below"] <= rule["accept_at"] <= 1


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="expected folders named as labels"):
        read_labelled(tmp_path)
