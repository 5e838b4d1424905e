"""How fast the overview's figures come from the roll-ups, and from the results themselves."""

from __future__ import annotations

from math import isclose
from typing import Any

from retail_exec.accounts.models import Membership, Organisation
from retail_exec.benchmarks.figures import Figure, quickest
from retail_exec.benchmarks.made_up import Tick, made_up
from retail_exec.dashboards import queries, sums
from retail_exec.dashboards.filters import MEASURES, PLACES
from retail_exec.reports.queries import pooled
from retail_exec.visits.models import Visit

GOAL_SECONDS = 1.0
RUNS = 5
DAYS = 365
TOLERANCE = 1e-5
"""The sums keep four decimals of each visit's numbers."""


def measure(visits: int, tick: Tick) -> list[Figure]:
    """A year of visits: every figure of the overview both ways, the best of some runs each."""
    with made_up(visits, stores=max(1, min(500, visits // 12)), days=DAYS, tick=tick) as organisation:
        asked = _asked(organisation)
        seconds, mine = quickest(lambda: _from_sums(asked), RUNS)
        peer_seconds, theirs = quickest(lambda: _from_results(asked), RUNS)
        differing = sum(not isclose(mine[name], theirs[name], abs_tol=TOLERANCE) for name in theirs)
        return [
            Figure(
                "overview from the roll-ups",
                round(seconds, 4),
                "s",
                GOAL_SECONDS,
                "from the results",
                round(peer_seconds, 4),
            ),
            Figure("figures compared", len(theirs), "figures", len(mine)),
            Figure("figures that differ", differing, "figures", 0),
        ]


def _asked(organisation: Organisation) -> queries.Asked:
    member = Membership.objects.filter(organisation=organisation).first()
    if member is None:
        raise RuntimeError(f"{organisation} has no members")
    member.role = "manager"
    return queries.Asked(member, Visit.objects.filter(organisation=organisation))


def _from_sums(asked: queries.Asked) -> dict[Any, float]:
    found: dict[Any, float] = {}
    for key in MEASURES:
        for place in ("store", "chain", "region"):
            found |= {(key, place, row["pk"]): row["value"] for row in sums.by(asked, key, place)}
        found.update(((key, "all", None), row["value"]) for row in sums.pool(asked, key))
    for key, rows in sums.over_time(asked, "day").items():
        found |= {(key, "day", row["start"]): row["value"] for row in rows}
    return {name: value for name, value in found.items() if value is not None}


def _from_results(asked: queries.Asked) -> dict[Any, float]:
    found: dict[Any, Any] = {}
    visit = "assessment__visit__"
    for key in MEASURES:
        rows = queries.results(asked, key)
        for place in ("store", "chain", "region"):
            path = visit + PLACES[place]
            found |= {(key, place, row[path]): row["pooled_value"] for row in pooled(rows, path)}
        whole = pooled(rows, "assessment__organisation")
        found.update(((key, "all", None), row["pooled_value"]) for row in whole)
        day = visit + "started_at__date"
        found |= {(key, "day", row[day]): row["pooled_value"] for row in pooled(rows, day)}
    return {name: value for name, value in found.items() if value is not None}
