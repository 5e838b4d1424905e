"""Batches with hard negatives: near-identical variants of one family come together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recognition.training.embedder.data import Labels

Rows = NDArray[np.int64]


class FamilyBatches:
    """Endless batches of ``designs`` designs, each with its packshot and ``crops`` of its crops.

    A batch holds at most ``siblings`` designs of one family, next to designs of other families. Every pass
    takes the families in a new order.
    """

    def __init__(self, data: Labels, designs: int, crops: int, siblings: int, seed: int):
        self.designs, self.crops, self.siblings = designs, crops, siblings
        self.rng = np.random.default_rng((seed, 7))
        self.packshot_of = np.flatnonzero(data.packshot)
        by_design = np.flatnonzero(~data.packshot)
        self.crops_of = by_design.reshape(len(self.packshot_of), -1)
        family = data.family[self.packshot_of]
        self.members = [np.flatnonzero(family == number) for number in np.unique(family)]

    def __iter__(self) -> Iterator[tuple[Rows, Rows]]:
        """Rows of the crops: packshots (designs,), and crops (designs * crops,) in their order."""
        while True:
            order = np.concatenate(
                [self._some(self.members[i]) for i in self.rng.permutation(len(self.members))]
            )
            for start in range(0, len(order) - self.designs + 1, self.designs):
                chosen = order[start : start + self.designs]
                picks = self.rng.random((len(chosen), self.crops_of.shape[1])).argsort(axis=1)[
                    :, : self.crops
                ]
                yield self.packshot_of[chosen], np.take_along_axis(self.crops_of[chosen], picks, 1).ravel()

    def _some(self, members: Rows) -> Rows:
        return self.rng.permutation(members)[: self.siblings]
