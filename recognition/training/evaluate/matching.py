"""Key-point matching over a folder's gallery: as re-ranker, and alone as the baseline. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recognition.stages import locate
from recognition.stages.keypoints import Finder, Keypoints, Sift, verify
from recognition.stages.rerank import Reference, Reranker, references_of
from recognition.types import Candidate, FloatArray, ImageArray


class Matching:
    """Matches queries with references, which candidates name by their number as text.

    finder: the shipped one. references: RGB packshots, cut to their products.
    """

    def __init__(self, finder: Finder, references: Sequence[ImageArray]) -> None:
        self.finder, self.peer = finder, Sift()
        self.references = list(references)
        self._known: dict[str, dict[str, Reference]] = {}

    def rerank(
        self, crops: Sequence[ImageArray], found: Sequence[Sequence[Candidate]]
    ) -> list[list[Candidate]]:
        """The candidates of n crops as the pipeline re-ranks them, however many crops are ambiguous."""
        reranker = Reranker(self.finder, lambda keys: self._packshots(self.finder, keys), most=None)
        return reranker.rerank(crops, found)

    def locate(
        self, scenes: Sequence[ImageArray], found: Sequence[Sequence[Candidate]]
    ) -> list[list[Candidate]]:
        """The candidates of n scenes, after their packshots were looked for in them."""
        finders = (self.finder, self.peer)
        return [
            locate.locate(scene, candidates, finders, self._of).candidates
            for scene, candidates in zip(scenes, found, strict=True)
        ]

    def alone(self, queries: Sequence[ImageArray], scenes: bool) -> dict[str, FloatArray]:
        """By finder, (n, m) inliers of n queries with all m references: what matching knows by itself."""
        keys = [str(number) for number in range(len(self.references))]
        return {
            finder.label: np.array(
                [self._inliers(finder, query, keys, scenes) for query in queries], np.float32
            )
            for finder in (self.finder, self.peer)
        }

    def _inliers(self, finder: Finder, query: ImageArray, keys: Sequence[str], scenes: bool) -> list[int]:
        known = self._of(finder, keys)
        if scenes:
            seen = finder.find([query], locate.LONG_SIDE)[0]
            return [locate.look_for(finder, seen, known[key]).inliers for key in keys]
        seen = finder.find([query])[0]
        return [verify(seen, known[key]).inliers for key in keys]

    def _of(self, finder: Finder, keys: Sequence[str]) -> Mapping[str, Keypoints]:
        return {key: known.keypoints for key, known in self._packshots(finder, keys).items()}

    def _packshots(self, finder: Finder, keys: Sequence[str]) -> Mapping[str, Reference]:
        if finder.label not in self._known:
            found = references_of(finder, self.references)
            self._known[finder.label] = {str(number): known for number, known in enumerate(found)}
        return {key: self._known[finder.label][key] for key in keys}
