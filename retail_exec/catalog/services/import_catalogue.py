"""A catalogue file and packshots become products: what is good comes in, the rest is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from recognition.tasks import refresh_gallery_task
from retail_exec.accounts.models import Organisation
from retail_exec.catalog import csv_import
from retail_exec.catalog.csv_import import LeftRow
from retail_exec.catalog.services.packshots import PackshotImport, import_packshots
from retail_exec.catalog.services.products import import_products, mark_own
from retail_exec.catalog.services.references import Track
from retail_exec.core.queue import enqueue


@dataclass(frozen=True, slots=True)
class CatalogueImport:
    """What came of it. left: rows and pictures not imported, and why. remarks: imported, but worth a look."""

    created: int = 0
    updated: int = 0
    packshots_added: int = 0
    left: list[LeftRow] = field(default_factory=list)
    remarks: list[LeftRow] = field(default_factory=list)


def import_catalogue(
    organisation: Organisation,
    catalogue: bytes,
    packshots: Path | None = None,
    own: Iterable[str] = (),
    *,
    dry_run: bool = False,
    track: Track = iter,
) -> CatalogueImport:
    """Bring in products and packshots, all good ones in one transaction; the gallery follows on commit.

    catalogue: the CSV file's bytes. packshots: a folder or ZIP file. own: names of own brands. A product that
    is there already (same code) gets what the file says of it; columns the file lacks stay as they are.
    Raises CatalogueFileError and PackshotFolderError when a file cannot be read at all.
    """
    parsed = csv_import.parse(catalogue)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        products = import_products(organisation, parsed.rows)
        unknown_brands = mark_own(organisation, own)
        pictures = PackshotImport()
        if packshots is not None:
            pictures = import_packshots(organisation, packshots, parsed.rows, store=not dry_run, track=track)
        if pictures.added:
            enqueue(refresh_gallery_task, organisation.pk)
        transaction.set_rollback(dry_run)
    return CatalogueImport(
        products.created,
        products.updated,
        pictures.added,
        sorted([*parsed.left, *products.left, *pictures.left], key=lambda row: row.line),
        [*parsed.remarks, *unknown_brands, *pictures.remarks],
    )
