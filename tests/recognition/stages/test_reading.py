"""Close calls settled by what is printed: words of names, and drawn text that the real reader reads."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from recognition.stages.keypoints import Sift
from recognition.stages.reading import WordReader, by_words, words
from recognition.stages.rerank import Reranker
from recognition.stages.text import TextReader, reader_label
from recognition.types import Candidate, ImageArray

TEXTS = {
    "small": "Plolo Crème Cleaner 90 g",
    "large": "Plolo Crème Cleaner 275 g",
    "onion": "Plolo Sour Cream Onion 90 g",
    "plain": "Plolo Cleaner",
    "nameless": "",
}


def close(*skus: str) -> list[Candidate]:
    return [Candidate(sku, 0.8 - 0.01 * place) for place, sku in enumerate(skus)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Crème 90 G", {"creme", "90g"}),
        ("0,5 l x 6", {"0.5l", "x", "6"}),
        ("6 x 33 cl", {"6x", "33cl"}),
        ("", set()),
        ("·–!", set()),
    ],
)
def test_words_are_made_comparable(text: str, found: set[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("printed", "skus", "first", "read"),
    [
        ("PLOLO 275g", ["small", "large"], "large", "275g"),
        ("PLOLO 90g", ["small", "large"], "small", ""),
        ("90g 275g", ["small", "large"], "small", ""),
        ("nothing that helps", ["small", "large"], "small", ""),
        ("", ["small", "large"], "small", ""),
        ("270g", ["small", "large"], "small", ""),
        ("SOUR CREEM ONIOM", ["small", "onion"], "onion", "cream onion sour"),
        ("sour cream onion", ["nameless", "onion"], "nameless", ""),
        ("sour cream onion", ["small", "nameless"], "small", ""),
        ("275g", ["plain", "large"], "large", "275g"),
        ("275g", ["small", "plain", "unknown", "large"], "large", "275g"),
    ],
)
def test_only_words_that_differ_decide(printed: str, skus: list[str], first: str, read: str) -> None:
    ranked = by_words(words(printed), close(*skus), TEXTS)
    assert (ranked[0].sku, ranked[0].read) == (first, read)
    assert sorted(c.sku for c in ranked) == sorted(skus)


def pack(text: str) -> ImageArray:
    picture = Image.new("RGB", (300, 360), "#d9c7a0")
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(text.split("\n")):
        pen.text((30, 60 + 110 * row), line, fill="#222222", font=ImageFont.load_default(size=48))
    return np.asarray(picture)


@pytest.mark.skipif(not reader_label(), reason="reading needs the extra ocr")
def test_close_calls_are_read_and_others_are_not() -> None:
    crop = pack("Plolo\n275 g")
    reader = WordReader(TEXTS, TextReader())
    reranker = Reranker(Sift(), lambda keys: {}, words=reader)
    clear = [Candidate("small", 0.9), Candidate("large", 0.5)]
    alike = [Candidate("small", 0.9), Candidate("nameless", 0.89)]
    found = [close("small", "large"), clear, alike, close("small"), []]
    ranked = reranker.rerank([crop] * 5, found)
    assert [c.sku for c in ranked[0]] == ["large", "small"]
    assert ranked[0][0].read == "275g"
    assert ranked[1:] == found[1:]
    assert reranker.label == "sift+words"


def test_no_more_crops_are_read_than_asked() -> None:
    found = [close("small", "large")]
    unread = WordReader(TEXTS, TextReader(), most=0)
    assert unread.settle([pack("275 g")], found, [0]) == found
