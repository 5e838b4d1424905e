"""Figures in words: the same value reads the same everywhere."""

import pytest

from retail_exec.core.models import WorkState
from retail_exec.core.templatetags import figures


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.625, "share", "62.5 %"),
        (0.0, "share", "0.0 %"),
        (None, "share", "not measurable"),
        (103.6, "index", "104"),
        (12.4, "cm", "12 cm"),
    ],
)
def test_a_value_in_its_unit(value: float | None, unit: str, words: str) -> None:
    assert figures.figure(value, unit) == words


def test_an_interval_says_its_unit_once() -> None:
    assert figures.interval(0.404, 0.468) == "40.4–46.8 %"
    assert figures.interval(12, 20, "cm") == "12–20 cm"
    assert figures.interval(0.5, 0.5) == "50.0 %"


@pytest.mark.parametrize(("value", "words"), [(12.0, "12"), (12.5, "12.5"), (10730.4, "10,730"), (0.0, "0")])
def test_amounts_have_no_needless_decimals(value: float, words: str) -> None:
    assert figures.amount(value) == words


def test_confidence_in_words_falls_with_the_probability() -> None:
    words = [figures.sureness(p) for p in (0.99, 0.85, 0.7, 0.3)]
    assert words == ["Very sure", "Fairly sure", "Not quite sure", "A guess"]


@pytest.mark.parametrize("state", WorkState.values)
def test_every_state_has_a_word_and_an_icon(state: str) -> None:
    badge = figures.state_badge(state)
    assert badge["word"]
    assert badge["icon"]
