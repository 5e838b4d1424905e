"""Counting what was found of what was put wrong."""

from __future__ import annotations

from retail_exec.sample.proof import Proof


def test_every_place_is_counted_once() -> None:
    proof = Proof()
    faults = {(0, 0): "missing", (0, 1): "missing", (1, 0): "misplaced", (1, 1): "substituted"}
    reported = [
        (0, 0, "missing"),  # right
        (0, 1, "correct"),  # overlooked
        (0, 2, "correct"),
        (1, 0, "missing"),  # noticed, by another name
        (1, 1, "not_assessed"),
        (1, 2, "wrong_facings"),  # false alarm
        (1, 3, "not_assessed"),
    ]
    proof.add(faults, reported)
    assert (proof.injected["missing"], proof.found["missing"]) == (2, 1)
    assert (proof.noticed, proof.correct, proof.not_assessed) == (2, 1, 2)
    assert dict(proof.false_alarms) == {"wrong_facings": 1}
    assert "all faults       1 of   4 named as such, 2 noticed in some way" in proof.lines()
    assert "places in order: 1 of 2 seen so, 1 false alarms" in proof.lines()
