"""Picture files to packshots: each is read and checked before it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.base import ContentFile

from compliance.importers.values import LeftRow
from recognition.stages.decode import inspect
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.csv_import import CatalogueRow
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.catalog.services.pictures import Folder, Picture, is_picture, open_folder, pictures
from retail_exec.catalog.services.references import References, Track


@dataclass(slots=True)
class PackshotImport:
    """How many packshots are new, the pictures left out, and what is worth a look."""

    added: int = 0
    left: list[LeftRow] = field(default_factory=list)
    remarks: list[LeftRow] = field(default_factory=list)


def import_packshots(
    organisation: Organisation,
    source: Path,
    rows: Sequence[CatalogueRow],
    *,
    store: bool = True,
    track: Track = iter,
) -> PackshotImport:
    """Keep the folder's pictures of the organisation's SKUs; one that is there already is passed over.

    A picture whose name says no SKU is that of the SKU with the GTIN of its barcode, or of the barcode beside
    it in its folder. rows: the catalogue, whose column ``image`` may name a SKU's picture. store: False only
    checks. Raises PackshotFolderError.
    """
    result = PackshotImport()
    folder = open_folder(source)
    skus = {sku.code: sku for sku in Sku.objects.filter(organisation=organisation)}
    known = set(Packshot.objects.filter(sku__organisation=organisation).values_list("sku__code", "sha256"))
    references = References({sku.code: sku.gtin for sku in skus.values()}, result.left, result.remarks)
    for picture in references.choose(pictures_of(folder, rows, result.left), track):
        data = picture.read()
        digest = hashlib.sha256(data).hexdigest()
        if (picture.key, digest) not in known:
            known.add((picture.key, digest))
            result.added += 1
            if store:
                _keep(skus[picture.key], data, digest)
    return result


def pictures_of(folder: Folder, rows: Iterable[CatalogueRow], left: list[LeftRow]) -> list[Picture]:
    """The folder's pictures, those that a row's ``image`` names with its SKU as their key.

    Rows whose picture is not there are added to ``left``.
    """
    named = _named_by_rows(folder, rows, left)
    return [named.pop(picture.name, picture) for picture in pictures(folder)] + list(named.values())


def _named_by_rows(folder: Folder, rows: Iterable[CatalogueRow], left: list[LeftRow]) -> dict[str, Picture]:
    """Pictures that the column ``image`` names, by their path in the folder."""
    named = {}
    for row in rows:
        if row.image:
            file = folder / row.image
            if ".." in Path(row.image).parts or not is_picture(file):
                why = f"there is no picture {row.image!r} in the folder."
                left.append(LeftRow(row.line, "image", why))
            else:
                named[row.image] = Picture(row.sku, row.image, file)
    return named


def _keep(sku: Sku, data: bytes, digest: str) -> None:
    packshot = Packshot(sku=sku, sha256=digest)
    packshot.image.save(f"packshot.{inspect(data).format.lower()}", ContentFile(data), save=True)
