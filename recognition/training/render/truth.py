"""What is true about a rendered photo, read from what was painted where."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recognition.training.render.camera import Camera
from recognition.training.render.fixture import strip
from recognition.training.render.layout import Bay, Label, Unit
from recognition.training.render.units import Drawn
from recognition.types import Box, FloatArray, ImageArray

ENOUGH = 0.25
"""A facing of which less is visible is no facing to find, but an ignore region."""
BEHIND = 0.2
"""Part of a pack behind the front that must be visible for an ignore region."""

SMALLEST_GAP = 8.0
"""Pixels a gap's sides need to count; a long one may be mostly outside the photo."""
TOGETHER = 2.0
"""Empty places at most so many centimetres apart are one gap."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A price tag in the photo: its box (photo px), the price it reads, the product it belongs to."""

    box: Box
    price: str
    sku: str


@dataclass(frozen=True, slots=True)
class RenderedPhoto:
    """A rendered photo and its truth; everything in photo pixels unless said otherwise.

    image: (h, w, 3) RGB uint8. boxes: (n, 4) float32 x1, y1, x2, y2 of the visible part of each front facing.
    skus, shapes, shelf, position, stack: (n,) of the facings: shelf 0 is the top one in view, position counts
    columns from the left, stack 0 stands on the board. visible: (n,) float32, the part of the facing that
    is seen, 0..1. ignore: (m, 4) float32 boxes of packs that are neither to be found nor wrong: depth rows,
    slivers, cut packs. shelf_edges: one (k, 2) polyline for each board in view, its front upper edge from
    left to right. corners: (4, 2) of the bay's front plane. gaps: boxes of empty places with their shelf.
    tags: price tags in view. homography: (3, 3) front plane in cm (x right, y down) -> photo pixels,
    without the lens's bend. planogram: facings as planned, rows of (shelf, position, sku, facings high),
    whole bay.
    """

    image: ImageArray
    boxes: FloatArray
    skus: list[str]
    shapes: list[str]
    shelf: NDArray[np.int64]
    position: NDArray[np.int64]
    stack: NDArray[np.int64]
    visible: FloatArray
    ignore: FloatArray
    shelf_edges: list[FloatArray]
    corners: FloatArray
    homography: NDArray[np.float64]
    gaps: list[tuple[Box, int]] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    planogram: list[tuple[int, int, str, int]] = field(default_factory=list)


def collect(
    image: ImageArray, ids: NDArray[np.int32], bay: Bay, camera: Camera, drawn: Drawn, whole: bool
) -> RenderedPhoto:
    """Read the truth off the ids. ``whole``: shelves and positions are the bay's, not counted in the
    photo."""
    counts = np.bincount(ids.ravel(), minlength=len(drawn.units) + 1)
    found: list[tuple[Unit, Box, float]] = []
    ignore: list[Box] = []
    for number, (unit, quad, area) in drawn.units.items():
        if counts[number] < 12:
            continue
        box = _visible_box(ids, number, quad)
        if box is None:
            continue
        seen = min(1.0, float(counts[number]) / area)
        cut = seen < ENOUGH or min(box[2] - box[0], box[3] - box[1]) < 6
        if unit.front and not cut:
            found.append((unit, box, seen))
        elif unit.front or seen >= BEHIND:
            ignore.append(box)
    found.sort(key=lambda f: (f[0].shelf, f[0].column, f[0].stack))
    shelf, position = _numbering([f[0] for f in found], whole)
    size = (camera.width, camera.height)
    return RenderedPhoto(
        image=image,
        boxes=np.array([f[1] for f in found], np.float32).reshape(-1, 4),
        skus=[f[0].spec.sku for f in found],
        shapes=[f[0].spec.shape for f in found],
        shelf=shelf,
        position=position,
        stack=np.array([f[0].stack for f in found], np.int64),
        visible=np.array([f[2] for f in found], np.float32),
        ignore=np.array(ignore, np.float32).reshape(-1, 4),
        shelf_edges=_edges(bay, camera),
        corners=_corners(bay, camera),
        homography=camera.plane_homography(),
        gaps=_gaps(bay, camera),
        tags=[t for t in (_tag(label, q, size) for label, q in drawn.tags) if t is not None],
        planogram=_planogram(bay),
    )


def _visible_box(ids: NDArray[np.int32], number: int, quad: NDArray[np.float64]) -> Box | None:
    """Box of the pixels that show the unit; lone specks seen through gaps in front do not stretch it."""
    grow = 0.6 * (quad.max(axis=0) - quad.min(axis=0)) + 4
    low, high = (
        np.maximum(quad.min(axis=0) - grow, 0).astype(int),
        np.maximum(quad.max(axis=0) + grow, 0).astype(int),
    )
    mask = ids[low[1] : high[1] + 1, low[0] : high[0] + 1] == number
    columns, rows = mask.sum(axis=0), mask.sum(axis=1)
    if not columns.any():
        return None
    xs = np.flatnonzero(columns >= max(1, 0.03 * columns.max()))
    ys = np.flatnonzero(rows >= max(1, 0.03 * rows.max()))
    return (
        float(low[0] + xs[0]),
        float(low[1] + ys[0]),
        float(low[0] + xs[-1] + 1),
        float(low[1] + ys[-1] + 1),
    )


def _numbering(units: list[Unit], whole: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shelf and position of each unit: as laid out, or counted among those in view."""
    if whole:
        return np.array([u.shelf for u in units], np.int64), np.array([u.column for u in units], np.int64)
    rows = {s: i for i, s in enumerate(sorted({u.shelf for u in units}))}
    columns = {
        s: {c: i for i, c in enumerate(sorted({u.column for u in units if u.shelf == s}))} for s in rows
    }
    return (
        np.array([rows[u.shelf] for u in units], np.int64),
        np.array([columns[u.shelf][u.column] for u in units], np.int64),
    )


def _clip(points: NDArray[np.float64], size: tuple[int, int], least: float = 0.67) -> Box | None:
    """Bounding box inside the photo, None if less than a part of ``least`` is there."""
    x1, y1 = points.min(axis=0)
    x2, y2 = points.max(axis=0)
    inside = (max(0.0, x1), max(0.0, y1), min(float(size[0]), x2), min(float(size[1]), y2))
    width, height = inside[2] - inside[0], inside[3] - inside[1]
    if width <= 1 or height <= 1 or width * height < least * (x2 - x1) * (y2 - y1):
        return None
    return tuple(float(v) for v in inside)


def _tag(label: Label, quad: NDArray[np.float64], size: tuple[int, int]) -> Tag | None:
    box = _clip(quad, size)
    return Tag(box, label.spec.price, label.spec.sku) if box else None


def _edges(bay: Bay, camera: Camera) -> list[FloatArray]:
    """Front edges of the boards, only their points inside the photo."""
    out = []
    for row in bay.rows:
        if row.pegs:
            continue
        xs = np.linspace(0, bay.width, 65)
        line = camera.project(np.column_stack([xs, np.full(65, row.y), np.full(65, -1.0)]))
        inside = ((line >= 0) & (line < [camera.width, camera.height])).all(axis=1)
        if inside.sum() >= 4:
            out.append(line[inside].astype(np.float32))
    return out


def _corners(bay: Bay, camera: Camera) -> FloatArray:
    top = bay.rows[0].y - bay.rows[0].height
    outline = strip(0, bay.width, ((top, 0.0), (bay.bottom, 0.0)))
    half = len(outline) // 2
    return camera.project(outline)[[0, half - 1, half, -1]].astype(np.float32)


def _gaps(bay: Bay, camera: Camera) -> list[tuple[Box, int]]:
    out = []
    for shelf, x0, x1 in _joined(bay.gaps):
        row = bay.rows[shelf]
        y0 = row.y - 0.8 * row.height
        quad = camera.project(np.array([[x0, y0, 0], [x1, y0, 0], [x1, row.y, 0], [x0, row.y, 0.0]]))
        box = _clip(quad, (camera.width, camera.height), least=0.05)
        if box and min(box[2] - box[0], box[3] - box[1]) >= SMALLEST_GAP:
            out.append((box, shelf))
    return out


def _joined(gaps: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Empty places side by side are one gap: nobody can tell where one would end."""
    out: list[tuple[int, float, float]] = []
    for shelf, x0, x1 in sorted(gaps):
        if out and out[-1][0] == shelf and x0 - out[-1][2] < TOGETHER:
            out[-1] = (shelf, out[-1][1], max(x1, out[-1][2]))
        else:
            out.append((shelf, x0, x1))
    return out


def _planogram(bay: Bay) -> list[tuple[int, int, str, int]]:
    high: dict[tuple[int, int], tuple[str, int]] = {}
    for unit in bay.units:
        if unit.front:
            key = (unit.shelf, unit.column)
            high[key] = (unit.spec.sku, high.get(key, ("", 0))[1] + 1)
    return [(shelf, column, sku, count) for (shelf, column), (sku, count) in sorted(high.items())]
