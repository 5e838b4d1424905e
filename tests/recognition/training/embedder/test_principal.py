"""The shipped layer keeps what is alike alike."""

from __future__ import annotations

import numpy as np

from recognition.training.embedder.principal import WHITENING, principal_layer


def test_components_come_in_order_and_are_partly_whitened() -> None:
    rng = np.random.default_rng(0)
    spread = np.array([9.0, 4.0, 1.0, 0.01])
    features = (rng.normal(size=(4000, 4)) * np.sqrt(spread)).astype(np.float32)
    projected = features @ principal_layer(features, width=3)
    np.testing.assert_allclose((projected**2).mean(axis=0), spread[:3] ** (1 - WHITENING), rtol=0.05)
    np.testing.assert_allclose(np.corrcoef(projected, rowvar=False), np.eye(3), atol=0.05)


def test_all_components_keep_the_order_of_neighbours() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(300, 12)).astype(np.float32)
    projected = features @ principal_layer(features, width=12)
    nearest = ((features[:, None] - features) ** 2).sum(axis=2) + 1e9 * np.eye(300)
    nearest_projected = ((projected[:, None] - projected) ** 2).sum(axis=2) + 1e9 * np.eye(300)
    assert (nearest.argmin(axis=1) == nearest_projected.argmin(axis=1)).mean() > 0.8
