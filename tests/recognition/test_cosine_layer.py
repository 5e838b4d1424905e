"""The numpy layer: its gradients against differences, and what training does."""

from __future__ import annotations

import numpy as np
import pytest

from recognition import cosine_layer
from recognition.types import FloatArray


def loss(layer: FloatArray, vectors: FloatArray, inputs: FloatArray, labels: np.ndarray) -> float:
    """Mean softmax loss over scaled cosines, written out for each row."""
    total = 0.0
    for x, label in zip(inputs, labels, strict=True):
        y = x @ layer
        cosines = [float(y @ c / np.linalg.norm(y) / np.linalg.norm(c)) for c in vectors]
        logits = cosine_layer.SCALE * np.array(cosines)
        total += float(np.log(np.exp(logits).sum()) - logits[label])
    return total / len(inputs)


@pytest.mark.parametrize("which", [0, 1])
def test_gradients_are_those_of_the_loss(which: int) -> None:
    rng = np.random.default_rng(4)
    layer, vectors, inputs = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), rng.normal(size=(7, 5))
    labels = rng.integers(0, 4, 7)
    values = (layer, vectors)
    slope = cosine_layer._gradients(layer, vectors, inputs, labels)[which]
    numeric = np.zeros_like(slope)
    for index in np.ndindex(slope.shape):
        step = np.zeros_like(values[which])
        step[index] = 1e-5
        sides = [[v + sign * step if i == which else v for i, v in enumerate(values)] for sign in (1, -1)]
        numeric[index] = (loss(*sides[0], inputs, labels) - loss(*sides[1], inputs, labels)) / 2e-5
    np.testing.assert_allclose(slope, numeric, rtol=1e-4, atol=1e-6)


def test_the_general_layer_keeps_the_end_of_the_features() -> None:
    features = np.random.default_rng(0).random((3, 300), np.float32)
    np.testing.assert_array_equal(features @ cosine_layer.general_layer(300), features[:, -256:])


def test_it_learns_what_the_general_embedding_cannot_see() -> None:
    """Two classes look alike in the embedding, and differ in one feature before it."""
    rng = np.random.default_rng(1)
    labels = np.arange(2400) % 2
    features = rng.normal(0, 0.1, (2400, 256 + 8)).astype(np.float32)
    features[:, 3] += labels
    features[:, 8] += 1
    references = np.zeros((2, 264), np.float32)
    references[:, 8] = 1
    references[1, 3] = 1
    epochs: list[int] = []
    matrix, bias = cosine_layer.fit_cosine_layer(features, labels, references, 0, lambda: epochs.append(1))

    def right(to_vectors: FloatArray, shift: FloatArray | float) -> float:
        queries = cosine_layer.unit(features @ to_vectors + shift)
        return float(
            ((queries @ cosine_layer.unit(references @ to_vectors + shift).T).argmax(1) == labels).mean()
        )

    assert right(cosine_layer.general_layer(264), 0.0) == 0.5
    assert right(matrix, bias) > 0.95
    assert len(epochs) == cosine_layer.EPOCHS
