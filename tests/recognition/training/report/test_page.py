"""The HTML report: what is counted, and that the file stands alone."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from recognition.training.report.cases import (
    UNKNOWN,
    Case,
    by_fact,
    confused,
    looks,
    of_queries,
    precision_recall,
)
from recognition.training.report.page import page

GREY = np.full((40, 30, 3), 128, np.uint8)


def case(truth: str, guess: str, score: float = 0.5, confidence: float | None = None) -> Case:
    return Case(GREY, truth, guess, score, confidence, GREY, GREY, {"Width, pixels": score * 100})


CASES = [
    case("cola", "cola", 0.9, 0.9),
    case("cola", "cola light", 0.8, 0.8),
    case("cola light", "cola light", 0.7, 0.7),
    case("cola", "cola light", 0.6, 0.6),
    case("soap", UNKNOWN, 0.2),
    case(UNKNOWN, UNKNOWN, 0.1),
]


def test_precision_over_recall_lets_in_the_surest_first() -> None:
    assert precision_recall(CASES) == [(0.2, 1.0), (0.2, 0.5), (0.4, pytest.approx(2 / 3)), (0.4, 0.5)]


def test_the_hardest_pair_comes_first_and_unknowns_are_no_pair() -> None:
    pairs = confused([*CASES, case("soap", "cola")])
    assert [(pair[0].truth, pair[0].guess, len(pair)) for pair in pairs] == [
        ("cola", "cola light", 2),
        ("soap", "cola", 1),
    ]


def test_groups_go_from_small_to_large() -> None:
    groups = by_fact(CASES, "Width, pixels", parts=2)
    assert [(group.count, group.right) for group in groups] == [
        (3, pytest.approx(1 / 3)),
        (3, pytest.approx(2 / 3)),
    ]
    assert groups[0].high < groups[1].low
    assert by_fact([replace(CASES[0], facts={})], "Width, pixels") == []


def test_a_blurred_crop_is_less_sharp() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 150, 3), dtype=np.uint8)
    assert looks(noise)["Sharpness"] > 100 * looks(np.full_like(noise, 90))["Sharpness"]
    assert looks(noise)["Width, pixels"] == 150


def test_queries_become_cases_with_their_neighbours() -> None:
    red, blue = np.full((9, 9, 3), 200, np.uint8), np.full((9, 9, 3), 10, np.uint8)
    scores = np.array([[0.9, 0.2], [0.6, 0.5]], np.float32)
    right, wrong = of_queries([GREY, GREY], ["a", "b"], ["a", "b"], scores, [red, red, blue], ["a", "a", "b"])
    assert (right.right, wrong.right, wrong.guess) == (True, False, "a")
    assert right.score == pytest.approx(0.7)
    assert wrong.guessed is red
    assert wrong.right_one is blue


class Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_alone_and_escapes_what_it_shows() -> None:
    cases = [*CASES, case("<script>", "cola", 0.95)]
    written = page("Evaluation", "model 1", {"hit1": 0.5, "unknown": {"auroc": 0.9}}, cases)
    links = Links()
    links.feed(written)
    assert links.fetched
    assert all(link.startswith("data:image/jpeg;base64,") for link in links.fetched)
    assert "unknown.auroc" in written
    assert "&lt;script&gt;" in written
    assert "<script>" not in written
    assert "4 of 7 products are wrong" in written
    assert "Hardest pairs" not in page("Evaluation", "", {"hit1": 1.0}, CASES[:1])
