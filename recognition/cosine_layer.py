"""A linear layer under a softmax over cosines, trained with numpy alone.

The loss is the mean of -log softmax(SCALE * cos(x W, c_k)) over one learned vector c_k a class (normalised
softmax, Wang et al., 2017). The layer starts as the one that keeps the last WIDTH inputs as they are, the
general embedding, and is mixed with it in the end, so that what renderings cannot teach is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recognition.types import FloatArray

WIDTH = 256
EPOCHS = 32
BATCH = 256
LEARNING_RATE = 1e-3
SCALE = 5.0
"""Low: every rendering is drawn to its product, not only those near a border between two. What is learned
then holds better on pictures that no rendering resembles."""
GENERAL_SHARE = 0.5
"""Part of the general embedding in the layer that comes out."""


def fit_cosine_layer(
    features: FloatArray,
    labels: NDArray[np.int64],
    references: FloatArray,
    seed: int,
    after_epoch: Callable[[], None],
) -> tuple[FloatArray, FloatArray]:
    """Matrix (width of features, WIDTH) and bias (WIDTH,) of the layer that tells the classes apart.

    features: (n, f), ending with the general embedding. labels: (n,) classes 0..k-1. references: (k, f),
    where the classes' vectors start.
    """
    mean, spread = _standard(features)
    inputs = (features - mean) / spread
    layer = general_layer(features.shape[1])
    vectors = unit(np.asarray(((references - mean) / spread) @ layer, np.float32))
    adam = (_Adam(layer), _Adam(vectors))
    rng = np.random.default_rng((seed, len(labels)))
    steps = EPOCHS * -(-len(labels) // BATCH)
    done = 0
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(labels)), steps // EPOCHS):
            rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * done / steps))
            slope, slope_vectors = _gradients(layer, vectors, inputs[rows], labels[rows])
            adam[0].step(slope, rate)
            adam[1].step(slope_vectors, rate)
            done += 1
        after_epoch()
    matrix = layer / spread[:, None]
    return _blend(matrix, -mean @ matrix, references)


def _blend(matrix: FloatArray, bias: FloatArray, references: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mix the layer with the general one, both first brought to the same mean length on the references."""
    learned = float(_length(references @ matrix + bias).mean())
    share = np.float32(GENERAL_SHARE * learned)  # the general embedding has length 1
    rest = np.float32(1 - GENERAL_SHARE)
    return rest * matrix + share * general_layer(len(matrix)), rest * bias


def _gradients(
    layer: FloatArray, vectors: FloatArray, inputs: FloatArray, labels: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Gradients of the mean softmax loss over SCALE * cosine, for layer (features, 256), vectors (k, 256)."""
    raw = inputs @ layer
    length, vector_length = _length(raw), _length(vectors)
    turned, unit_vectors = raw / length, vectors / vector_length
    logits = SCALE * turned @ unit_vectors.T
    chance = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    chance[np.arange(len(labels)), labels] -= 1
    slope = chance * (SCALE / len(labels))
    slope_layer = inputs.T @ _through_length(slope @ unit_vectors, turned, length)
    return slope_layer, _through_length(slope.T @ turned, unit_vectors, vector_length)


def _through_length(slope: FloatArray, turned: FloatArray, length: FloatArray) -> FloatArray:
    """Carry a gradient back through x / |x| = turned: only what turns the vector counts."""
    return (slope - (slope * turned).sum(axis=1, keepdims=True) * turned) / length


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


def general_layer(width: int) -> FloatArray:
    """The layer that gives the general embedding: the features end with it."""
    return np.eye(width, WIDTH, k=WIDTH - width, dtype=np.float32)


def _standard(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and spread (features,) that make the pooled features alike; the embedding at the end stays."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-4
    mean[-WIDTH:], spread[-WIDTH:] = 0, 1
    return mean, spread


def unit(rows: FloatArray) -> FloatArray:
    """Rows (n, width) scaled to length 1."""
    return rows / _length(rows)


def _length(rows: FloatArray) -> FloatArray:
    return np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
