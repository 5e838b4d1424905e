"""What the recogniser gets right and wrong in an organisation's own photos, by what people said.

Facings count that a person judged. Most were looked at because they were unsure, so they are harder than the
rest: over all photos the share that is right is higher, and months compare only while people review alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Any

from recognition.models import Facing
from recognition.training.evaluate.calibration import Bin, expected_calibration_error, reliability
from recognition.types import FacingStatus
from retail_exec.accounts.models import Membership
from retail_exec.core.access import visible

NEWEST = 20_000
PAIRS_SHOWN = 10
FEWEST = 5
"""Facings below which a group is not shown: nothing can be said of it."""
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """``right`` of ``count``, with the 95 % interval of Wilson (1927)."""

    name: str
    right: int
    count: int

    @property
    def value(self) -> float:
        return self.right / self.count if self.count else 0.0

    @property
    def low(self) -> float:
        return self._ends()[0]

    @property
    def high(self) -> float:
        return self._ends()[1]

    def _ends(self) -> tuple[float, float]:
        if not self.count:
            return 0.0, 1.0
        z2, p = NORMAL_95**2, self.value
        middle, base = p + z2 / (2 * self.count), 1 + z2 / self.count
        half = NORMAL_95 * sqrt(p * (1 - p) / self.count + z2 / (4 * self.count**2))
        return max(0.0, (middle - half) / base), min(1.0, (middle + half) / base)


@dataclass(frozen=True, slots=True)
class Confused:
    """A product taken for another, how often, and one facing to look at. None is an unknown product."""

    is_really: Any
    taken_for: Any
    count: int
    facing: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The report. by: title and shares of each way to group facings. not_products: boxes around nothing."""

    all: Share
    first: Share
    among_ten: Share
    not_products: int
    by: list[tuple[str, list[Share]]]
    pairs: list[Confused]
    curve: list[Bin]
    calibration_error: float | None


def report(membership: Membership) -> Quality:
    """The quality of recognition on the facings that people of the organisation judged."""
    rows = list(
        visible(membership, Facing.objects.filter(run__current=True).exclude(verdict=""))
        .select_related("run", "sku__brand", "sku__category", "verdict_sku__brand", "verdict_sku__category")
        .order_by("-pk")[:NEWEST]
    )
    products = [row for row in rows if row.verdict != Facing.Verdict.NOT_A_PRODUCT]
    known = [row for row in products if row.verdict_sku]
    named = [row for row in products if row.sku_id]
    chances = [row.confidence for row in named]
    truths = [is_right(row) for row in named]
    return Quality(
        all=_share("all", products, is_right),
        first=_share("first", known, lambda row: _rank(row) == 0),
        among_ten=_share("ten", known, lambda row: _rank(row) is not None),
        not_products=len(rows) - len(products),
        by=[(title, _grouped(products, group)) for title, group in GROUPS],
        pairs=_pairs(products),
        curve=reliability(chances, truths) if named else [],
        calibration_error=expected_calibration_error(chances, truths) if named else None,
    )


def is_right(row: Facing) -> bool:
    """Whether the recogniser had said what the person says; a guess marked as unsure counts as said."""
    return row.sku_id == row.verdict_sku_id


def _rank(row: Facing) -> int | None:
    """Place of the right product among the candidates, 0 first; None where it is not among them."""
    codes = [candidate["sku"] for candidate in row.candidates]
    code = row.verdict_sku.code if row.verdict_sku else ""
    return codes.index(code) if code in codes else None


def _share(name: str, rows: list[Facing], right: Callable[[Facing], bool]) -> Share:
    return Share(name, sum(map(right, rows)), len(rows))


def _grouped(rows: Iterable[Facing], group: Callable[[Facing], str]) -> list[Share]:
    groups: dict[str, list[Facing]] = defaultdict(list)
    for row in rows:
        groups[group(row)].append(row)
    return [_share(name, found, is_right) for name, found in sorted(groups.items()) if len(found) >= FEWEST]


def _pairs(rows: Iterable[Facing]) -> list[Confused]:
    found: dict[tuple[int | None, int | None], list[Facing]] = defaultdict(list)
    for row in rows:
        if not is_right(row):
            found[row.verdict_sku_id, row.sku_id].append(row)
    most = sorted(found.values(), key=len, reverse=True)[:PAIRS_SHOWN]
    return [Confused(seen[0].verdict_sku, seen[0].sku, len(seen), seen[0].pk) for seen in most]


def _sharpness(row: Facing) -> str:
    value = float(row.run.quality.get("sharpness", 0))
    if value < 60:
        return "1. Blurred photo"
    return "2. Slightly soft photo" if value < 230 else "3. Sharp photo"


def _size(row: Facing) -> str:
    side = min(row.box[2] - row.box[0], row.box[3] - row.box[1])
    if side < 48:
        return "1. Under 48 pixels wide"
    return "2. 48 to 96 pixels" if side < 96 else "3. Over 96 pixels"


def _angle(row: Facing) -> str:
    """How much of the photo's perspective had to be taken away: change of scale across the photo."""
    h = row.run.homography
    ends = [h[6] * x + h[7] * y + h[8] for x, y in ((0, 0), (row.run.width, 0), (0, row.run.height))]
    change = max(ends) / min(ends) if min(ends) > 0 else 9.0
    if row.run.rectified_confidence < 0.4 or change < 1.1:
        return "1. Straight on"
    return "2. Slightly from the side" if change < 1.4 else "3. From the side"


def _category(row: Facing) -> str:
    sku = row.verdict_sku or row.sku
    return sku.category.name if sku else "Not in the catalogue"


def _status(row: Facing) -> str:
    names = {
        FacingStatus.ACCEPTED: "1. Recognised",
        FacingStatus.AMBIGUOUS: "2. Marked to check",
        FacingStatus.UNKNOWN: "3. Taken for unknown",
    }
    return names[FacingStatus(row.status)]


GROUPS: list[tuple[str, Callable[[Facing], str]]] = [
    ("By what was said", _status),
    ("By category", _category),
    ("By size on the photo", _size),
    ("By sharpness", _sharpness),
    ("By angle", _angle),
]
