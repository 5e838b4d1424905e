"""Adapting the embedder to a catalogue: minutes on a CPU, from one packshot a product.

Every packshot is rendered many times as a shelf might show it (turned, cut off, blurred, badly lit), and one
linear layer learns to tell the catalogue's products apart in these renderings: a softmax over cosines to one
learned unit vector a product. The layer starts as the general embedding and is drawn back to it, so what a
rendering cannot teach is kept. The adapted head serves only if it finds more of the renderings held back than
the general embedding does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from recognition.stages.embed import Embedder
from recognition.types import FloatArray, ImageArray

WIDTH = 256
MAX_RENDERINGS = 20_000
"""More products get fewer renderings each: two minutes are enough, and memory is bounded (about 260 MB)."""
MIN_COPIES = 12
HELD_BACK = 0.1
EPOCHS = 20
BATCH = 256
LEARNING_RATE = 1e-3
NEIGHBOURS = 2
"""Other products that may stand beside one in a rendering."""
PULL = 1e-4
"""How strongly the layer is drawn to the general embedding: weight of half the squared distance."""
SCALE = 20.0

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""


@dataclass(frozen=True, slots=True)
class AdaptedHead:
    """A linear layer for one catalogue.

    matrix: (features, 256), bias: (256,), float32. figures: ``general_hit1`` and ``adapted_hit1`` on the
    renderings held back (0..1), ``products``, ``renderings``. version: hash of matrix and bias, 12 hex
    digits; embeddings of different versions must not be compared.
    """

    matrix: FloatArray
    bias: FloatArray
    figures: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.bias.shape != self.matrix.shape[1:]:
            raise ValueError(f"AdaptedHead: matrix {self.matrix.shape} and bias {self.bias.shape} do not fit")

    @property
    def version(self) -> str:
        return hashlib.sha256(self.matrix.tobytes() + self.bias.tobytes()).hexdigest()[:12]

    @property
    def better(self) -> bool:
        """The head found more of the held-back renderings than the general embedding."""
        return self.figures["adapted_hit1"] > self.figures["general_hit1"]

    def project(self, features: FloatArray) -> FloatArray:
        """Unit vectors (n, 256) of an embedder's features (n, features)."""
        return _unit(features @ self.matrix + self.bias)

    def save(self, file: Path | IO[bytes]) -> None:
        """Write an .npz file that ``load`` reads."""
        figures = {f"figure_{name}": np.float64(value) for name, value in self.figures.items()}
        arrays: dict[str, Any] = {"matrix": self.matrix, "bias": self.bias} | figures
        np.savez(file, **arrays)

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> AdaptedHead:
        """Read what ``save`` wrote; raises OSError or ValueError if the file is missing or another kind."""
        with np.load(file, allow_pickle=False) as data:
            try:
                figures = {
                    k.removeprefix("figure_"): float(data[k]) for k in data.files if k[:7] == "figure_"
                }
                return cls(data["matrix"], data["bias"], figures)
            except KeyError as error:
                raise ValueError(f"{file} holds no adapted head: {error}") from error


def adapt(
    embedder: Embedder,
    packshots: Mapping[str, Sequence[ImageArray]],
    *,
    copies: int = 150,
    seed: int = 0,
    progress: Progress | None = None,
) -> AdaptedHead:
    """Train a head for a catalogue; compare it with the general embedding (``AdaptedHead.better``).

    packshots: by SKU, each an RGB picture cut to its product (``trim_packshot``). copies: renderings of each
    product, fewer for large catalogues. Deterministic for a seed and machine. Raises ValueError for fewer
    than two products or a product without packshots.
    """
    skus = sorted(packshots)
    if len(skus) < 2:
        raise ValueError(f"adapting needs at least two products, got {len(skus)}")
    empty = [sku for sku in skus if not packshots[sku]]
    if empty:
        raise ValueError(f"products without a packshot: {', '.join(empty[:5])}")
    copies = max(MIN_COPIES, min(copies, MAX_RENDERINGS // len(skus)))
    steps = _Steps(progress, len(skus) + EPOCHS)
    references = embedder.run([packshots[sku][0] for sku in skus]).features
    features = _render(embedder, [packshots[sku] for sku in skus], copies, seed, steps)
    labels = np.repeat(np.arange(len(skus)), copies)
    held = np.arange(len(labels)) % copies < max(1, round(HELD_BACK * copies))
    training = np.concatenate([features[~held], references])
    head = _train(training, np.concatenate([labels[~held], np.arange(len(skus))]), references, seed, steps)
    general = AdaptedHead(_general(features.shape[1]), np.zeros(WIDTH, np.float32), {})
    figures = {
        "general_hit1": _hit1(general, references, features[held], labels[held]),
        "adapted_hit1": _hit1(head, references, features[held], labels[held]),
        "products": float(len(skus)),
        "renderings": float(len(labels)),
    }
    return replace(head, figures=figures)


class _Steps:
    """Counts steps for whoever watches."""

    def __init__(self, progress: Progress | None, total: int):
        self.progress, self.total, self.done = progress, total, 0

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _render(
    embedder: Embedder, packshots: Sequence[Sequence[ImageArray]], copies: int, seed: int, steps: _Steps
) -> FloatArray:
    """Features (products * copies, features) of renderings, product by product; packshots take turns."""
    from recognition.training.render.crops import (
        distort,
        prepare,
    )  # applying a head must not load the renderer

    packs = [[prepare(shot) for shot in shots] for shots in packshots]
    features = []
    for product, shots in enumerate(packs):
        rng = np.random.default_rng((seed, product))
        crops = []
        for copy in range(copies):
            others = [packs[int(i)][0] for i in rng.integers(0, len(packs), NEIGHBOURS)]
            crops.append(distort(shots[copy % len(shots)], rng, others=others))
        features.append(embedder.run(crops).features)
        steps.step()
    return np.concatenate(features)


def _train(
    features: FloatArray, labels: NDArray[np.int64], references: FloatArray, seed: int, steps: _Steps
) -> AdaptedHead:
    """Train the layer and one vector a product with Adam; see the module for the loss."""
    mean, spread = _standard(features)
    inputs = (features - mean) / spread
    start = _general(features.shape[1])
    layer = start.copy()
    vectors = _unit((references - mean) / spread @ layer)
    adam = (_Adam(layer), _Adam(vectors))
    rng = np.random.default_rng((seed, len(labels)))
    per_epoch = -(-len(labels) // BATCH)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(labels))
        for i in range(per_epoch):
            rows = order[i * BATCH : (i + 1) * BATCH]
            rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * (epoch * per_epoch + i) / (EPOCHS * per_epoch)))
            slope, slope_vectors = _gradients(layer, vectors, inputs[rows], labels[rows])
            adam[0].step(slope + PULL * (layer - start), rate)
            adam[1].step(slope_vectors, rate)
        steps.step()
    matrix = layer / spread[:, None]
    return AdaptedHead(matrix, -mean @ matrix, {})


def _gradients(
    layer: FloatArray, vectors: FloatArray, inputs: FloatArray, labels: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Gradients of the mean softmax loss over SCALE * cosine, for layer (features, 256), vectors (k, 256)."""
    raw = inputs @ layer
    length, vector_length = _length(raw), _length(vectors)
    unit, unit_vectors = raw / length, vectors / vector_length
    logits = SCALE * unit @ unit_vectors.T
    chance = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    chance[np.arange(len(labels)), labels] -= 1
    slope = chance * (SCALE / len(labels))
    return inputs.T @ _through_length(slope @ unit_vectors, unit, length), _through_length(
        slope.T @ unit, unit_vectors, vector_length
    )


def _through_length(slope: FloatArray, unit: FloatArray, length: FloatArray) -> FloatArray:
    """Carry a gradient back through x / |x|: only what turns the vector counts."""
    return (slope - (slope * unit).sum(axis=1, keepdims=True) * unit) / length


class _Adam:
    """Adam (Kingma and Ba, 2015) on one array, in place."""

    def __init__(self, values: FloatArray):
        self.values = values
        self.first, self.second = np.zeros_like(values), np.zeros_like(values)
        self.count = 0

    def step(self, slope: FloatArray, rate: float) -> None:
        self.count += 1
        self.first += 0.1 * (slope - self.first)
        self.second += 0.001 * (slope * slope - self.second)
        first = self.first / (1 - 0.9**self.count)
        second = self.second / (1 - 0.999**self.count)
        self.values -= rate * first / (np.sqrt(second) + 1e-8)


def _general(width: int) -> FloatArray:
    """The layer that gives the general embedding: the features end with it."""
    return np.eye(width, WIDTH, k=WIDTH - width, dtype=np.float32)


def _standard(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and spread (features,) that make the pooled features alike; the embedding at the end stays."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-4
    mean[-WIDTH:], spread[-WIDTH:] = 0, 1
    return mean, spread


def _hit1(
    head: AdaptedHead, references: FloatArray, features: FloatArray, labels: NDArray[np.int64]
) -> float:
    nearest = (head.project(features) @ head.project(references).T).argmax(axis=1)
    return float((nearest == labels).mean())


def _unit(rows: FloatArray) -> FloatArray:
    return rows / _length(rows)


def _length(rows: FloatArray) -> FloatArray:
    return np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
