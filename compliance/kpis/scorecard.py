"""The perfect store: a weighted score over other KPIs of the visit."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kpis.context import Context
from compliance.kpis.registry import REGISTRY, Options, kpi
from compliance.targets import Pillar, Scorecard
from compliance.types import EvidenceItem, KpiValue


@kpi(
    "perfect_store",
    "Perfect store",
    "share",
    "Weighted score of the scorecard's pillars, each measured against its target. A pillar that could not be "
    "assessed is left out, and the others weigh more.",
    pillar=False,
    last=True,
)
def perfect_store(context: Context, options: Options) -> Iterator[KpiValue]:
    card = context.visit.targets.scorecard
    if card is None:
        return
    values = {p.kpi: _value(context, p) for p in card.pillars}
    told = [(p, value) for p in card.pillars if (value := values[p.kpi]) is not None]
    lines = [(p, value, _score(card, p, value.value)) for p, value in told]
    whole, weighed = sum(p.weight for p in card.pillars), sum(p.weight for p, _ in told)
    known = any(value.low is not None for _, value in told)
    low, high, expected = (
        _sum(card, told, end) / weighed if known else None for end in ("low", "high", "expected")
    )
    yield KpiValue(
        key="perfect_store",
        numerator=sum(p.weight * score for p, _, score in lines),
        denominator=weighed,
        scope={},
        coverage=sum(p.weight * (1.0 if v.coverage is None else v.coverage) for p, v in told) / whole,
        low=low,
        high=high,
        expected=expected if card.proportional else None,
        numerator_items=tuple(_item(p, value, p.weight * score) for p, value, score in lines if score),
        denominator_items=tuple(_item(p, value, p.weight) for p, value, _ in lines),
        note=_note(card, [p for p in card.pillars if values[p.kpi] is None], whole),
    )


def _value(context: Context, pillar: Pillar) -> KpiValue | None:
    """The pillar's KPI for the whole visit, None while not assessed."""
    value: KpiValue | None = context.cache.get(("visit", pillar.kpi))
    return value if value is not None and value.value is not None else None


def _score(card: Scorecard, pillar: Pillar, value: float | None) -> float:
    """0..1."""
    if value is None:
        return 0.0
    reached = value >= pillar.target - 1e-9
    return min(value / pillar.target, 1.0) if card.proportional else float(reached)


def _sum(card: Scorecard, told: list[tuple[Pillar, KpiValue]], end: str) -> float:
    """Weighted scores at one end of all pillars' intervals: as if their errors went together, which makes the
    interval rather too wide than too narrow."""
    total = 0.0
    for pillar, value in told:
        at: float | None = getattr(value, end)
        total += pillar.weight * _score(card, pillar, value.value if at is None else at)
    return total


def _item(pillar: Pillar, value: KpiValue, weight: float) -> EvidenceItem:
    said = f"{_title(pillar)}: {value.value:.1%}, target {pillar.target:.1%}, weight {pillar.weight:g}"
    return EvidenceItem(weight, note=said, kpi=pillar.kpi)


def _title(pillar: Pillar) -> str:
    known = REGISTRY.get(pillar.kpi)
    return pillar.name or (known.title if known else pillar.kpi)


def _note(card: Scorecard, left: list[Pillar], whole: float) -> str:
    said = f"Scorecard {card.name}, version {card.version}"
    said += ", in proportion to the targets." if card.proportional else ", all or nothing."
    if left:
        names = ", ".join(_title(p) for p in left)
        share = sum(p.weight for p in left) / whole
        said += f" Not assessed and left out ({share:.0%} of the weight, spread over the others): {names}."
    return said
