"""Puts the right one of a few similar products first, by local evidence.

Retrieval compares whole crops; near-identical packs differ in details. Where the nearest products are close
together, the crop's key points are matched with those of the candidates' packshots, and what agrees in one
geometric fit is added to the similarity. A barcode that happens to face the camera decides by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from recognition.stages.barcode import read_gtins
from recognition.stages.keypoints import Finder, Keypoints, verify
from recognition.types import Candidate, ImageArray

if TYPE_CHECKING:
    from recognition.stages.reading import WordReader

References = Callable[[Sequence[str]], Mapping[str, Keypoints]]
"""From keys of packshots, as candidates carry them, to their key points; one without any is left out."""
EVIDENCE = 0.15
"""What one unit of evidence (see Candidate) is worth in similarity."""
CLOSE = 0.2
"""A crop is ambiguous when the second candidate's similarity is within this of the first's."""
DEPTH = 10
"""Candidates of an ambiguous crop that are looked at."""
MOST = 40
"""Crops a photo that are looked at, the closest calls first: it bounds the time of a dense shelf."""
BARCODE = math.log1p(300)
"""The evidence that a barcode is: its check digit and its parity leave no more doubt than so many points."""


@dataclass(frozen=True, slots=True)
class Reranker:
    """Re-ranks by key points.

    finder: finds them in crops. references: those of the packshots, by the same finder. most: see MOST, None
    for all ambiguous crops. gtins: 14 digits by SKU; barcodes are read where there are any.
    words: settles by text what then still is close, None without.
    """

    finder: Finder
    references: References
    most: int | None = MOST
    gtins: Mapping[str, str] = field(default_factory=dict)
    words: WordReader | None = None

    @property
    def label(self) -> str:
        """What re-ranks, for the layouts' versions."""
        return f"{self.finder.label}+words" if self.words else self.finder.label

    def rerank(
        self, crops: Sequence[ImageArray], found: Sequence[Sequence[Candidate]]
    ) -> list[list[Candidate]]:
        """The candidates of n crops in their new order; those of clear crops stay as they are.

        crops: RGB. found: candidates of each, best first. The candidates looked at carry their evidence.
        """
        result = [list(candidates) for candidates in found]
        lead = {i: lead_of(c) for i, c in enumerate(result)}
        close = sorted((i for i in lead if lead[i] < CLOSE), key=lambda i: lead[i])[: self.most]
        keys = sorted({c.packshot for i in close for c in result[i][:DEPTH]})
        references = self.references(keys) if keys else {}
        for i, seen in zip(close, self.finder.find([crops[i] for i in close]), strict=True):
            result[i] = by_evidence(seen, result[i], references)
            if self.gtins:
                result[i] = by_barcode(read_gtins(crops[i]), result[i], self.gtins)
        if self.words is not None:
            still = [i for i in close if ahead(result[i]) < CLOSE and not result[i][0].read]
            result = self.words.settle(crops, result, sorted(still, key=lambda i: ahead(result[i])))
        return result


def lead_of(candidates: Sequence[Candidate]) -> float:
    """How much more similar the first candidate is than the second; infinite where there is no second."""
    return candidates[0].similarity - candidates[1].similarity if len(candidates) > 1 else float("inf")


def by_evidence(
    seen: Keypoints, candidates: Sequence[Candidate], references: Mapping[str, Keypoints]
) -> list[Candidate]:
    """The first DEPTH candidates with their evidence, by similarity and evidence; the others follow."""
    looked_at = [
        replace(c, evidence=verify(seen, references[c.packshot]).evidence) if c.packshot in references else c
        for c in candidates[:DEPTH]
    ]
    return [*sorted(looked_at, key=score, reverse=True), *candidates[DEPTH:]]


def by_barcode(
    read: Sequence[str], candidates: Sequence[Candidate], gtins: Mapping[str, str]
) -> list[Candidate]:
    """The candidates, the one whose GTIN was read first, with the evidence of a barcode.

    Nothing changes where no candidate's GTIN was read, or those of several: crops show neighbours, too.
    """
    named = [c for c in candidates if gtins.get(c.sku) in read]
    if len(named) != 1:
        return list(candidates)
    most = max(c.evidence or 0.0 for c in candidates)
    first = replace(named[0], evidence=max(BARCODE, most), read=gtins[named[0].sku])
    return [first, *(c for c in candidates if c is not named[0])]


def ahead(candidates: Sequence[Candidate]) -> float:
    """How far the first of two or more re-ranked candidates is before the second, by ``score``."""
    return score(candidates[0]) - score(candidates[1])


def score(candidate: Candidate) -> float:
    """Similarity and evidence in one number, for ordering the candidates of one crop."""
    return candidate.similarity + EVIDENCE * (candidate.evidence or 0.0)
