"""The sums that dashboards read, kept true in the transaction that changes which results count.

A cell (store, day, auditor) is summed anew from its visits' current assessments, by the very statements that
make all cells: an update and a recompute cannot differ. Spells are made anew for a whole store. The
statements are put together from the constants of this file alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from compliance.kpis.uncertainty import LEVEL
from retail_exec.core.locks import lock_sums
from retail_exec.visits.models import Visit

DAY = "(v.started_at AT TIME ZONE %(zone)s)::date"
GRAIN = f"v.organisation_id, {DAY}, v.store_id, v.auditor_id"
VISITS = "JOIN compliance_assessment a ON a.visit_id = v.id AND a.current"
WIDTH = 3.2897
"""Standard deviations between the ends of a 90 % interval."""
STEP = f"CASE WHEN k.level = {LEVEL} OR (k.level = 1 AND k.low = k.high) THEN 0 ELSE 1 END"
"""A doubtful count, which says the level of its own interval, reaches half a step beyond either end of it."""
CELLS = "(SELECT * FROM unnest(%(stores)s, %(days)s, %(auditors)s))"
IN_CELLS = f"(v.store_id, {DAY}, v.auditor_id) IN {CELLS}"
CELL_ROWS = f"(store_id, day, auditor_id) IN {CELLS}"


@dataclass(frozen=True, slots=True)
class Sums:
    """A table of sums. columns: those that are compared and written. fresh: the rows as they should be, with
    ``{where}`` for which visits. target: which stored rows those replace."""

    table: str
    columns: str
    fresh: str
    of_cells: str
    target: str


KPIS = Sums(
    "compliance_kpirollup",
    "organisation_id, day, store_id, auditor_id, visits, key, bay, category_id, brand_id, numerator, "
    "denominator, expected, variance, covered, coverages",
    # Values that can be pooled: shares of the whole visit by category and brand, and totals of single bays.
    f"""
    SELECT {GRAIN}, count(*), k.key, coalesce((k.scope->>'bay')::bigint, 0), k.category_id, k.brand_id,
           sum(round(k.numerator::numeric, 4)), sum(round(k.denominator::numeric, 4)),
           sum(round((coalesce(k.expected, k.value, 0) * k.denominator)::numeric, 4)),
           sum(round((coalesce(((k.high - k.low) * k.denominator + {STEP}) / {WIDTH}, 0) ^ 2)::numeric, 6)),
           coalesce(sum(round(k.coverage::numeric, 4)), 0), count(k.coverage)
    FROM visits_visit v {VISITS}
    JOIN compliance_kpiresult k ON k.assessment_id = a.id
    WHERE {{where}} AND k.unit = 'share' AND k.scope - ARRAY['category', 'brand', 'bay'] = '{{{{}}}}'
      AND NOT (k.scope ? 'category' AND k.category_id IS NULL)
      AND NOT (k.scope ? 'brand' AND k.brand_id IS NULL)
      AND (NOT k.scope ? 'bay'
           OR k.scope->>'bay' ~ '^[0-9]+$' AND k.category_id IS NULL AND k.brand_id IS NULL)
    GROUP BY {GRAIN}, k.key, k.scope->>'bay', k.category_id, k.brand_id
    """,  # noqa: S608
    IN_CELLS,
    CELL_ROWS,
)
SKUS = Sums(
    "compliance_skurollup",
    "organisation_id, day, store_id, auditor_id, visits, sku_id, facings, width, expected, present, missing",
    f"""
    SELECT {GRAIN}, count(*), f.sku_id, sum(f.facings), sum(f.width), sum(f.expected), sum(f.present),
           sum(f.missing)
    FROM visits_visit v {VISITS}
    JOIN compliance_skufact f ON f.assessment_id = a.id
    WHERE {{where}}
    GROUP BY {GRAIN}, f.sku_id
    """,  # noqa: S608
    IN_CELLS,
    CELL_ROWS,
)
SPELLS = Sums(
    "compliance_spell",
    "organisation_id, store_id, sku_id, since, last_missing, until, visits, latest_id",
    # Each time a product is seen begins an island; its absences are one spell, ended by the next island.
    f"""
    SELECT organisation_id, store_id, sku_id, since, last_missing, until, absences, latest
    FROM (
        SELECT organisation_id, store_id, sku_id,
               min(at) FILTER (WHERE NOT seen) AS since,
               max(at) FILTER (WHERE NOT seen) AS last_missing,
               lead(min(at) FILTER (WHERE seen)) OVER (
                   PARTITION BY organisation_id, store_id, sku_id ORDER BY island
               ) AS until,
               count(*) FILTER (WHERE NOT seen) AS absences,
               (array_agg(oos ORDER BY at DESC, visit DESC) FILTER (WHERE NOT seen))[1] AS latest
        FROM (
            SELECT v.organisation_id, v.store_id, f.sku_id, v.started_at AS at, v.id AS visit, o.id AS oos,
                   f.present > 0 AS seen,
                   count(*) FILTER (WHERE f.present > 0) OVER (
                       PARTITION BY v.store_id, f.sku_id ORDER BY v.started_at, f.present > 0, v.id
                       ROWS UNBOUNDED PRECEDING
                   ) AS island
            FROM visits_visit v {VISITS}
            JOIN compliance_skufact f ON f.assessment_id = a.id AND (f.present > 0 OR f.missing > 0)
            LEFT JOIN compliance_outofstock o ON o.assessment_id = a.id AND o.sku_id = f.sku_id
            WHERE {{where}}
        ) seen_or_not
        GROUP BY organisation_id, store_id, sku_id, island
    ) islands
    WHERE absences > 0
    """,  # noqa: S608
    "v.store_id = ANY(%(stores)s)",
    "store_id = ANY(%(stores)s)",
)
TABLES = (KPIS, SKUS, SPELLS)
OF_ORGANISATIONS = "organisation_id = ANY(%(organisations)s)"
EVERYTHING = "v.organisation_id = ANY(%(organisations)s)"


@transaction.atomic
def refresh(visits: Iterable[int]) -> None:
    """Sum the cells of these visits anew; call in the transaction that changed which results count."""
    refresh_cells(Visit.objects.filter(pk__in=list(visits)))


@transaction.atomic
def refresh_cells(visits: Iterable[Visit]) -> None:
    """Sum the cells that these visits are in, or were in before they were deleted."""
    rows = list(visits)
    if not rows:
        return
    lock_sums(row.store_id for row in rows)
    with connection.cursor() as cursor:
        cells = _values(
            stores=[row.store_id for row in rows],
            moments=[row.started_at for row in rows],
            auditors=[row.auditor_id for row in rows],
        )
        cursor.execute(
            "SELECT array_agg((m AT TIME ZONE %(zone)s)::date ORDER BY n)"
            " FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS u (m, n)",
            cells,
        )
        cells["days"] = cursor.fetchone()[0]
        for sums in TABLES:
            _replace(cursor, sums, sums.target, sums.of_cells, cells)


def leave(sender: type[Visit], instance: Visit, **kwargs: Any) -> None:
    """A deleted visit leaves its cell; receives the signal."""
    refresh_cells([instance])


@transaction.atomic
def rebuild(organisations: list[int]) -> None:
    """Make all sums of these organisations anew."""
    values = _values(organisations=organisations)
    stores = Visit.objects.filter(organisation__in=organisations).values_list("store_id", flat=True)
    lock_sums(stores.order_by().distinct())
    with connection.cursor() as cursor:
        for sums in TABLES:
            _replace(cursor, sums, OF_ORGANISATIONS, EVERYTHING, values)


def differences(organisations: list[int]) -> dict[str, int]:
    """By table, how many rows differ from what a recompute gives; all 0 when the sums are true."""
    found = {}
    with connection.cursor() as cursor:
        for sums in TABLES:
            stored = f"SELECT {sums.columns} FROM {sums.table} WHERE {OF_ORGANISATIONS}"  # noqa: S608
            fresh = sums.fresh.format(where=EVERYTHING)
            both = f"({stored} EXCEPT ALL {fresh}) UNION ALL (SELECT * FROM ({fresh}) f EXCEPT ALL {stored})"  # noqa: S608
            cursor.execute(
                f"SELECT count(*) FROM ({both}) differing",  # noqa: S608
                _values(organisations=organisations),
            )
            found[sums.table] = cursor.fetchone()[0]
    return found


def _replace(cursor: Any, sums: Sums, target: str, where: str, values: dict[str, Any]) -> None:
    cursor.execute(f"DELETE FROM {sums.table} WHERE {target}", values)  # noqa: S608
    fresh = sums.fresh.format(where=where)
    cursor.execute(f"INSERT INTO {sums.table} ({sums.columns}) {fresh}", values)


def _values(**values: Any) -> dict[str, Any]:
    return {"zone": settings.TIME_ZONE, **values}
