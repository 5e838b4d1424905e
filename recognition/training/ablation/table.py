"""A row of the table, in words and numbers. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.training.ablation.intervals import over_both, over_seeds

Ranks = NDArray[np.int64]
"""Place (n,) of each test picture's own product among the answers; 0 is right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One method's figures, 0..1, with intervals of 95 %.

    accuracy: mean over seeds. seeds: each seed's. over_seeds: the mean's t interval, None for one seed.
    interval: bootstrap over seeds and test pictures. gain: what it has over the row before, with the interval
    of the difference; None in rows without one before.
    """

    name: str
    accuracy: float
    seeds: tuple[float, ...]
    over_seeds: tuple[float, float] | None
    interval: tuple[float, float]
    top5: float
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None

    def line(self) -> str:
        """The row as printed, in percent."""
        low, high = self.interval
        text = f"{self.name:<52} {self.accuracy:6.1%} ({low:.1%} to {high:.1%})  top 5 {self.top5:6.1%}"
        if self.gain is None or self.gain_interval is None:
            return text
        low, high = (100 * value for value in self.gain_interval)
        return f"{text}  gain {100 * self.gain:+.1f} ({low:+.1f} to {high:+.1f})"


def make_row(name: str, placed: Sequence[Ranks], before: Sequence[Ranks] | None = None) -> Row:
    """The row of a method. placed, before: its and another row's ranks of the same test pictures, by seed."""
    ranks = np.stack(placed)
    right = ranks == 0
    seeds = right.mean(axis=1)
    gain = None if before is None else float(seeds.mean() - (np.stack(before) == 0).mean())
    return Row(
        name,
        float(seeds.mean()),
        tuple(float(value) for value in seeds),
        over_seeds(seeds) if len(seeds) > 1 else None,
        over_both(right),
        float((ranks < 5).mean()),
        gain,
        None if before is None else over_both(right, np.stack(before) == 0),
    )
