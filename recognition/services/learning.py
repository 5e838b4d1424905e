"""What a person should look at next: facings the recogniser is torn about, of as many kinds as possible.

The ambiguity of a facing, 0..1, is the mean of three signs, weighted:

- *torn* (0.5): how near its calibrated chance of being right is to one half, 1 - |2p - 1|;
- *close* (0.35): how close the second product is to the first, exp(-margin / 0.05) of the similarities;
- *disagreement* (0.15): the local features prefer another product than the embedding, or only the planogram
  could decide.

Picking greedily, each choice lowers the worth of others that show the same product, the same pair of products
or the same photo: a set cover in the spirit of core-sets (Sener and Savarese, "Active learning for
convolutional neural networks: a core-set approach", 2018), with products in place of distances.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recognition.models import Facing
from recognition.types import FacingStatus
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.core.access import visible

TORN, CLOSE, DISAGREEMENT = 0.5, 0.35, 0.15
MARGIN = 0.05
"""Difference of similarities at which two products are about as alike as siblings are."""
AGAIN = {"product": 0.5, "pair": 0.35, "photo": 0.8}
"""What is left of a facing's worth for each one picked before with the same product, pair or photo."""
LOOKED_THROUGH = 4000
"""Newest unjudged facings among which is picked."""
LEAST = 0.05
"""Facings less ambiguous than this are not worth a person's time."""
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Unsure:
    """An unjudged facing. candidates: best first, as ``Facing.candidates``."""

    pk: int
    photo: int
    ambiguity: float
    candidates: tuple[str, ...]


def ambiguity(
    confidence: float, status: str, candidates: Sequence[Mapping[str, Any]], by_plan: bool = False
) -> float:
    """How torn the recogniser is about a facing, 0..1; see the module."""
    chance = 1 - confidence if status == FacingStatus.UNKNOWN else confidence
    torn = 1 - abs(2 * chance - 1)
    first, second = (*(float(c["similarity"]) for c in candidates[:2]), 0.0, 0.0)[:2]
    close = math.exp(-max(0.0, first - second) / MARGIN) if len(candidates) > 1 else 0.0
    evidence = [float(c.get("evidence") or 0.0) for c in candidates]
    disagree = by_plan or (len(evidence) > 1 and max(evidence) > evidence[0])
    return TORN * torn + CLOSE * close + DISAGREEMENT * disagree


def pick(membership: Membership, count: int) -> list[int]:
    """Ids of the ``count`` facings that a person's word would help with most, in the order to see them."""
    rows = (
        visible(membership, Facing.objects.filter(run__current=True, verdict=""))
        .order_by("-pk")
        .values_list("pk", "run__photo_id", "confidence", "status", "candidates", "verified_by_expectation")[
            :LOOKED_THROUGH
        ]
    )
    unsure = [
        Unsure(pk, photo, ambiguity(sure, status, seen, by_plan), tuple(c["sku"] for c in seen[:2]))
        for pk, photo, sure, status, seen, by_plan in rows
    ]
    return diverse([row for row in unsure if row.ambiguity >= LEAST and row.candidates], count)


def diverse(rows: Iterable[Unsure], count: int) -> list[int]:
    """Pick greedily by ambiguity, less for what earlier picks have shown already; ids in order of choice."""
    left = {row.pk: row for row in rows}
    products: Counter[str] = Counter()
    pairs: Counter[frozenset[str]] = Counter()
    photos: Counter[int] = Counter()
    chosen: list[int] = []

    def worth(row: Unsure) -> float:
        again = (products[row.candidates[0]], pairs[frozenset(row.candidates)], photos[row.photo])
        left_over = math.prod(share**times for share, times in zip(AGAIN.values(), again, strict=True))
        return row.ambiguity * left_over

    while left and len(chosen) < count:
        best = max(left.values(), key=worth)
        chosen.append(best.pk)
        del left[best.pk]
        products[best.candidates[0]] += 1
        pairs[frozenset(best.candidates)] += 1
        photos[best.photo] += 1
    return chosen


def nearest(facing: Facing, count: int = NEAREST) -> list[dict[str, Any]]:
    """What a facing is most like, best first: ``sku``, ``similarity``, and a packshot's id as ``picture``."""
    similar: dict[str, float] = {}
    for candidate in facing.candidates:
        similar.setdefault(candidate["sku"], float(candidate["similarity"]))
    codes = list(similar)[:count]
    owner = facing.run.organisation_id
    skus = Sku.objects.filter(organisation_id=owner, code__in=codes).select_related("brand")
    found = {sku.code: sku for sku in skus}
    shots = dict(Packshot.objects.filter(sku__in=skus).order_by("sku_id", "-pk").values_list("sku_id", "pk"))
    return [
        {"sku": found[code], "similarity": similar[code], "picture": shots.get(found[code].pk)}
        for code in codes
        if code in found
    ]
