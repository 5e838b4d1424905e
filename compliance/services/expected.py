"""Which stores must have which products on a day, visited or not: by must-stock lists and planograms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from compliance.models import PlanogramPosition
from compliance.services.definitions import active_definitions
from compliance.services.must_stock import MustStock
from compliance.services.plans import PlansInForce
from retail_exec.stores.models import Bay, Store


def stores_expecting(organisation_id: int, stores: Iterable[Store], day: date) -> dict[str, set[int]]:
    """Ids of the stores by the code of each product that they should have on ``day``.

    What makes a product expected is the option of ``sku_availability`` in the definitions in use. Looks at
    ``store.chain``: select it.
    """
    options = active_definitions(organisation_id).options.get("sku_availability", {})
    expected = options.get("expected", "both")
    found: dict[str, set[int]] = defaultdict(set)
    rows = list(stores)
    if expected in ("both", "list"):
        lists = MustStock(organisation_id)
        for store in rows:
            for code in lists.for_store(store, day):
                found[code].add(store.pk)
    if expected in ("both", "planogram"):
        for code, planned in _planned(organisation_id, rows, day).items():
            found[code] |= planned
    return dict(found)


def _planned(organisation_id: int, stores: list[Store], day: date) -> dict[str, set[int]]:
    """The stores of each product that a plan in force has a place for."""
    plans = PlansInForce(organisation_id)
    of_plan: dict[int, set[int]] = defaultdict(set)
    for bay in Bay.objects.filter(store__in=[store.pk for store in stores]):
        plan = plans.for_bay(bay, day)
        if plan is not None:
            of_plan[plan.pk].add(bay.store_id)
    found: dict[str, set[int]] = defaultdict(set)
    places = PlanogramPosition.objects.filter(planogram__in=list(of_plan)).order_by()
    for plan_id, code in places.values_list("planogram_id", "sku__code").distinct():
        found[code] |= of_plan[plan_id]
    return found
