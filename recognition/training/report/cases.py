"""What a report is made of: products with what they are, what they were taken for, and how they look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from recognition.types import FloatArray, ImageArray

UNKNOWN = ""
"""The truth or guess "none of the catalogue"."""


@dataclass(frozen=True, slots=True)
class Case:
    """One product. crop: RGB. truth, guess: labels, ``UNKNOWN`` for none. score: higher is surer, any scale.

    confidence: probability 0..1 that the guess is right, None where none is stated. guessed, right_one: a
    reference picture of the guess and of the truth. facts: how it looks, by the words a table is headed with.
    """

    crop: ImageArray
    truth: str
    guess: str
    score: float
    confidence: float | None = None
    guessed: ImageArray | None = None
    right_one: ImageArray | None = None
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        return self.truth == self.guess


@dataclass(frozen=True, slots=True)
class Group:
    """Cases whose fact lies in low..high: how many, and the share that is right."""

    low: float
    high: float
    count: int
    right: float


def looks(crop: ImageArray) -> dict[str, float]:
    """Size and sharpness of a crop. Sharpness: variance of the Laplacian at 96 pixels' width."""
    height, width = crop.shape[:2]
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (96, max(1, round(96 * height / width))), interpolation=cv2.INTER_AREA)
    return {"Width, pixels": float(width), "Sharpness": float(cv2.Laplacian(small, cv2.CV_64F).var())}


def by_fact(cases: Sequence[Case], name: str, parts: int = 4) -> list[Group]:
    """The cases in ``parts`` groups of equal number, from the lowest to the highest value of a fact."""
    known = sorted((case for case in cases if name in case.facts), key=lambda case: case.facts[name])
    groups = []
    for some in np.array_split(np.arange(len(known)), min(parts, len(known)) or 1):
        if len(some):
            values = [known[i].facts[name] for i in some]
            right = float(np.mean([known[i].right for i in some]))
            groups.append(Group(values[0], values[-1], len(some), right))
    return groups


def precision_recall(cases: Sequence[Case]) -> list[tuple[float, float]]:
    """(recall, precision) as less and less sure guesses are let in; right guesses of known products count.

    Recall is of the products that are in the catalogue; guesses "unknown" are never let in.
    """
    known = sum(case.truth != UNKNOWN for case in cases)
    named = sorted((case for case in cases if case.guess != UNKNOWN), key=lambda case: -case.score)
    right = np.cumsum([case.right for case in named])
    return [(float(hits) / max(known, 1), float(hits) / taken) for taken, hits in enumerate(right, 1)]


def confused(cases: Iterable[Case]) -> list[list[Case]]:
    """Wrong cases by what they are and what they were taken for, the most frequent pair first."""
    pairs: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        if not case.right and UNKNOWN not in (case.truth, case.guess):
            pairs[case.truth, case.guess].append(case)
    return sorted(pairs.values(), key=len, reverse=True)


def of_queries(
    crops: Sequence[ImageArray],
    truth: Sequence[str],
    labels: Sequence[str],
    scores: FloatArray,
    references: Sequence[ImageArray],
    names: Sequence[str],
) -> list[Case]:
    """The cases of a retrieval: (n, k) scores of n crops against k labels, references (m) named by label.

    A case's score is how far the best label is ahead of the next.
    """
    first = {name: references[index] for index, name in reversed(list(enumerate(names)))}
    ranked = np.sort(scores, axis=1)
    ahead = ranked[:, -1] - ranked[:, -2] if scores.shape[1] > 1 else ranked[:, -1]
    found = []
    for crop, label, best, margin in zip(crops, truth, scores.argmax(axis=1), ahead, strict=True):
        guess = labels[int(best)]
        found.append(
            Case(
                crop,
                label,
                guess,
                float(margin),
                guessed=first[guess],
                right_one=first.get(label),
                facts=looks(crop),
            )
        )
    return found
