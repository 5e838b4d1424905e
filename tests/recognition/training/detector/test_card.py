from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.detector.card import FIGURES, write_card
from recognition.training.detector.export import manifest_entry


def test_the_card_names_the_model_its_making_and_every_figure() -> None:
    entry = manifest_entry("3.1", 1280) | {"sha256": "ab12"}
    facts = {
        "parameters": 889440,
        "commit": "1234567",
        "commands": "python -m recognition.training train-detector",
        "tuned_on": "rendered",
        "recipe_text": "10 steps.",
        "remarks": "Few photos.",
    }
    row = {name: 12 if name in ("images", "boxes") else 0.5 for name in FIGURES}

    card = write_card(entry, facts, {"rendered": row, "real": row | {"f1_70": 0.7349}})

    assert "# shelf-detector 3.1" in card
    assert "889,440 parameters" in card
    assert "| real | 12 | 12 | 0.500 | 0.500 | 0.735 | 0.500 | 0.500 | 0.500 |" in card
    for fact in ("ab12", "1234567", "train-detector", "Few photos.", "Apache-2.0"):
        assert fact in card
    assert "second look" not in card


def test_the_card_tells_of_second_looks() -> None:
    entry = manifest_entry("3.1", 1024) | {"sha256": "ab12"}
    entry["preprocessing"] |= {
        "closer": {"below": 60, "long_side": 1408},
        "farther": {"above": 160, "long_side": 640},
    }
    facts = dict.fromkeys(("commit", "commands", "tuned_on", "recipe_text", "remarks"), "x") | {
        "parameters": 1
    }

    card = write_card(entry, facts, {})
    assert "less than 60 pixels (root of its area), a second look at\n  1408" in card
    assert "more than 160, a second look at 640" in card
