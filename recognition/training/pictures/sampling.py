"""Which pictures a training step sees. Each is a function of seed and step, so a run can be resumed.

Shelves are unbalanced: a few products have most pictures. Rare ones are drawn more often than they occur.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def class_weights(label: Rows, power: float) -> NDArray[np.float64]:
    """Probability (n,) of drawing each picture: its class's frequency to the power of ``1 - power``.

    label: (n,) classes. power: 0 draws as they occur, 1 all classes alike, 0.5 (a common choice) in between.
    """
    _, index, counts = np.unique(label, return_inverse=True, return_counts=True)
    shares = counts ** (1.0 - power)
    return np.asarray((shares / shares.sum() / counts)[index], np.float64)


class BalancedRows:
    """Batches of ``batch`` rows, drawn with ``class_weights``."""

    def __init__(self, label: Rows, batch: int, power: float = 0.5, seed: int = 0):
        self.weights, self.batch, self.seed = class_weights(label, power), batch, seed

    def __call__(self, step: int) -> Rows:
        """Rows (batch,) of a step; a row may occur twice."""
        return np.random.default_rng((self.seed, step)).choice(len(self.weights), self.batch, p=self.weights)


class ClassBatches:
    """Batches of ``classes`` classes with ``each`` pictures, as triplets need: every anchor has positives.

    A class with fewer pictures repeats them; the crops made of them differ. All classes come equally often.
    """

    def __init__(self, label: Rows, classes: int, each: int, seed: int = 0):
        self.members = [np.flatnonzero(label == value) for value in np.unique(label)]
        if len(self.members) < 2 or each < 2:
            raise ValueError(
                f"triplets need at least 2 classes and 2 pictures of each in a batch, "
                f"got {len(self.members)} classes and {each} pictures"
            )
        self.classes, self.each, self.seed = min(classes, len(self.members)), each, seed

    def __call__(self, step: int) -> Rows:
        """Rows (classes * each,) of a step, class by class."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.members), self.classes, replace=False)
        return np.concatenate([self._some(self.members[number], rng) for number in chosen])

    def _some(self, members: Rows, rng: np.random.Generator) -> Rows:
        return rng.choice(members, self.each, replace=len(members) < self.each)
