"""Boxes and labels proposed for an outside labelling tool, and what came back as people's verdicts.

The exchange format is COCO: one category a SKU and one for what is in no catalogue. Each annotation carries
the id of its facing in ``attributes``, which many tools keep; where it was lost, the box decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from recognition.models import Facing, RecognitionRun
from recognition.services.corrections import correct_facing
from recognition.services.layouts import SAME_UNIT_IOU, iou
from recognition.types import FacingStatus
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.catalog.models import Sku
from retail_exec.visits.models import Photo

UNKNOWN = "unknown"
COCO = "proposals.json"


@dataclass(slots=True)
class Imported:
    """What a corrected file said.

    confirmed: the proposal was right; changed: another product; removed: no product; added: boxes drawn anew,
    which stay in the file for training a detector; left: what was not used, and why.
    """

    confirmed: int = 0
    changed: int = 0
    removed: int = 0
    added: int = 0
    left: list[str] = field(default_factory=list)


def export_proposals(organisation: Organisation, out: Path, count: int) -> dict[str, int]:
    """Write up to ``count`` photos nobody reviewed, those with most doubt first, and their proposals.

    ``out`` gets ``photos/`` and ``proposals.json``. Returns how many photos and boxes there are. Raises
    ValueError when every photo was reviewed.
    """
    judged = Count("facings", filter=~Q(facings__verdict=""))
    unsure = Count("facings", filter=Q(facings__status=FacingStatus.AMBIGUOUS))
    runs = RecognitionRun.objects.filter(organisation=organisation, current=True, facings__isnull=False)
    chosen = list(
        runs.annotate(judged=judged, unsure=unsure)
        .filter(judged=0)
        .select_related("photo")
        .prefetch_related("facings__sku")
        .order_by("-unsure", "-pk")[:count]
    )
    if not chosen:
        raise ValueError(f"{organisation} has no recognised photo that nobody reviewed.")
    codes = Sku.objects.filter(organisation=organisation).order_by("code").values_list("code", flat=True)
    categories = {code: number for number, code in enumerate([UNKNOWN, *codes], 1)}
    (out / "photos").mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for run in chosen:
        images.append(_image(run.photo, out))
        annotations += [_annotation(facing, run.photo_id, categories) for facing in run.facings.all()]
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": code} for code, number in categories.items()],
    }
    (out / COCO).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return {"photos": len(images), "boxes": len(annotations)}


def _image(photo: Photo, out: Path) -> dict[str, Any]:
    name = f"{photo.sha256}{Path(str(photo.file.name)).suffix}"
    with photo.file.open("rb") as source:
        (out / "photos" / name).write_bytes(source.read())
    return {"id": photo.pk, "file_name": name, "width": photo.width, "height": photo.height}


def _annotation(facing: Facing, photo: int, categories: Mapping[str, int]) -> dict[str, Any]:
    x1, y1, x2, y2 = facing.box
    code = facing.sku.code if facing.sku else UNKNOWN
    return {
        "id": facing.pk,
        "image_id": photo,
        "bbox": [round(v, 1) for v in (x1, y1, x2 - x1, y2 - y1)],
        "area": round((x2 - x1) * (y2 - y1), 1),
        "iscrowd": 0,
        "category_id": categories[code],
        "score": round(facing.confidence, 4),
        "attributes": {"facing": facing.pk},
    }


@transaction.atomic
def import_labels(membership: Membership, path: Path) -> Imported:
    """Store a corrected COCO file as the member's verdicts on the facings of its photos; all or nothing.

    A facing whose box is gone is judged not a product. Raises ValueError that names the field for a file that
    is no such COCO.
    """
    content = _read(path)
    names = {row["id"]: str(row["name"]) for row in content["categories"]}
    skus = {sku.code: sku for sku in Sku.objects.filter(organisation=membership.organisation)}
    found = Imported()
    for image in content["images"]:
        boxes = [row for row in content["annotations"] if row["image_id"] == image["id"]]
        sha256 = Path(str(image["file_name"])).stem
        run = RecognitionRun.objects.filter(
            organisation=membership.organisation, current=True, photo__sha256=sha256
        ).first()
        if run is None:
            found.left.append(f"{image['file_name']}: no photo of yours with this content was recognised.")
            continue
        _judge_photo(membership, run, boxes, names, skus, found)
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    for name, fields in (
        ("images", "id file_name"),
        ("annotations", "image_id bbox category_id"),
        ("categories", "id name"),
    ):
        rows = content.get(name) if isinstance(content, dict) else None
        if not isinstance(rows, list):
            raise ValueError(f"{path}: expected a list {name!r}, as in COCO")
        for number, row in enumerate(rows):
            missing = [each for each in fields.split() if not isinstance(row, dict) or each not in row]
            if missing:
                raise ValueError(f"{path}: {name}[{number}] has no {missing[0]!r}")
    return content


def _judge_photo(
    membership: Membership,
    run: RecognitionRun,
    boxes: list[dict[str, Any]],
    names: Mapping[Any, str],
    skus: Mapping[str, Sku],
    found: Imported,
) -> None:
    """Give each facing of the run the verdict that its box has, or that its box is gone."""
    left = {facing.pk: facing for facing in run.facings.select_related("run__photo__visit", "sku")}
    for box in boxes:
        facing = _facing(left, box)
        name = names.get(box["category_id"], "")
        if facing is None:
            found.added += 1
        elif name not in skus and name != UNKNOWN:
            del left[facing.pk]
            found.left.append(
                f"facing {facing.pk}: {name or box['category_id']!r} is no SKU of your catalogue."
            )
        else:
            del left[facing.pk]
            sku = skus.get(name)
            verdict = Facing.Verdict.PRODUCT if sku else Facing.Verdict.UNKNOWN
            found.confirmed += facing.sku_id == (sku.pk if sku else None)
            found.changed += facing.sku_id != (sku.pk if sku else None)
            correct_facing(membership, facing, verdict, sku)
    for facing in left.values():
        found.removed += 1
        correct_facing(membership, facing, Facing.Verdict.NOT_A_PRODUCT, None)


def _facing(left: Mapping[int, Facing], box: Mapping[str, Any]) -> Facing | None:
    """The facing an annotation is about: the one it names, else the one it overlaps most, by half or more."""
    named = (box.get("attributes") or {}).get("facing")
    if isinstance(named, int) and named in left:
        return left[named]
    x, y, width, height = (float(value) for value in box["bbox"])
    corners = [x, y, x + width, y + height]
    best = max(left.values(), key=lambda facing: iou(facing.box, corners), default=None)
    return best if best is not None and iou(best.box, corners) >= SAME_UNIT_IOU else None
