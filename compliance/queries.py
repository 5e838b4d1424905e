"""What the current assessments say, for all who show results or hand them out."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from compliance.models import BayResult, KpiResult
from recognition.models import Facing


def of_whole_visits(kpis: QuerySet[KpiResult]) -> QuerySet[KpiResult]:
    """The values of all of a visit's shelf, and by category, brand or product of it; none of one section.

    A photo without a bay is a section too, though its values have no bay: only the scope tells them apart.
    """
    return kpis.exclude(scope__has_key="bay")


def judge(facings: Iterable[Facing]) -> list[Facing]:
    """The facings with what their visits' current assessments made of them: two queries for all.

    Each gets ``counted``, whether it is in the visit's facing share (not so: on a photo that a newer one of
    its bay replaced, seen on another photo already, no known product); ``by_plan``, whether the planogram
    chose among products too close to call, and ``plan_sku``, the code of the one it chose, else empty. They
    need ``run.photo``.
    """
    rows = list(facings)
    visits = {row.run.photo.visit_id for row in rows}
    of_visits = {"assessment__visit__in": visits, "assessment__current": True}
    shares = KpiResult.objects.filter(key="facing_share", scope={}, **of_visits)
    counted = {
        (item["run"], item["index"])
        for share in shares.select_related("assessment__evidence")
        for item in share.denominator_items
        if item["kind"] == "facing"
    }
    chosen = {
        (item["run"], item["index"]): item["sku"]
        for resolved in BayResult.objects.filter(**of_visits).values_list("resolved", flat=True)
        for item in resolved
    }
    for row in rows:
        place = (row.run_id, row.index)
        row.counted = place in counted  # type: ignore[attr-defined]
        # A person's word is above the plan's, also while the visit waits to be assessed with it.
        row.by_plan = not row.verdict and place in chosen  # type: ignore[attr-defined]
        row.plan_sku = chosen[place] if row.by_plan else ""  # type: ignore[attr-defined]
    return rows
