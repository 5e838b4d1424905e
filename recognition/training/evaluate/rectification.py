"""What rectifying gains on photos taken at an angle: rows and linear shares before and after. No torch.

Rendered photos know the truth. Their true boxes are used, so that only the geometry is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from recognition.stages.lines import find_segments
from recognition.stages.rectify import rectify, rectify_boxes
from recognition.stages.shelves import find_rows
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.scene import render_scene
from recognition.training.render.truth import RenderedPhoto

Boxes = NDArray[np.float64]
FEWEST = 8
"""Photos with fewer facings are left out."""


def row_agreement(found: NDArray[np.int_], truth: NDArray[np.int_]) -> float:
    """Share of facings in the found row that best answers their true one, rows paired one to one; 0..1."""
    table = np.zeros((found.max() + 1, truth.max() + 1))
    np.add.at(table, (found, truth), 1)
    return float(table[linear_sum_assignment(-table)].sum() / len(found))


def share_error(widths: Sequence[float], truth: Sequence[float], brands: Sequence[str]) -> float:
    """Mean absolute difference, in points, between brands' shares of measured and of true width."""
    shares = []
    for values in (widths, truth):
        sums: dict[str, float] = defaultdict(float)
        for brand, value in zip(brands, values, strict=True):
            sums[brand] += value
        shares.append({brand: 100 * value / sum(values) for brand, value in sums.items()})
    return float(np.mean([abs(shares[0][brand] - shares[1][brand]) for brand in shares[0]]))


def judge(photo: RenderedPhoto, specs: Mapping[str, PackSpec]) -> dict[str, float]:
    """Row agreement, linear share error and unevenness of scale of one photo, before and after.

    unevenness: standard deviation over mean of pixels a centimetre, over the whole facings on the boards.
    """
    height, width = photo.image.shape[:2]
    boxes = photo.boxes.astype(np.float64)
    plane = rectify(find_segments(photo.image), boxes, width, height)
    cut = boxes[:, 3] > 0.99 * height
    whole = np.flatnonzero((photo.visible > 0.9) & (photo.stack == 0))
    shown = [specs[photo.skus[index]] for index in whole]
    found: dict[str, float] = {"confidence": plane.confidence}
    for name, seen in (("before", boxes), ("after", rectify_boxes(plane.homography, boxes))):
        found[f"rows_{name}"] = row_agreement(find_rows(seen, cut), photo.shelf)
        widths = (seen[whole, 2] - seen[whole, 0]).tolist()
        if len(whole) >= FEWEST:
            true = [spec.width_cm for spec in shown]
            found[f"share_error_{name}"] = share_error(widths, true, [spec.brand for spec in shown])
            scale = np.array(widths) / np.array(true)
            found[f"unevenness_{name}"] = float(scale.std() / scale.mean())
    return found


def evaluate_rectification(angles: Sequence[float], photos: int, seed: int = 5000) -> list[dict[str, Any]]:
    """Mean figures by angle over ``photos`` rendered photos each; angles: degrees of yaw."""
    catalogue = make_catalogue(7, skus=120)
    specs = {spec.sku: spec for spec in catalogue}
    rows = []
    for angle in angles:
        scenes = (render_scene(seed + i, catalogue=catalogue, angle=angle) for i in range(photos))
        judged = [judge(scene, specs) for scene in scenes if len(scene.boxes) >= FEWEST]
        names = sorted({name for figures in judged for name in figures})
        means = {name: float(np.mean([f[name] for f in judged if name in f])) for name in names}
        rows.append({"angle": angle, "photos": len(judged), **means})
    return rows
