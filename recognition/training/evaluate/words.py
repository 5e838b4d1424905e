"""How far the text on packs settles what key points leave open, on rendered packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recognition.runtime.manifest import default_manifest
from recognition.stages.embed import Embedder, trim_packshot
from recognition.stages.keypoints import Alike
from recognition.stages.reading import WordReader
from recognition.stages.rerank import Reranker, references_of
from recognition.stages.retrieve import NumpyGallery
from recognition.stages.text import TextReader
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.crops import GENTLE, SHELF, distort, prepare
from recognition.training.render.packs import packshot
from recognition.types import Candidate

CROPS = 2
"""Crops a product."""
SIDES = (160, 360)
"""The crops' longer sides, pixels."""
SIZES = ("90 g", "150 g", "275 g")


def evaluate_words(seed: int, skus: int, sizes: bool, clear: bool) -> dict[str, float]:
    """hit@1 of crops by the embedding, re-ranked by key points, and by these and text.

    sizes: the catalogue's products each in three sizes that nothing but their text tells apart. clear:
    crops are sharp and seen straight on. ``changed`` and ``righted`` count crops that text gave
    another product, and the right one.
    """
    specs = make_catalogue(seed, brands=8, skus=skus)
    specs = [size for spec in specs if not spec.variant for size in _sizes(spec)] if sizes else specs
    pictures = [packshot(spec, size=640) for spec in specs]
    rng = np.random.default_rng(seed)
    packs = [prepare(picture, 400) for picture in pictures]
    truth = [spec.sku for spec in specs for _ in range(CROPS)]
    how = GENTLE if clear else SHELF
    crops = [
        distort(pack, rng, size=int(rng.integers(*SIDES)), strength=how)
        for pack in packs
        for _ in range(CROPS)
    ]
    manifest = default_manifest()
    embedder, finder = Embedder(manifest.active("embedder")), Alike(manifest.active("keypoints"))
    shots = [trim_packshot(picture) for picture in pictures]
    keys = [str(number) for number in range(len(shots))]
    gallery = NumpyGallery(embedder.embed(shots), [spec.sku for spec in specs], keys)
    known = dict(zip(keys, references_of(finder, shots), strict=True))
    words = WordReader({spec.sku: f"{spec.name} {spec.size}" for spec in specs}, TextReader(), len(crops))
    found = gallery.search(embedder.embed(crops), 10)
    matched = Reranker(finder, lambda _: known, most=None).rerank(crops, found)
    read = Reranker(finder, lambda _: known, most=None, words=words).rerank(crops, found)
    changed = [after[0].sku != before[0].sku for before, after in zip(matched, read, strict=True)]
    righted = [after[0].sku == sku and new for after, sku, new in zip(read, truth, changed, strict=True)]
    return {
        "crops": len(crops),
        "embedding": _hits(found, truth),
        "key points": _hits(matched, truth),
        "text": _hits(read, truth),
        "changed": sum(changed),
        "righted": sum(righted),
    }


def _sizes(spec: PackSpec) -> list[PackSpec]:
    return [
        replace(spec, sku=f"{spec.sku}-{size}", size=size, name=spec.name.replace(spec.size, size))
        for size in SIZES
    ]


def _hits(found: Sequence[Sequence[Candidate]], truth: Sequence[str]) -> float:
    return float(np.mean([best[0].sku == sku for best, sku in zip(found, truth, strict=True)]))
