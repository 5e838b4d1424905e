"""Retrieval and open-set figures, against counts made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.training.evaluate.recognition import hits, label_similarities, unknown_figures

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
