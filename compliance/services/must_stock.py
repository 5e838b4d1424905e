"""Which products must stand in a store on a day."""

from __future__ import annotations

from datetime import date

from retail_exec.catalog.models import MustStockList
from retail_exec.stores.models import Store


class MustStock:
    """Answers for any store and day of one organisation; its lists are loaded here, in four queries."""

    def __init__(self, organisation_id: int) -> None:
        rows = MustStockList.objects.filter(organisation_id=organisation_id)
        lists = rows.prefetch_related("chains", "regions", "items__sku")
        self._lists = [
            (
                row,
                {chain.pk for chain in row.chains.all()},
                {region.pk for region in row.regions.all()},
                frozenset(item.sku.code for item in row.items.all() if item.sku.active),
            )
            for row in lists
        ]

    def for_store(self, store: Store, day: date) -> frozenset[str]:
        """Codes of the active SKUs on the lists that apply; ``store.chain`` is looked at."""
        found: frozenset[str] = frozenset()
        for row, chains, regions, codes in self._lists:
            if (
                (not chains or store.chain_id in chains)
                and (not regions or store.region_id in regions)
                and (not row.channel or row.channel == store.chain.channel)
                and (row.effective_from is None or row.effective_from <= day)
                and (row.effective_to is None or row.effective_to >= day)
            ):
                found |= codes
        return found
