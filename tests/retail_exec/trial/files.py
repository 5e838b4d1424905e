"""A rendered catalogue, its packshots, photos and labels as files, as a user has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from recognition.training.render.packs import packshot
from recognition.training.render.scene import render_scene
from tests.rendered import Plan, as_jpeg, products

PLAN: Plan = [[(spec.sku, 2, 1) for spec in products()[:4]], [(spec.sku, 2, 1) for spec in products()[4:]]]
"""Two facings of each of eight products on two shelves."""


@dataclass(frozen=True)
class Files:
    """Paths; photo shows PLAN, labels.json says where everything stands on it."""

    catalogue: Path
    packshots: Path
    photos: Path
    photo: Path
    labels: Path
    planogram: Path


def write_files(folder: Path) -> Files:
    """Write everything into ``folder``."""
    rows = [
        f"{s.sku},{s.gtin},{s.brand},{s.name.replace(',', ' ')},{s.category},{s.width_cm},{s.height_cm}"
        for s in products()
    ]
    (folder / "catalog.csv").write_text("\n".join(["sku,gtin,brand,name,category,width_cm,height_cm", *rows]))
    for name in ("packshots", "photos"):
        (folder / name).mkdir()
    for spec in products():
        Image.fromarray(packshot(spec)).save(folder / "packshots" / f"{spec.sku}.png")
    frames = [_frame(folder / "photos" / f"{seed}.jpg", seed) for seed in (1, 2)]
    (folder / "labels.json").write_text(json.dumps({"frames": frames}))
    plan = [
        f"Bay,{shelf},{position},{sku},{wide}"
        for shelf, row in enumerate(PLAN)
        for position, (sku, wide, _) in enumerate(row)
    ]
    (folder / "plan.csv").write_text("\n".join(["planogram,shelf,position,sku,facings_wide", *plan]))
    return Files(
        folder / "catalog.csv",
        folder / "packshots",
        folder / "photos",
        folder / "photos" / "1.jpg",
        folder / "labels.json",
        folder / "plan.csv",
    )


def _frame(file: Path, seed: int) -> dict[str, object]:
    seen = render_scene(seed, catalogue=products(), plan=PLAN, size=(1200, 900), angle=0.0, quality="phone")
    file.write_bytes(as_jpeg(seen.image))
    boxes = [
        {"bbox": [float(x1), float(y1), float(x2 - x1), float(y2 - y1)], "sku": sku, "shelf": int(shelf)}
        for (x1, y1, x2, y2), sku, shelf in zip(seen.boxes, seen.skus, seen.shelf, strict=True)
    ]
    return {"file": file.name, "boxes": boxes, "ignore": seen.ignore.tolist()}
