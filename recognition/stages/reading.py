"""What is printed on a product settles a close call: words that only one candidate's name has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from recognition.stages.text import TextReader
from recognition.types import Candidate, ImageArray

MOST = 6
"""Crops a photo whose text is read, the closest calls first: one takes a tenth of a second or more."""
DEPTH = 5
"""Candidates whose words are compared with the first's."""
LEAST = 0.6
"""Lines read with a lower score do not count."""
ALIKE = 80.0
"""From this likeness on (0..100, by edits), a word that was read is one of the catalogue's."""
LEAD = 0.5
"""The share of its own words by which a candidate must be ahead of the first to take its place."""
LONG_SIDE = 480
"""Pixels of the longer side at which a pack is read: its small print is finer than a price tag's."""
_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)\s+(kg|g|gr|mg|ml|cl|dl|l|pcs|st|stk|x)\b")
_WORD = re.compile(r"\d+(?:[.,]\d+)?\w*|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class WordReader:
    """Settles close calls by text. texts: name and size by SKU. reader: reads the crops. most: see MOST."""

    texts: Mapping[str, str]
    reader: TextReader
    most: int = MOST

    def settle(
        self, crops: Sequence[ImageArray], found: Sequence[Sequence[Candidate]], close: Sequence[int]
    ) -> list[list[Candidate]]:
        """The candidates of n crops, of the first ``most`` of ``close`` in the order that their text says.

        crops: RGB. found: candidates of each, best first. close: indices of the close calls, closest first.
        """
        result = [list(candidates) for candidates in found]
        differing = [i for i in close if self._differ(result[i])]
        for i in differing[: self.most]:
            lines = self.reader.read(crops[i], LONG_SIDE)
            seen = words(" ".join(line.text for line in lines if line.score >= LEAST))
            result[i] = by_words(seen, result[i], self.texts)
        return result

    def _differ(self, candidates: Sequence[Candidate]) -> bool:
        """Whether the first candidate and one of the next have a name each, and not the same."""
        names = [words(self.texts.get(c.sku, "")) for c in candidates[:DEPTH]]
        return bool(names and names[0]) and any(name and name != names[0] for name in names[1:])


def by_words(
    seen: frozenset[str], candidates: Sequence[Candidate], texts: Mapping[str, str]
) -> list[Candidate]:
    """The candidates, one whose words were read, rather than the first's, put before it.

    Of the names of the first and of another, only the words that the other does not have count, by the share
    of them that was read. The candidate put first carries the words that decided as ``read``.
    """
    first = words(texts.get(candidates[0].sku, ""))
    best, lead, why = 0, 0.0, frozenset[str]()
    for place, candidate in enumerate(candidates[1:DEPTH], start=1):
        other = words(texts.get(candidate.sku, ""))
        matched = _matched(other - first, seen)
        ahead = _share(matched, other - first) - _share(_matched(first - other, seen), first - other)
        if first and ahead >= LEAD and ahead > lead:
            best, lead, why = place, ahead, matched
    if best == 0:
        return list(candidates)
    winner = replace(candidates[best], read=" ".join(sorted(why)))
    return [winner, *candidates[:best], *candidates[best + 1 :]]


def words(text: str) -> frozenset[str]:
    """The words of a name or a pack, comparable: small, without accents, a size as one word ("150g")."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace(",", ".")
    return frozenset(_WORD.findall(_UNIT.sub(r"\1\2", plain)))


def _matched(wanted: frozenset[str], seen: frozenset[str]) -> frozenset[str]:
    """Those wanted that were read: exactly where they have digits or are short, else nearly."""
    return frozenset(word for word in wanted if word in seen or _nearly(word, seen))


def _nearly(word: str, seen: frozenset[str]) -> bool:
    if len(word) < 4 or not word.isalpha():
        return False
    return process.extractOne(word, seen, scorer=fuzz.ratio, score_cutoff=ALIKE) is not None


def _share(matched: frozenset[str], wanted: frozenset[str]) -> float:
    return len(matched) / len(wanted) if wanted else 0.0
