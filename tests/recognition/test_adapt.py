"""Adapting to a small rendered catalogue of near-identical packs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from recognition.adapt import AdaptedHead, adapt
from recognition.runtime.manifest import default_manifest
from recognition.stages.accept import Acceptance
from recognition.stages.embed import Embedder, trim_packshot
from recognition.training.render.catalogue import make_catalogue
from recognition.training.render.packs import packshot
from recognition.types import Candidate, ImageArray

COPIES = 16


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(default_manifest().active("embedder"))


@pytest.fixture(scope="module")
def packshots() -> dict[str, list[ImageArray]]:
    specs = make_catalogue(77, brands=2, categories=("snacks",), skus=14)
    return {spec.sku: [trim_packshot(packshot(spec, 256))] for spec in specs}


@pytest.fixture(scope="module")
def head(embedder: Embedder, packshots: dict[str, list[ImageArray]]) -> AdaptedHead:
    return adapt(embedder, packshots, copies=COPIES, seed=3)


def test_adapting_finds_more_of_the_renderings_held_back(head: AdaptedHead) -> None:
    assert head.better
    assert head.figures["adapted_hit1"] > head.figures["general_hit1"]
    assert head.figures["renderings"] == 14 * COPIES


def test_it_projects_to_unit_vectors_that_still_find_the_packshots(
    head: AdaptedHead, embedder: Embedder, packshots: dict[str, list[ImageArray]]
) -> None:
    vectors = head.project(embedder.run([shots[0] for shots in packshots.values()]).features)
    assert vectors.shape == (14, 256)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert ((vectors @ vectors.T).argmax(axis=1) == np.arange(14)).all()


def test_it_brings_its_own_acceptance_rule(head: AdaptedHead) -> None:
    rule = Acceptance.from_settings(head.acceptance)
    assert rule.chance([Candidate("a", 0.95), Candidate("b", 0.2)]) > rule.accept_at
    assert rule.chance([Candidate("a", 0.2), Candidate("b", 0.19)]) < rule.unknown_below


def test_a_saved_head_is_the_same_head(head: AdaptedHead, tmp_path: Path) -> None:
    head.save(tmp_path / "head.npz")
    again = AdaptedHead.load(tmp_path / "head.npz")
    assert again.version == head.version
    assert again.figures == head.figures
    assert again.acceptance == head.acceptance
    features = np.random.default_rng(0).random((3, head.matrix.shape[0]), np.float32)
    np.testing.assert_array_equal(again.project(features), head.project(features))


def test_another_file_is_no_head() -> None:
    other = BytesIO()
    np.savez(other, something=np.zeros(3))
    other.seek(0)
    with pytest.raises(ValueError, match="holds no adapted head"):
        AdaptedHead.load(other)


def test_progress_reaches_its_total(embedder: Embedder, packshots: dict[str, list[ImageArray]]) -> None:
    seen: list[tuple[int, int]] = []
    few = {sku: packshots[sku] for sku in sorted(packshots)[:2]}
    adapt(embedder, few, copies=12, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))


def test_a_catalogue_needs_two_products_with_packshots(embedder: Embedder) -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(ValueError, match="at least two products, got 1"):
        adapt(embedder, {"a": [picture]})
    with pytest.raises(ValueError, match="without a packshot: b"):
        adapt(embedder, {"a": [picture], "b": []})
