"""Picture files to packshots: each is read and checked before it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.base import ContentFile

from recognition.stages.decode import UnreadablePhoto, decode, inspect
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.csv_import import CatalogueRow, LeftRow
from retail_exec.catalog.models import Packshot, Sku
from retail_exec.catalog.services.pictures import Folder, Picture, is_picture, open_folder, pictures


@dataclass(slots=True)
class PackshotImport:
    """How many packshots are new, and the pictures left out."""

    added: int = 0
    left: list[LeftRow] = field(default_factory=list)


def import_packshots(
    organisation: Organisation,
    source: Path,
    rows: Sequence[CatalogueRow],
    *,
    store: bool = True,
    track: Callable[[Sequence[Picture]], Iterable[Picture]] = iter,
) -> PackshotImport:
    """Keep the folder's pictures of the organisation's SKUs; one that is there already is passed over.

    rows: the catalogue, whose column ``image`` may name a SKU's picture. store: False only checks.
    Raises PackshotFolderError.
    """
    result = PackshotImport()
    folder = open_folder(source)
    skus = {sku.code: sku for sku in Sku.objects.filter(organisation=organisation)}
    named = _named_by_rows(folder, rows, result)
    known = set(Packshot.objects.filter(sku__organisation=organisation).values_list("sku__code", "sha256"))
    for picture in track(_of_skus(folder, named, set(skus), result)):
        try:
            data = picture.read()
            decode(data)  # a picture that breaks off in the middle would break the gallery later
        except UnreadablePhoto as wrong:
            result.left.append(LeftRow(0, f"packshot {picture.name}", str(wrong)))
            continue
        digest = hashlib.sha256(data).hexdigest()
        if (picture.key, digest) not in known:
            known.add((picture.key, digest))
            result.added += 1
            if store:
                _keep(skus[picture.key], data, digest)
    return result


def _named_by_rows(
    folder: Folder, rows: Iterable[CatalogueRow], result: PackshotImport
) -> dict[str, Picture]:
    """Pictures that the column ``image`` names, by their path in the folder."""
    named = {}
    for row in rows:
        if row.image:
            file = folder / row.image
            if ".." in Path(row.image).parts or not is_picture(file):
                result.left.append(
                    LeftRow(row.line, "image", f"there is no picture {row.image!r} in the folder.")
                )
            else:
                named[row.image] = Picture(row.sku, row.image, file)
    return named


def _of_skus(
    folder: Folder, named: dict[str, Picture], skus: set[str], result: PackshotImport
) -> list[Picture]:
    """The pictures that belong to a SKU; the others are left out and named."""
    found = [named.pop(picture.name, picture) for picture in pictures(folder)] + list(named.values())
    for picture in found:
        if picture.key not in skus:
            result.left.append(
                LeftRow(0, f"packshot {picture.name}", f"the catalogue has no SKU {picture.key!r}.")
            )
    return [picture for picture in found if picture.key in skus]


def _keep(sku: Sku, data: bytes, digest: str) -> None:
    packshot = Packshot(sku=sku, sha256=digest)
    packshot.image.save(f"packshot.{inspect(data).format.lower()}", ContentFile(data), save=True)
