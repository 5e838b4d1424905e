"""A photo of a shelf, rendered from a layout, with everything that is true about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from recognition.training.render import fixture
from recognition.training.render.camera import Camera, look_at
from recognition.training.render.canvas import Canvas
from recognition.training.render.catalogue import AISLES, PackSpec, make_catalogue
from recognition.training.render.clutter import draw_clutter
from recognition.training.render.fonts import FontSource
from recognition.training.render.invent import invented_bay
from recognition.training.render.layout import Bay, Habits, Slot, Unit, planned_bay
from recognition.training.render.packs import side_colour
from recognition.training.render.paint import luma
from recognition.training.render.photo import QUALITIES, develop, light_map
from recognition.training.render.truth import RenderedPhoto, collect
from recognition.training.render.units import Drawn, draw_tray, draw_unit
from recognition.types import FloatArray

POOL = 32
"""Photos with neighbouring seeds share one set of invented products, so that each is drawn once."""


def render_scene(
    seed: int,
    *,
    catalogue: Sequence[PackSpec] | None = None,
    plan: Sequence[Sequence[Slot]] | None = None,
    size: tuple[int, int] = (1500, 1125),
    angle: float | None = None,
    quality: str = "varied",
    products: tuple[int, int] = (8, 190),
    fonts: FontSource = "packages",
    pictures: Sequence[Path] = (),
    bay_width: float | None = None,
) -> RenderedPhoto:
    """Render one photo of ``size`` (width, height) pixels with its truth; equal arguments give equal photos.

    catalogue: what may stand there; None invents it from the seed (with ``fonts`` and ``pictures``).
    plan: shelves from top to bottom, each a list of (sku, facings wide, facings high), with (None, width in
    cm, 0) for an empty place: then exactly this bay, ``bay_width`` cm wide or as wide as needed, fills the
    photo, and nothing stands in front of it. Without a plan the shelf is invented, with about ``products``
    facings in view. angle: degrees of yaw, None draws it. quality: a key of ``photo.QUALITIES``.
    Raises ValueError for a plan that cannot be drawn or an unknown quality.
    """
    if quality not in QUALITIES:
        raise ValueError(f"quality must be one of {', '.join(QUALITIES)}, got {quality!r}")
    rng = np.random.default_rng([seed, 0x5CE])
    style = fixture.Furniture.draw(rng)
    varied = None
    if catalogue is None:
        catalogue = _pool(seed // POOL, fonts, tuple(pictures))
        varied = np.random.default_rng([seed, 0x7A1])
        tone = str(varied.choice(["", "light", "dark"], p=[0.84, 0.08, 0.08]))
        catalogue = _toned(catalogue, tone)
        style = style.varied(varied, tone)
    if plan is not None:
        bay = planned_bay(rng, plan, catalogue, width=bay_width)
        camera = _facing_bay(rng, bay, size, angle)
    else:
        bay, camera = _invent(rng, catalogue, size, angle, products, varied)
    canvas, drawn = _paint(rng, bay, camera, style, clutter=plan is None, varied=varied)
    light = light_map(rng, *size, QUALITIES[quality].glare)
    _shade_shelves(light, bay, camera, float(rng.uniform(0.05, 0.4)))
    image = develop(canvas.image, light, rng, QUALITIES[quality])
    return collect(image, canvas.ids, bay, camera, drawn, whole=plan is not None)


@lru_cache(maxsize=4)
def _pool(seed: int, fonts: FontSource, pictures: tuple[Path, ...]) -> tuple[PackSpec, ...]:
    return tuple(make_catalogue(seed, 40, AISLES, skus=220, fonts=fonts, pictures=pictures))


def _toned(catalogue: Sequence[PackSpec], tone: str) -> Sequence[PackSpec]:
    """The light or the dark packs alone, which hardly stand out from shelves of their tone."""
    if not tone:
        return catalogue
    light = [luma(side_colour(spec)) for spec in catalogue]
    some = [s for s, v in zip(catalogue, light, strict=True) if (v > 185 if tone == "light" else v < 75)]
    return some or catalogue


def _facing_bay(rng: np.random.Generator, bay: Bay, size: tuple[int, int], angle: float | None) -> Camera:
    """A camera that has the whole bay in view."""
    top = bay.rows[0].y - bay.rows[0].height
    centre = (bay.width / 2, (top + bay.bottom + 5) / 2)
    yaw = float(rng.normal(0, 6)) if angle is None else angle
    pitch, roll = float(rng.normal(0, 3)), float(rng.normal(0, 1))
    corners = np.array(
        [[0, top, 0], [bay.width, top, 0], [bay.width, bay.bottom + 5, 0], [0, bay.bottom + 5, 0.0]]
    )
    view = bay.width * 0.8
    while True:
        camera = look_at(centre, view, size, yaw=yaw, pitch=pitch, roll=roll, bend=-0.01)
        seen = camera.project(corners)
        if (seen > 0.02 * min(size)).all() and (seen < np.array(size) - 0.02 * min(size)).all():
            return camera
        view *= 1.05


def _invent(
    rng: np.random.Generator,
    catalogue: Sequence[PackSpec],
    size: tuple[int, int],
    angle: float | None,
    products: tuple[int, int],
    varied: np.random.Generator | None,
) -> tuple[Bay, Camera]:
    """Shelves with about so many facings in the frame, and a camera somewhere in front of them."""
    aisles = sorted({s.category for s in catalogue})
    wanted = set(rng.permutation(aisles)[: int(rng.integers(1, 3)) + (varied is not None)])
    soft = [aisle for aisle in ("snacks", "crisps") if aisle in aisles]
    if soft and rng.random() < (0.3 if varied is None else 0.1):
        wanted = {soft[int(rng.integers(len(soft)))]}
    specs = [s for s in catalogue if s.category in wanted]
    cell = float(np.median([(s.width_cm + 1) * (s.height_cm * 1.25 + 4) for s in specs]))
    count = float(np.exp(rng.uniform(np.log(products[0]), np.log(products[1]))))
    width, height = size
    view = float(np.clip(np.sqrt(count * cell * width / height), 22, 480))
    view_height = view * height / width
    bay_width = view * float(rng.uniform(0.85, 2.2))
    tall = view_height * float(rng.uniform(0.95, 1.5))
    habits = _habits(rng)
    bay = invented_bay(rng, specs, bay_width, tall, habits if varied is None else habits.varied(varied))
    yaw = float(rng.normal(0, 9) if rng.random() < 0.7 else rng.uniform(-38, 38)) if angle is None else angle
    spare_x, spare_y = max(0.0, bay.width - view) / 2, max(0.0, bay.bottom - view_height) / 2
    middle = bay.bottom / 2 + float(rng.uniform(-1, 1)) * spare_y
    where = float(rng.random())
    if where < 0.25:
        middle = bay.bottom - view_height * float(rng.uniform(0.1, 0.45))
    elif where < 0.4:
        middle = view_height * float(rng.uniform(0.1, 0.4))
    target = (bay.width / 2 + float(rng.uniform(-1, 1)) * spare_x, middle)
    camera = look_at(
        target,
        view,
        size,
        yaw=yaw,
        pitch=float(rng.normal(3, 9)),
        roll=float(rng.normal(0, 2.2)),
        view_angle=float(rng.uniform(48, 78)),
        bend=float(rng.uniform(-0.06, 0.02)),
    )
    return bay, camera


def _habits(rng: np.random.Generator) -> Habits:
    """A shop's habits; one photo in twenty-five is of shelves without any product."""
    habits = Habits.draw(rng)
    return replace(habits, empty=1.0) if rng.random() < 1 / 25 else habits


def _paint(
    rng: np.random.Generator,
    bay: Bay,
    camera: Camera,
    style: fixture.Furniture,
    *,
    clutter: bool,
    varied: np.random.Generator | None,
) -> tuple[Canvas, Drawn]:
    """Paint what is hidden before what hides it.

    A board above eye level hides the feet of what stands on it, one below hides the heads of what stands
    under it: so shelves above the eye go from top to bottom, then those below from bottom to top.
    """
    canvas = Canvas(fixture.scenery(rng, camera.width, camera.height, style.surround))
    fixture.draw_behind(canvas, camera, bay, style)
    drawn = Drawn()
    eye = float(camera.position[1])
    by_shelf: dict[int, list[Unit]] = {i: [] for i in range(len(bay.rows))}
    for unit in bay.units:
        by_shelf[unit.shelf].append(unit)
    above = [i for i, row in enumerate(bay.rows) if row.y < eye]
    for index in above + list(range(len(bay.rows) - 1, len(above) - 1, -1)):
        row = bay.rows[index]
        if row.y >= eye:
            fixture.draw_board(canvas, camera, bay, row, style)
        for unit in sorted(by_shelf[index], key=lambda u: (-u.z, -abs(u.x - camera.position[0]), u.stack)):
            draw_unit(canvas, camera, unit, row.depth, drawn)
        for tray in bay.trays:
            if tray.shelf == index:
                draw_tray(canvas, camera, tray, row)
        if row.y < eye:
            fixture.draw_board(canvas, camera, bay, row, style)
        fixture.draw_rail(canvas, camera, bay, row, style)
        if varied is not None:
            fixture.draw_front(canvas, camera, bay, row, style)
    fixture.draw_uprights(canvas, camera, bay, style, rng)
    for label in bay.labels:
        drawn.tags.append((label, fixture.draw_label(canvas, camera, bay, label, style)))
    if varied is not None and varied.random() < 0.08:
        fixture.draw_doors(canvas, camera, bay, varied)
    if clutter:
        draw_clutter(canvas, camera, bay, rng)
    return canvas, drawn


def _shade_shelves(light: FloatArray, bay: Bay, camera: Camera, strength: float) -> None:
    """Darken, in place, the light under each board (``light``: one cell for 8 x 8 pixels)."""
    shade = np.ones_like(light)
    for row in bay.rows:
        top = row.y - row.height
        for k in range(5):
            y0, y1 = top + row.height * 0.12 * k, top + row.height * 0.12 * (k + 1)
            band = camera.project(fixture.strip(0, bay.width, ((y0, 2.0), (y1, 2.0)))) / 8
            cv2.fillPoly(
                shade, [np.round(np.clip(band, -4000, 4000)).astype(np.int32)], 1 - strength * (1 - k / 5)
            )
    light *= cv2.GaussianBlur(shade, (0, 0), 1.5)
