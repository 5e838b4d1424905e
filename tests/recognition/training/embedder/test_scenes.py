"""The recognition set cut from rendered shelf photos."""

from __future__ import annotations

from pathlib import Path

from recognition.training.embedder.scenes import unlike, write_scene_set
from recognition.training.evaluate.recognition import pictures, read_labelled
from recognition.training.render.catalogue import make_catalogue


def test_queries_show_products_of_the_gallery(tmp_path: Path) -> None:
    count = write_scene_set(tmp_path, seed=3, skus=20, photos=2)
    gallery, queries = read_labelled(tmp_path / "gallery"), read_labelled(tmp_path / "queries")
    assert count == sum(map(len, queries.values())) > 0
    assert set(queries) <= set(gallery)
    assert len(pictures(tmp_path / "unknown")) > 0
    assert all(max(crop.shape[:2]) >= 40 for crops in queries.values() for crop in crops)


def test_larger_sizes_of_the_same_print_are_left_out() -> None:
    specs = make_catalogue(5, brands=6, skus=60)
    kept = unlike(specs)
    prints = [(spec.design_seed, spec.flavour) for spec in kept]
    assert len(kept) < len(specs)
    assert len(prints) == len(set(prints))
