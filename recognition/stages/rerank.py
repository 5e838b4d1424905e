"""Puts the right one of a few similar products first, by local evidence.

Retrieval compares whole crops; near-identical packs differ in details. The crop's key points are matched with
those of the candidates' packshots, and what agrees in one geometric fit is added to the similarity. In a
close call, a barcode that happens to face the camera decides by itself. The first one's packshot is then laid
over the crop: strangers look like the nearest product, and share key points with it where brands agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from recognition.stages.agree import agree, lab, small
from recognition.stages.barcode import read_gtins
from recognition.stages.keypoints import Finder, Keypoints, verify
from recognition.types import Agreement, Candidate, ImageArray

if TYPE_CHECKING:
    from recognition.stages.reading import WordReader


class Reference(NamedTuple):
    """What re-ranking needs of a packshot. picture: see ``agree.small``."""

    keypoints: Keypoints
    picture: ImageArray


References = Callable[[Sequence[str]], Mapping[str, Reference]]
"""From keys of packshots, as candidates carry them, to what is kept of them; unknown ones are left out."""
EVIDENCE = 0.15
"""What one unit of evidence (see Candidate) is worth in similarity."""
CLOSE = 0.2
"""A call is close when the second candidate's similarity is within this of the first's."""
DEPTH = 10
"""Candidates of a crop that are looked at."""
MOST = 40
"""Crops a photo that are looked at, the closest calls first: it bounds the time of a dense shelf."""
BARCODE = math.log1p(300)
"""The evidence that a barcode is: its check digit and its parity leave no more doubt than so many points."""


@dataclass(frozen=True, slots=True)
class Reranker:
    """Re-ranks by key points.

    finder: finds them in crops. references: the packshots, by the same finder. most: see MOST, None
    for all crops. gtins: 14 digits by SKU; barcodes are read where there are any.
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
        """The candidates of n crops in their new order; those that are not looked at stay as they are.

        crops: RGB. found: candidates of each, best first. The candidates looked at carry their evidence, the
        first of them its agreement.
        """
        result = [list(candidates) for candidates in found]
        lead = {i: lead_of(c) for i, c in enumerate(result) if c}
        order = sorted(lead, key=lambda i: lead[i])[: self.most]
        close = [i for i in order if lead[i] < CLOSE]
        keys = sorted({c.packshot for i in order for c in result[i][:DEPTH]})
        references = self.references(keys) if keys else {}
        seen = dict(zip(order, self.finder.find([crops[i] for i in order]), strict=True))
        for i in order:
            result[i] = by_evidence(seen[i], result[i], references)
            if self.gtins and lead[i] < CLOSE:
                result[i] = by_barcode(read_gtins(crops[i]), result[i], self.gtins)
        if self.words is not None:
            still = [i for i in close if ahead(result[i]) < CLOSE and not result[i][0].read]
            result = self.words.settle(crops, result, sorted(still, key=lambda i: ahead(result[i])))
        for i in order:
            result[i] = laid_over(crops[i], seen[i], result[i], references)
        return result


def references_of(finder: Finder, packshots: Sequence[ImageArray]) -> list[Reference]:
    """What re-ranking needs of n RGB packshots, each cut to its product."""
    found = finder.find(packshots)
    return [Reference(k, small(picture)) for k, picture in zip(found, packshots, strict=True)]


def lead_of(candidates: Sequence[Candidate]) -> float:
    """How much more similar the first candidate is than the second; infinite where there is no second."""
    return candidates[0].similarity - candidates[1].similarity if len(candidates) > 1 else float("inf")


def by_evidence(
    seen: Keypoints, candidates: Sequence[Candidate], references: Mapping[str, Reference]
) -> list[Candidate]:
    """The first DEPTH candidates with their evidence, by similarity and evidence; the others follow."""
    looked_at = [
        replace(c, evidence=verify(seen, references[c.packshot].keypoints).evidence)
        if c.packshot in references
        else c
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
    first = replace(
        named[0], evidence=max(BARCODE, most), read=gtins[named[0].sku], agreement=Agreement(1.0, 1.0)
    )
    return [first, *(c for c in candidates if c is not named[0])]


def laid_over(
    crop: ImageArray, seen: Keypoints, candidates: Sequence[Candidate], references: Mapping[str, Reference]
) -> list[Candidate]:
    """The candidates, the first one with its agreement, if its packshot can be laid over the crop.

    seen: the crop's key points. One whose barcode was read agrees already.
    """
    first = candidates[0]
    if first.agreement is not None or first.packshot not in references:
        return list(candidates)
    reference = references[first.packshot]
    fit = verify(seen, reference.keypoints)
    if fit.matrix is None:
        return list(candidates)
    agreement = agree(lab(small(crop)), lab(reference.picture), fit.matrix)
    return [replace(first, agreement=agreement), *candidates[1:]]


def ahead(candidates: Sequence[Candidate]) -> float:
    """How far the first of two or more re-ranked candidates is before the second, by ``score``."""
    return score(candidates[0]) - score(candidates[1])


def score(candidate: Candidate) -> float:
    """Similarity and evidence in one number, for ordering the candidates of one crop."""
    return candidate.similarity + EVIDENCE * (candidate.evidence or 0.0)
