"""What people said about facings, as data sets: crops by product, to train on or held back to judge by.

Which photos are held back is decided once and for ever by the photo's content, so nothing that was ever
trained on can come into the test set, and no two crops of one photo are on both sides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import simplejpeg
from django.core.files.storage import default_storage

from recognition.models import DataSetVersion, Facing
from recognition.pipeline import Embed
from recognition.services.galleries import picture
from recognition.stages.crop import cut
from recognition.stages.decode import UnreadablePhoto, decode
from recognition.training import datasets
from recognition.training.datasets import DataSet, Item
from recognition.training.evaluate.recognition import hits, label_similarities
from recognition.types import ImageArray, RectifiedShelf
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Packshot

SHARES = {DataSetVersion.Purpose.TRAINING: 0.8, DataSetVersion.Purpose.TEST: 0.2}
FEWEST = 10
"""Held-back crops below which a test set says nothing."""
MOST_CROPS = 6
"""Crops of a product that a head is fitted with beside its packshots."""
FOLDERS = {
    Facing.Verdict.PRODUCT: "queries",
    Facing.Verdict.UNKNOWN: "unknown",
    Facing.Verdict.NOT_A_PRODUCT: "not_a_product",
}
QUALITY = 92


class Crop(NamedTuple):
    """A facing that a person judged, as a JPEG. label: the product's code, "" where it is none."""

    facing: Facing
    label: str
    photo: str
    jpeg: bytes


def part_of(photo_sha256: str) -> str:
    """Whether a photo is trained on (``training``) or held back (``test``)."""
    return datasets.part_of(photo_sha256, {str(name): share for name, share in SHARES.items()})


def judged_crops(organisation: Organisation, part: str = "") -> Iterator[Crop]:
    """The crops of facings that people judged, photo by photo. part: only training or test photos.

    A photo whose file is gone or cannot be read is left out.
    """
    rows = (
        Facing.objects.filter(run__organisation=organisation, run__current=True)
        .exclude(verdict="")
        .select_related("run__photo", "verdict_sku")
        .order_by("run__photo__sha256", "index")
    )
    for photo, group in groupby(rows, key=lambda row: row.run.photo):
        if part and part_of(photo.sha256) != part:
            continue
        facings = list(group)
        try:
            with photo.file.open("rb") as file:
                image = decode(file.read())
        except (OSError, UnreadablePhoto):
            continue
        for facing, crop in zip(facings, cut_facings(image, facings), strict=True):
            code = facing.verdict_sku.code if facing.verdict_sku else ""
            yield Crop(facing, code, photo.sha256, as_jpeg(crop))


def cut_facings(image: ImageArray, facings: Sequence[Facing]) -> list[ImageArray]:
    """The crops of one run's facings as recognition cuts them. image: the upright photo."""
    run = facings[0].run
    plane = RectifiedShelf(
        np.array(run.homography, np.float64).reshape(3, 3),
        run.rectified_width,
        run.rectified_height,
        (),
        run.rectified_confidence,
    )
    boxes, rect_boxes = (np.array([getattr(f, name) for f in facings]) for name in ("box", "rect_box"))
    return cut(image, boxes, rect_boxes, plane)


def as_jpeg(crop: ImageArray) -> bytes:
    """A crop as a JPEG file."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(crop), quality=QUALITY, colorspace="RGB"))


def export_crops(organisation: Organisation, out: Path, part: str = "") -> DataSet:
    """Write the judged crops, and the packshots of their products, into ``out`` with a manifest.

    ``queries/<sku>/``, ``gallery/<sku>/``, ``unknown/`` and ``not_a_product/``: what ``manage.py evaluate
    recognition`` and training read. Groups are photos. Raises ValueError when nobody judged anything.
    """
    items = []
    for crop in judged_crops(organisation, part):
        folder = Path(FOLDERS[Facing.Verdict(crop.facing.verdict)], quote(crop.label, safe=" "))
        name = (folder / f"{crop.photo[:16]}-{crop.facing.index}.jpg").as_posix()
        items.append(_written(out, name, crop.jpeg, crop.label, crop.photo))
    if not items:
        raise ValueError(f"Nobody has judged a facing of {organisation} yet, so there is nothing to export.")
    products = {item.label for item in items if item.label}
    shots = Packshot.objects.filter(sku__organisation=organisation, sku__code__in=products)
    for shot in shots.select_related("sku").order_by("pk"):
        name = f"gallery/{quote(shot.sku.code, safe=' ')}/{shot.sha256[:16]}.jpg"
        items.append(_written(out, name, as_jpeg(picture(shot)), shot.sku.code, f"packshot {shot.sku.code}"))
    data = DataSet(out, tuple(sorted(items)))
    datasets.write(data)
    return data


def _written(out: Path, name: str, content: bytes, label: str, group: str) -> Item:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Item(name, label, group, hashlib.sha256(content).hexdigest())


def freeze_test_set(organisation: Organisation) -> DataSetVersion | None:
    """Keep the held-back crops as they are now; the newest version is what models are judged on.

    The same crops give the version there is. None while there are fewer than ``FEWEST``.
    """
    items, stored = [], {}
    for crop in judged_crops(organisation, DataSetVersion.Purpose.TEST):
        if crop.label:
            digest = hashlib.sha256(crop.jpeg).hexdigest()
            stored[digest] = crop.jpeg
            items.append(Item(f"{digest}.jpg", crop.label, crop.photo, digest))
    if len(items) < FEWEST:
        return None
    data = DataSet(Path(), tuple(sorted(items)))
    for digest, content in stored.items():
        if not default_storage.exists(name := _place(organisation.pk, digest)):
            default_storage.save(name, BytesIO(content))
    version, _ = DataSetVersion.objects.get_or_create(
        organisation=organisation,
        purpose=DataSetVersion.Purpose.TEST,
        version=data.version,
        defaults={
            "items": [asdict(item) for item in data.items],
            "crops": len(items),
            "products": len(data.labels()),
        },
    )
    return version


def _place(organisation_id: int, digest: str) -> str:
    return f"datasets/{organisation_id}/{digest}.jpg"


def training_crops(organisation: Organisation) -> dict[str, list[ImageArray]]:
    """Up to ``MOST_CROPS`` crops a product that people named, of photos that are trained on, by SKU code."""
    found: dict[str, list[ImageArray]] = {}
    for crop in judged_crops(organisation, DataSetVersion.Purpose.TRAINING):
        if crop.label and len(found.setdefault(crop.label, [])) < MOST_CROPS:
            found[crop.label].append(decode(crop.jpeg))
    return found


def test_set(organisation: Organisation) -> DataSetVersion | None:
    """The organisation's test set as it was frozen last."""
    rows = DataSetVersion.objects.filter(organisation=organisation, purpose=DataSetVersion.Purpose.TEST)
    return rows.first()


def newest_test_sets() -> list[DataSetVersion]:
    """The test set of every organisation that has one, as it was frozen last."""
    rows = DataSetVersion.objects.filter(purpose=DataSetVersion.Purpose.TEST)
    return list(rows.order_by("organisation_id", "-pk").distinct("organisation_id"))


def measure(embed: Embed, test: DataSetVersion) -> dict[str, float]:
    """``hit1`` and ``hit5`` (0..1) of an embedding on a test set, and its number of ``crops``.

    The gallery is the organisation's whole catalogue; products no longer in it, or without a packshot, are
    left out.
    """
    shots = list(Packshot.objects.filter(sku__organisation_id=test.organisation_id).select_related("sku"))
    codes = [shot.sku.code for shot in shots]
    items = [item for item in test.items if item["label"] in codes]
    if not items:
        return {"hit1": 0.0, "hit5": 0.0, "crops": 0.0}
    crops = []
    for item in items:
        with default_storage.open(_place(test.organisation_id, item["sha256"]), "rb") as file:
            crops.append(decode(file.read()))
    gallery = embed([picture(shot) for shot in shots])
    labels, similarities = label_similarities(gallery, codes, embed(crops))
    found = hits(labels, similarities, [item["label"] for item in items])
    return {"hit1": found["hit1"], "hit5": found["hit5"], "crops": float(len(items))}
