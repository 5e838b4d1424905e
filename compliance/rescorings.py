"""What a rescoring changed: by KPI, by store, and by visit down to the lines of evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Q, Sum
from django.db.models.functions import Coalesce

from compliance.kpis.registry import REGISTRY
from compliance.models import KpiResult, PositionResult, RescoredVisit, Rescoring
from retail_exec.core.models import WorkState

POOLED = """
    SELECT {by} figure.key, sum((figure.value->>0)::numeric), sum((figure.value->>1)::numeric),
           sum((figure.value->>2)::numeric), sum((figure.value->>3)::numeric), count(*)
    FROM compliance_rescoredvisit r {join}, jsonb_each(r.figures) AS figure
    WHERE r.rescoring_id = %(rescoring)s {only}
    GROUP BY {by} figure.key
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One KPI, pooled over visits, before and after. None: not measurable."""

    key: str
    title: str
    before: float | None
    after: float | None
    visits: int

    @property
    def change(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before

    def as_json(self) -> dict[str, Any]:
        """As the command and the API give it."""
        return {
            "kpi": self.key,
            "title": self.title,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "visits": self.visits,
        }


def progress(rescoring: Rescoring) -> dict[str, int]:
    """Visits in all, those done in the present step, those set aside after three failures, and changed."""
    size = Func(F("visits"), function="cardinality", output_field=IntegerField())
    chunks = rescoring.chunks.aggregate(
        done=Coalesce(Sum(size, filter=Q(state=WorkState.DONE)), 0),
        aside=Coalesce(Sum(size, filter=Q(state=WorkState.QUARANTINED)), 0),
    )
    rows = rescoring.rescored.aggregate(
        differing=Count("pk", filter=Q(differs=True)),
        adopted=Count("pk", filter=Q(adopted=True)),
        left=Count("pk", filter=~Q(left="")),
    )
    return {"visits": rescoring.visits, **chunks, **rows}


def pooled(rescoring: Rescoring) -> list[Difference]:
    """Each KPI over all visits scored so far, in the order of the register."""
    with connection.cursor() as cursor:
        cursor.execute(POOLED.format(by="", join="", only=""), {"rescoring": rescoring.pk})
        rows = {row[0]: row for row in cursor.fetchall()}
    return [_difference(*rows[key]) for key in REGISTRY if key in rows]


def pooled_figures(rescoring: Rescoring) -> list[dict[str, Any]]:
    """``pooled`` as JSON."""
    return [row.as_json() for row in pooled(rescoring)]


def by_store(rescoring: Rescoring, key: str) -> list[dict[str, Any]]:
    """One KPI by store, the largest change first: store (id), name, difference."""
    query = POOLED.format(
        by="s.id, s.name,",
        join="JOIN visits_visit v ON v.id = r.visit_id JOIN stores_store s ON s.id = v.store_id",
        only="AND figure.key = %(key)s",
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {"rescoring": rescoring.pk, "key": key})
        rows = cursor.fetchall()
    found = [{"store": row[0], "name": row[1], "difference": _difference(*row[2:])} for row in rows]
    return sorted(found, key=lambda row: (-abs(row["difference"].change or 0), row["name"]))


def visits(rescoring: Rescoring, key: str, store: int | None = None) -> Any:
    """The visits in which the KPI came out differently, newest first."""
    rows = rescoring.rescored.filter(differs=True).select_related("visit__store__chain")
    if store is not None:
        rows = rows.filter(visit__store=store)
    changed = ~Q(**{f"figures__{key}__0": F(f"figures__{key}__2")}) | ~Q(
        **{f"figures__{key}__1": F(f"figures__{key}__3")}
    )
    return rows.filter(changed, figures__has_key=key).order_by("-visit__started_at", "pk")


@dataclass(frozen=True)
class Lines:
    """Lines of evidence that only one of two results has, as ``Evidence.lines`` gives them."""

    gone: list[dict[str, Any]]
    come: list[dict[str, Any]]


def changed_lines(row: RescoredVisit, key: str) -> dict[str, Lines]:
    """The facings and positions that made the difference to a visit's KPI, by side: "numerator",
    "denominator"."""
    results = KpiResult.objects.filter(assessment__in=(row.before_id, row.after_id), key=key, scope={})
    by_assessment = {r.assessment_id: r for r in results.select_related("assessment__evidence")}
    before, after = by_assessment.get(row.before_id), by_assessment.get(row.after_id)
    return {
        side: _compare(
            getattr(before, f"{side}_items") if before else [],
            getattr(after, f"{side}_items") if after else [],
        )
        for side in ("numerator", "denominator")
    }


def changed_positions(row: RescoredVisit) -> list[tuple[PositionResult | None, PositionResult | None]]:
    """Planned positions whose status differs; None where only one of the plans has the position."""
    related = ("planned__sku__brand", "planned__planogram", "bay", "substituted_by")
    sides: list[dict[tuple[int, int], PositionResult]] = []
    for assessment in (row.before_id, row.after_id):
        found = PositionResult.objects.filter(assessment=assessment).select_related(*related)
        sides.append({(r.bay_id, r.planned_id): r for r in found})
    before, after = sides
    pairs = [(before.get(at), after.get(at)) for at in sorted({*before, *after})]
    return [(b, a) for b, a in pairs if not (b and a and b.status == a.status and b.credit == a.credit)]


def _compare(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> Lines:
    old, new = (Counter(tuple(sorted(line.items(), key=_name)) for line in side) for side in (before, after))
    return Lines(
        [dict(line) for line in (old - new).elements()], [dict(line) for line in (new - old).elements()]
    )


def _name(pair: tuple[str, Any]) -> str:
    return pair[0]


def _difference(key: str, above: Any, below: Any, new_above: Any, new_below: Any, count: int) -> Difference:
    title = REGISTRY[key].title if key in REGISTRY else key
    return Difference(key, title, _ratio(above, below), _ratio(new_above, new_below), count)


def _ratio(above: Any, below: Any) -> float | None:
    return float(above) / float(below) if below else None


def of_visit(row: RescoredVisit, key: str) -> Difference:
    """One KPI of one visit, before and after."""
    before, below, after, new_below = row.figures.get(key, (None, None, None, None))
    return _difference(key, before, below, after, new_below, 1)
