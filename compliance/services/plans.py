"""Which planogram holds for a bay on a day.

The nearest word counts: a plan given to the bay itself, then what is assigned to bays of its name in its
store, in a cluster of its store, in its chain. Of several at one level, the latest to start that is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.models import Planogram, PlanogramAssignment
from retail_exec.stores.models import Bay, Cluster, Store

LEVELS = ("bay", "store", "cluster", "chain")
"""What a planogram may be given to, the most particular first."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The plan that holds for a bay. level: of ``LEVELS``, why it does."""

    planogram: Planogram
    level: str


class PlansInForce:
    """Answers for any bay and day of one organisation; everything is loaded here, in five queries."""

    def __init__(self, organisation_id: int) -> None:
        plans = list(Planogram.objects.filter(organisation_id=organisation_id, draft=False).defer("unplaced"))
        by_id = {plan.pk: plan for plan in plans}
        self._of_bay: dict[int, list[Planogram]] = {}
        own = Planogram.bays.through.objects.filter(planogram__organisation_id=organisation_id)
        for plan_id, bay_id in own.values_list("planogram_id", "bay_id"):
            if plan_id in by_id:
                self._of_bay.setdefault(bay_id, []).append(by_id[plan_id])
        named: dict[str, list[Planogram]] = {}
        for plan in plans:
            named.setdefault(plan.name, []).append(plan)
        self._assigned: dict[tuple[str, int, str], list[Planogram]] = {}
        for row in PlanogramAssignment.objects.filter(organisation_id=organisation_id):
            target: Any = getattr(row, f"{row.kind}_id")
            key = (row.kind, target, row.bay.casefold())
            self._assigned.setdefault(key, []).extend(named.get(row.planogram, ()))
        self._clusters: dict[int, list[int]] = {}
        members = Cluster.stores.through.objects.filter(cluster__organisation_id=organisation_id)
        for cluster, store in members.order_by("cluster_id").values_list("cluster_id", "store_id"):
            self._clusters.setdefault(store, []).append(cluster)
        stores = Store.objects.filter(
            organisation_id=organisation_id, chain__planogramassignment__isnull=False
        )
        self._chains = dict(stores.values_list("pk", "chain_id"))

    def for_bay(self, bay: Bay, day: date) -> Planogram | None:
        """The planogram in force, None where there is none."""
        found = self.explain(bay, day)
        return found.planogram if found else None

    def explain(self, bay: Bay, day: date) -> InForce | None:
        """The planogram in force with why it is, None where there is none."""
        for level, plans in self._levels(bay):
            if plan := latest_in_force(plans, day):
                return InForce(plan, level)
        return None

    def _levels(self, bay: Bay) -> Iterator[tuple[str, list[Planogram]]]:
        name = bay.name.casefold()
        yield "bay", self._of_bay.get(bay.pk, [])
        yield "store", self._assigned.get(("store", bay.store_id, name), [])
        clusters = self._clusters.get(bay.store_id, ())
        yield "cluster", [plan for c in clusters for plan in self._assigned.get(("cluster", c, name), ())]
        yield "chain", self._assigned.get(("chain", self._chains.get(bay.store_id, 0), name), [])


def latest_in_force(plans: list[Planogram], day: date) -> Planogram | None:
    """Of the plans in force on ``day``, the latest to start; of those that start together, the latest to come
    in. One without a first day has always been in force."""
    valid = [
        plan
        for plan in plans
        if (plan.effective_from is None or plan.effective_from <= day)
        and (plan.effective_to is None or plan.effective_to >= day)
    ]
    return max(valid, key=lambda plan: (plan.effective_from or date.min, plan.pk), default=None)
