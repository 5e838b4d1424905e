"""Rows of a catalogue file to brands, categories and SKUs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ValidationError

from retail_exec.accounts.models import Organisation
from retail_exec.catalog.csv_import import CatalogueRow, LeftRow
from retail_exec.catalog.models import Brand, Category, Sku

UNBRANDED, UNCATEGORISED = "Unbranded", "Uncategorised"
PLAIN_FIELDS = ("gtin", "name", "size", "width_cm", "height_cm", "price")
Named = TypeVar("Named", Brand, Category)


@dataclass(slots=True)
class ProductImport:
    """How many SKUs are new or changed, and the rows left out."""

    created: int = 0
    updated: int = 0
    left: list[LeftRow] = field(default_factory=list)


def import_products(organisation: Organisation, rows: Iterable[CatalogueRow]) -> ProductImport:
    """Create or update the rows' SKUs; a row that does not fit is left out and named."""
    return _Importer(organisation).run(rows)


def mark_own(organisation: Organisation, names: Iterable[str]) -> list[LeftRow]:
    """Mark these brands as own; remarks on names that are no brand of the catalogue."""
    remarks = []
    for name in names:
        if not Brand.objects.filter(organisation=organisation, name__iexact=name).update(is_own=True):
            remarks.append(LeftRow(0, "own", f"the catalogue has no brand {name!r}."))
    return remarks


class _Importer:
    """One import: what the organisation has, by name and code, and what changes."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.skus = {sku.code: sku for sku in Sku.objects.filter(organisation=organisation)}
        self.gtins = {sku.gtin: sku.code for sku in self.skus.values() if sku.gtin}
        self.brands = {b.name.casefold(): b for b in Brand.objects.filter(organisation=organisation)}
        self.categories = {c.name.casefold(): c for c in Category.objects.filter(organisation=organisation)}
        self.new: list[Sku] = []
        self.changed: dict[str, Sku] = {}
        self.result = ProductImport()

    def run(self, rows: Iterable[CatalogueRow]) -> ProductImport:
        """All rows, then the database in a few statements."""
        for row in rows:
            self._row(row)
        Sku.objects.bulk_create(self.new)
        Sku.objects.bulk_update(
            list(self.changed.values()), [*PLAIN_FIELDS, "brand", "category"], batch_size=500
        )
        self.result.created, self.result.updated = len(self.new), len(self.changed)
        return self.result

    def _row(self, row: CatalogueRow) -> None:
        holder = self.gtins.get(row.gtin) if row.gtin else None
        if holder not in (None, row.sku):
            self._leave(row, "gtin", f"GTIN {row.gtin} belongs to SKU {holder} already.")
            return
        known = self.skus.get(row.sku)
        sku = Sku(organisation=self.organisation, code=row.sku) if known is None else known
        before = None if known is None else _values(known)
        for name in PLAIN_FIELDS:
            if (value := getattr(row, name)) not in (None, ""):
                setattr(sku, name, value)
        sku.name = sku.name or row.sku
        try:
            sku.full_clean(
                exclude=["organisation", "brand", "category"],
                validate_unique=False,
                validate_constraints=False,
            )
            self._place(sku, row, new=known is None)
        except ValidationError as wrong:
            if known is not None:
                known.refresh_from_db()
            name, messages = next(iter(wrong.message_dict.items()))
            self._leave(row, "sku" if name == "code" else name, " ".join(messages))
            return
        if row.gtin:
            self.gtins[row.gtin] = row.sku
        if known is None:
            self.skus[row.sku] = sku
            self.new.append(sku)
        elif sku.pk and _values(sku) != before:
            self.changed[sku.code] = sku

    def _place(self, sku: Sku, row: CatalogueRow, new: bool) -> None:
        if row.brand or new:
            sku.brand = self._named(Brand, self.brands, row.brand or UNBRANDED, "brand")
        if row.category or new:
            sku.category = self._named(Category, self.categories, row.category or UNCATEGORISED, "category")
        if row.own is not None and sku.brand.is_own != row.own:
            sku.brand.is_own = row.own
            sku.brand.save(update_fields=["is_own"])

    def _named(self, model: type[Named], known: dict[str, Named], name: str, field_name: str) -> Named:
        row = known.get(name.casefold())
        if row is None:
            row = model(organisation=self.organisation, name=name)
            try:
                row.full_clean(exclude=["organisation"], validate_unique=False, validate_constraints=False)
            except ValidationError as wrong:
                raise ValidationError({field_name: wrong.messages}) from wrong
            row.save()
            known[name.casefold()] = row
        return row

    def _leave(self, row: CatalogueRow, name: str, why: str) -> None:
        self.result.left.append(LeftRow(row.line, name, why))


def _values(sku: Sku) -> tuple[object, ...]:
    return (*(getattr(sku, name) for name in PLAIN_FIELDS), sku.brand_id, sku.category_id)
