"""A file of stores becomes chains, regions, stores and bays: what is good comes in, the rest is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from compliance.importers.values import LeftRow
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Category
from retail_exec.stores.csv_import import BayRow, StoreRow, StoresFile, parse
from retail_exec.stores.models import Bay, Chain, Channel, Region, Store

BATCH = 1000


@dataclass
class StoresImport:
    """What came of a file, or would come of it. chains, regions: names of new ones. left: rows left out, and
    why. remarks: brought in, but worth a look."""

    stores_added: int = 0
    stores_changed: int = 0
    bays_added: int = 0
    bays_changed: int = 0
    chains_changed: int = 0
    chains: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    left: list[LeftRow] = field(default_factory=list)
    remarks: list[LeftRow] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many stores and bays are new or changed, and chains changed."""
        names = ("stores_added", "stores_changed", "bays_added", "bays_changed", "chains_changed")
        return {name: getattr(self, name) for name in names}

    @property
    def changes(self) -> int:
        """All of them together."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """As the command and the API give it."""

        def rows(lines: list[LeftRow]) -> list[dict[str, Any]]:
            return [{"line": row.line, "field": row.field, "why": row.why} for row in lines]

        new = {"chains": self.chains, "regions": self.regions}
        return {**self.counts, **new, "left": rows(self.left), "remarks": rows(self.remarks)}


@transaction.atomic
def import_stores(organisation: Organisation, data: bytes, *, dry_run: bool = False) -> StoresImport:
    """Store what a file says: all of its good rows, or nothing if it cannot be read.

    A store that is there (same code) and a bay that is there (same name in the store) get what the file says
    of them; empty cells leave them as they are. Nothing is ever deleted. Raises StoresFileError.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    outcome = _Importer(organisation, parse(data)).run()
    transaction.set_rollback(dry_run)
    return outcome


class _Importer:
    """One file for one organisation, in a constant number of queries for every batch of rows."""

    def __init__(self, organisation: Organisation, file: StoresFile) -> None:
        self.organisation = organisation
        self.file = file
        self.outcome = StoresImport(left=list(file.left))
        self.chains = self._by_name(Chain)
        self.regions = self._by_name(Region)
        self.categories = self._by_name(Category)
        mine = Store.objects.filter(organisation=organisation).select_related("chain")
        self.stores = {row.code: row for row in mine}

    def run(self) -> StoresImport:
        """Everything, stores before their bays."""
        done = [row for row in self.file.stores if self._store(row)]
        added = [self.stores[row.code] for row in done if self.stores[row.code].pk is None]
        changed = [self.stores[row.code] for row in done if self.stores[row.code].pk is not None]
        Store.objects.bulk_create(added, batch_size=BATCH)
        moved = [store for store in changed if getattr(store, "moved", False)]
        Store.objects.bulk_update(moved, ["name", "chain", "region", "address"], batch_size=BATCH)
        self.outcome.stores_added, self.outcome.stores_changed = len(added), len(moved)
        self._bays(done)
        self.outcome.left.sort(key=lambda row: row.line)
        return self.outcome

    def _by_name(self, model: Any) -> dict[str, Any]:
        return {row.name.casefold(): row for row in model.objects.filter(organisation=self.organisation)}

    def _store(self, row: StoreRow) -> bool:
        """Put the row into ``stores``; False where it cannot be used."""
        store = self.stores.get(row.code)
        if store is None:
            lacking = [name for name in ("chain", "region") if not getattr(row, name)]
            if lacking:
                return self._leave(row, lacking[0], f"is empty; the new store {row.code} needs one.")
            store = Store(organisation=self.organisation, code=row.code, name=row.name or row.code)
        before = (store.name, store.chain_id, store.region_id, store.address)
        if row.chain or row.channel:
            store.chain = self._chain(row, store)
        if row.region:
            store.region = self._named(Region, self.regions, row.region, self.outcome.regions)
        store.name, store.address = row.name or store.name, row.address or store.address
        store.moved = before != (store.name, store.chain_id, store.region_id, store.address)  # type: ignore[attr-defined]
        self.stores[row.code] = store
        return True

    def _chain(self, row: StoreRow, store: Store) -> Chain:
        """The row's chain, else the store's own, with the channel that the file gives it."""
        if row.chain:
            channel = row.channel or Channel.MODERN
            chain = self._named(Chain, self.chains, row.chain, self.outcome.chains, channel=channel)
        else:
            chain = self.chains[store.chain.name.casefold()]
        if row.channel and chain.channel != row.channel:
            why = f"{chain} was {chain.get_channel_display().lower()}; all of its stores change with it."
            self.outcome.remarks.append(LeftRow(row.line, "channel", why))
            self.outcome.chains_changed += 1
            chain.channel = row.channel
            chain.save(update_fields=["channel"])
        return chain

    def _named(self, model: Any, known: dict[str, Any], name: str, new: list[str], **more: Any) -> Any:
        row = known.get(name.casefold())
        if row is None:
            row = model.objects.create(organisation=self.organisation, name=name, **more)
            known[name.casefold()] = row
            new.append(name)
        return row

    def _bays(self, rows: Iterable[StoreRow]) -> None:
        stores = {self.stores[row.code].pk: row for row in rows}
        known = {
            (bay.store_id, bay.name.casefold()): bay
            for bay in Bay.objects.filter(store__organisation=self.organisation)
            if bay.store_id in stores
        }
        added, changed = [], []
        for store, row in stores.items():
            for found in row.bays.values():
                bay = known.get((store, found.name.casefold()))
                wanted = bay or Bay(store_id=store, name=found.name)
                before = _of(wanted)
                if not self._filled(wanted, found):
                    continue
                if bay is None:
                    added.append(wanted)
                elif before != _of(wanted):
                    changed.append(wanted)
        Bay.objects.bulk_create(added, batch_size=BATCH)
        fields = ["category", "width_cm", "eye_level_from", "eye_level_to"]
        Bay.objects.bulk_update(changed, fields, batch_size=BATCH)
        self.outcome.bays_added, self.outcome.bays_changed = len(added), len(changed)

    def _filled(self, bay: Bay, found: BayRow) -> bool:
        if found.category:
            category = self.categories.get(found.category.casefold())
            if category is None:
                return self._leave(
                    found, "category", f"found {found.category!r}, which is no category of the catalogue."
                )
            bay.category = category
        if found.width_cm is not None:
            bay.width_cm = found.width_cm
        if found.eye_level is not None:
            bay.eye_level_from, bay.eye_level_to = found.eye_level
        return True

    def _leave(self, row: StoreRow | BayRow, field: str, why: str) -> bool:
        self.outcome.left.append(LeftRow(row.line, field, why))
        return False


def _of(bay: Bay) -> tuple[Any, ...]:
    return bay.category_id, bay.width_cm, bay.eye_level_from, bay.eye_level_to
