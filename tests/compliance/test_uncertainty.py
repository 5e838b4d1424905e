"""Intervals: exact distributions, and how often they hold the truth when confidences are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from compliance.assess import assess_visit
from compliance.kpis.groups import share_spans
from compliance.kpis.uncertainty import Span, count_span, outcomes, poisson_binomial, sum_span
from compliance.simulate.camera import Window, photograph, place
from compliance.simulate.store import catalogue, make_plan, stock
from compliance.types import BayInput, BayPhoto, KpiValue, Planogram, VisitInput
from recognition.types import Candidate, Facing, FacingStatus, ShelfLayout

Rng = np.random.Generator


def test_poisson_binomial_is_exact() -> None:
    assert poisson_binomial([0.5, 0.5]) == pytest.approx([0.25, 0.5, 0.25])
    assert poisson_binomial([0.9, 0.2]) == pytest.approx([0.08, 0.74, 0.18])
    assert poisson_binomial([]) == pytest.approx([1.0])


def test_count_span() -> None:
    sure = count_span([1.0, 1.0, 0.0], 3.0)
    assert sure is not None
    assert (sure.low, sure.high, sure.expected, sure.level) == (2 / 3, 2 / 3, 2 / 3, 1.0)
    assert count_span([], 0.0) is None
    even = count_span([0.5] * 100, 100.0)
    assert even is not None
    assert even.expected == pytest.approx(0.5)
    assert (even.low, even.high) in [(0.42, 0.57), (0.43, 0.58)]
    assert even.level == pytest.approx(0.8891, abs=1e-4)
    # One trial: the interval is one of the two counts, or both of them.
    assert count_span([0.95], 1.0) == Span(1.0, 1.0, 0.95, 0.95)
    assert count_span([0.6], 1.0) == Span(0.0, 1.0, 0.6, 1.0)


def test_sum_span_stays_within_what_is_possible() -> None:
    half = ([0.0, 0.5, 1.0], [0.25, 0.5, 0.25])
    span = sum_span([half] * 400, 400.0)
    assert span is not None
    assert span.expected == pytest.approx(0.5)
    # Each part varies by 1/8, the mean of 400 by 0.0177, of which 1.645 are reached.
    assert (span.low, span.high) == pytest.approx((0.4709, 0.5291), abs=1e-4)
    one = sum_span([half], 1.0)
    assert one is not None
    assert (one.low, one.high) == (0.0, 1.0)
    assert sum_span([], 0.0) is None


def test_share_span_of_few_facings() -> None:
    above, below = np.array([[0.9], [0.8], [0.0]]), np.ones((3, 1))
    span = share_spans(above, below, np.ones(3), np.zeros(1))[0]
    assert span is not None
    assert span.expected == pytest.approx(1.7 / 3)
    assert 1 / 3 < span.high <= 1.0
    assert share_spans(above, 0 * below, np.ones(3), np.zeros(1)) == [None]


def test_what_a_facing_may_be() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    candidates = (Candidate("A", 0.8), Candidate("B", 0.7), Candidate("C", 0.6))
    facing = Facing(box, box, 0, 0, 0, 0.9, FacingStatus.ACCEPTED, "A", 0.9, candidates)
    chances = outcomes(facing, "A")
    assert chances["A"] == 0.9
    assert chances["B"] / chances["C"] == pytest.approx(np.exp(2))
    assert sum(chances.values()) == pytest.approx(1.0)
    assert outcomes(replace(facing, candidates=()), "A")[None] == pytest.approx(0.1)
    assert outcomes(replace(facing, confidence=1.0), "A") == {"A": 1.0}


def doubtful(rng: Rng, facing: Facing, skus: list[str]) -> Facing:
    """The facing as a calibrated recogniser reads it: with some confidence, and other candidates."""
    names = [facing.sku or "", *(str(s) for s in rng.choice(skus, 4) if s != facing.sku)]
    candidates = tuple(Candidate(sku, 0.8 - 0.03 * rank) for rank, sku in enumerate(dict.fromkeys(names)))
    return replace(facing, confidence=float(rng.uniform(0.7, 1.0)), candidates=candidates)


def truth(rng: Rng, read: ShelfLayout) -> ShelfLayout:
    """What stood there, drawn from the confidences; sure and right."""
    facings = []
    for facing in read.facings:
        chances = outcomes(facing, facing.sku)
        sku = list(chances)[int(rng.choice(len(chances), p=list(chances.values())))]
        status = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
        facings.append(replace(facing, sku=sku, status=status, confidence=1.0, candidates=()))
    return replace(read, facings=tuple(facings))


def _bay(shown: ShelfLayout, planogram: Planogram) -> BayInput:
    return BayInput("bay", "Bay", (BayPhoto("p", shown),), planogram, eye_level=frozenset({1, 2}))


def visits(runs: int) -> Iterator[tuple[VisitInput, VisitInput]]:
    """Visits as read, and as they truly were."""
    rng = np.random.default_rng(5)
    for _ in range(runs):
        products = catalogue(rng)
        planogram = make_plan(rng, products)
        view = place(rng, Window(-2.0, (planogram.width_cm or 0.0) + 2.0, 0, planogram.shelves - 1))
        seen = photograph(rng, stock(products, planogram), view)
        read = replace(seen, facings=tuple(doubtful(rng, f, sorted(products)) for f in seen.facings))
        expected = frozenset(str(s) for s in rng.choice(sorted(products), 40))
        one, two = (
            VisitInput((_bay(shown, planogram),), products, expected) for shown in (read, truth(rng, read))
        )
        yield one, two


def certain(kpi: KpiValue) -> bool:
    """Nothing in it is doubtful."""
    return kpi.low == kpi.high and kpi.level == 1.0


def held_by_key(runs: int) -> dict[str, list[tuple[bool, float]]]:
    """Whether each interval held the truth, and the level it claims, by KPI; certain values are left out."""
    held: dict[str, list[tuple[bool, float]]] = {}
    for read, true in visits(runs):
        actual = {(k.key, str(k.scope)): k.value for k in assess_visit(true).kpis}
        for kpi in assess_visit(read).kpis:
            value = actual.get((kpi.key, str(kpi.scope)))
            if kpi.low is not None and kpi.high is not None and value is not None and not certain(kpi):
                hit = kpi.low - 1e-9 <= value <= kpi.high + 1e-9
                held.setdefault(kpi.key, []).append((hit, kpi.level))
    return held


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    found = {key: np.array(rows, float) for key, rows in held_by_key(60).items()}
    rates = {key: float(rows[:, 0].mean()) for key, rows in found.items()}
    for share in ("facing_share", "linear_share", "area_share", "eye_level_share"):
        assert len(found[share]) > 100
        assert 0.88 <= rates[share] <= 0.92, rates
    for credit in ("planogram_facings", "planogram_lenient"):
        assert 0.88 <= rates[credit] <= 0.95, rates
    for count in ("osa", "msl_compliance", "planogram_presence", "planogram_position", "planogram_strict"):
        levels = found[count][:, 1]
        assert 0.88 <= levels.mean() <= 0.92, (count, levels.mean())
        # Sixty visits tell a rate to about four points.
        assert abs(rates[count] - levels.mean()) <= 0.08, (count, rates)


def counted(chances: list[float]) -> tuple[float, float]:
    """How often the interval of a count holds the truth, worked out, and how often it says it does."""
    trials = len(chances)
    span = count_span(chances, float(trials))
    assert span is not None
    counts = np.arange(trials + 1) / trials
    inside = (counts >= span.low - 1e-9) & (counts <= span.high + 1e-9)
    return float(np.array(poisson_binomial(chances))[inside].sum()), span.level


@pytest.mark.parametrize("least", [0.5, 0.7, 0.9, 0.97])
@pytest.mark.parametrize("trials", [1, 2, 3, 5, 10, 20, 40, 80])
def test_counts_say_how_often_they_hold_the_truth(trials: int, least: float) -> None:
    rng = np.random.default_rng(trials)
    cases = np.array([counted(list(rng.uniform(least, 1.0, trials))) for _ in range(100)])
    assert cases[:, 0] == pytest.approx(cases[:, 1])
    doubtful_trials = trials * (1.0 - least)
    if doubtful_trials >= 3:
        assert 0.88 <= cases[:, 0].mean() <= 0.92
    # Whatever the steps, no count is further from 90 % than the nearest of them.
    assert cases[:, 0].min() >= 0.8 - 1e-9
