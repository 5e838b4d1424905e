"""Planogram matching through rendered photos: made-up bays are drawn, recognised and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg

from compliance import importers
from compliance.match import match_bay
from compliance.simulate import Setting, evaluate_planograms, make_setting
from compliance.simulate.camera import View, Window
from compliance.simulate.events import EVENTS
from compliance.simulate.given import as_stocked
from compliance.simulate.score import Tally
from compliance.simulate.store import Block, Store
from compliance.types import BayInput, BayPhoto, Planogram, Product
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.layout import TIDY, Slot
from recognition.training.render.scene import render_scene
from recognition.training.render.truth import RenderedPhoto
from recognition.types import ImageArray, ShelfLayout
from retail_exec.trial import report
from retail_exec.trial.drawn import open_drawn_trial
from retail_exec.trial.gallery import Trial
from retail_exec.trial.options import bar

STRANGERS = 30
LARGEST_CM = (20.0, 30.0)
"""Wider or taller packs leave no room for events on a shelf."""
FIRST_X = 2.0
"""Where the renderer puts the first product of a planned shelf, cm."""
SPREAD = 1 + TIDY.spacing
"""Room a unit takes there, parts of its width."""
PX_PER_CM = 11.0
"""Scale at which it is counted what a photo shows."""
PHOTO_PX = 4000, 3000
"""A phone's photo of twelve megapixels, which the bay fills as an auditor is asked to fill it."""
SHORTEST_GAP_CM = 0.4
KINDS = tuple(kind for kind in EVENTS if kind != "ambiguous")
"""Whether a facing is a close call is for the recogniser to say here."""


@contextmanager
def open_rendered_trial(
    seed: int, count: int, adapted: bool, progress: Callable[[int, int], None] | None = None
) -> Iterator[tuple[Trial, dict[str, PackSpec], list[PackSpec]]]:
    """A trial of ``count`` invented products, known by drawn packshots alone; their packs, and strangers'."""
    rng = np.random.default_rng([seed, 0x9A])
    fitting = [
        spec
        for spec in make_catalogue(seed, 12 + count // 2, skus=3 * count)
        if spec.width_cm <= LARGEST_CM[0] and spec.height_cm <= LARGEST_CM[1]
    ]
    brands = list(dict.fromkeys(spec.brand for spec in fitting))
    strange = set(brands[-len(brands) // 4 :])
    known = [spec for spec in fitting if spec.brand not in strange][:count]
    strangers = [spec for spec in fitting if spec.brand in strange][:STRANGERS]
    if len(known) < count // 2 or not strangers:
        raise ValueError(f"seed {seed} invents too few products that fit a shelf; choose another")
    own = [str(brand) for brand in rng.permutation(sorted({spec.brand for spec in known}))]
    with open_drawn_trial(known, own[: len(own) // 2], adapted=adapted, progress=progress) as trial:
        trial.pipeline.reader = None  # no event is about a price
        yield trial, {spec.sku: spec for spec in known}, strangers


def evaluate_photos(
    trial: Trial,
    specs: Mapping[str, PackSpec],
    strangers: Sequence[PackSpec],
    shelves: int,
    seed: int,
    progress: Callable[[], object],
) -> dict[str, Any]:
    """The figures of ``evaluate_planograms`` with rendering and recognition in between."""
    products = {
        sku: replace(trial.products[sku], width_cm=spec.width_cm * SPREAD, height_cm=spec.height_cm)
        for sku, spec in specs.items()
    }
    tally = Tally()
    photos = 0
    for number in range(shelves):
        rng = np.random.default_rng([seed, number])
        setting = make_setting(rng, products, kinds=KINDS)
        layouts = _photograph(rng, trial, setting, specs, strangers)
        seen = tuple(BayPhoto(f"photo {n}", layout) for n, layout in enumerate(layouts))
        bay = BayInput("bay", "Bay", seen, setting.plan, setting.plan.width_cm)
        match = match_bay(bay, products)
        views = [View(window, PX_PER_CM, 0.0, np.eye(3)) for window in setting.windows]
        events, score = setting.truth(views)
        tally.add(bay, products, match, events, score)
        photos += len(layouts)
        progress()
    return tally.figures() | {"photos": photos, "adaptation": dict(trial.adaptation)}


def _photograph(
    rng: np.random.Generator,
    trial: Trial,
    setting: Setting,
    specs: Mapping[str, PackSpec],
    strangers: Sequence[PackSpec],
) -> list[ShelfLayout]:
    """A photo a window: each of the whole bay from another place, cut to the window."""
    packs, plan, width = _drawable(rng, setting.store, specs, strangers)
    bay_height = 32.0 * len(plan)
    scale = min(PHOTO_PX[0] / max(width, bay_height), PHOTO_PX[1] / min(width, bay_height))
    size = (int(width * scale), int(bay_height * scale))
    found = []
    for window in setting.windows:
        photo = render_scene(
            int(rng.integers(2**31)), catalogue=packs, plan=plan, size=size, quality="phone", bay_width=width
        )
        image = _cut(photo, window, setting.store)
        found.append(trial.pipeline.run(simplejpeg.encode_jpeg(np.ascontiguousarray(image), 92)))
    return found


def _drawable(
    rng: np.random.Generator, store: Store, specs: Mapping[str, PackSpec], strangers: Sequence[PackSpec]
) -> tuple[list[PackSpec], list[list[Slot]], float]:
    """What the renderer needs: packs, the shelves' slots, and the width of all that stands there, cm."""
    packs = dict(specs)
    end = max([store.width, *(block.x + block.width for block in store.blocks)])
    plan = [_slots(rng, store.row(shelf), specs, strangers, packs) for shelf in range(store.plan.shelves)]
    return list(packs.values()), plan, end + 2 * FIRST_X


def _slots(
    rng: np.random.Generator,
    row: Sequence[Block],
    specs: Mapping[str, PackSpec],
    strangers: Sequence[PackSpec],
    packs: dict[str, PackSpec],
) -> list[Slot]:
    """One shelf from left to right; columns that nobody is to know get a stranger's pack of equal size."""
    slots: list[Slot] = []
    end = 0.0
    for block in row:
        disguise = strangers[int(rng.integers(len(strangers)))]
        spec = specs[block.sku]
        unknown = replace(
            disguise, sku=f"{disguise.sku} as {spec.sku}", width_cm=spec.width_cm, height_cm=spec.height_cm
        )
        for index in block.columns:
            left = block.x + index * block.unit
            if left - end >= SHORTEST_GAP_CM:
                slots.append((None, left - end, 0))
                end = left
            shown = unknown if index in block.unknown else spec
            packs.setdefault(shown.sku, shown)
            before = slots[-1] if slots else None
            if before and before[0] == shown.sku and before[2] == block.high:
                slots[-1] = (shown.sku, before[1] + 1, block.high)
            else:
                slots.append((shown.sku, 1, block.high))
            end += block.unit
    return slots or [(None, 5.0, 0)]


def _cut(photo: RenderedPhoto, window: Window, store: Store) -> ImageArray:
    """The part of the photo that shows the window."""
    height, width = photo.image.shape[:2]
    middle = (photo.corners[:, 1].min() + photo.corners[:, 1].max()) / 2
    edges = [float(edge[:, 1].mean()) for edge in photo.shelf_edges]
    left = _column(photo, window.left + FIRST_X, middle) if window.left > 0 else 0.0
    right = _column(photo, window.right + FIRST_X, middle) if window.right < _end(store) else float(width)
    rail = 0.012 * height
    top = edges[window.first - 1] + rail if window.first else 0.0
    bottom = edges[window.last] + rail if window.last + 1 < len(edges) else float(height)
    box = np.clip([left, top, right, bottom], 0, [width, height, width, height]).round().astype(int)
    return photo.image[box[1] : box[3], box[0] : box[2]]


def _end(store: Store) -> float:
    return max([store.width, *(block.x + block.width for block in store.blocks)])


def _column(photo: RenderedPhoto, x_cm: float, y_px: float) -> float:
    """Photo pixel, at the height ``y_px``, of a place along the bay."""
    back = np.linalg.inv(photo.homography)
    at = back @ [photo.image.shape[1] / 2, y_px, 1.0]
    on_plane = photo.homography @ [x_cm, at[1] / at[2], 1.0]
    return float(on_plane[0] / on_plane[2])


def plans_in(files: Sequence[Path]) -> list[tuple[dict[str, Product], Planogram]]:
    """Every planogram of the files, ready to be stocked; products go by the file's own codes.

    Raises PlanogramFileError for a file that cannot be read, ValueError for one without a planogram.
    """
    found = []
    for file in files:
        parsed = importers.parse(file.read_bytes(), file.name)
        for imported in parsed.planograms:
            plan, _ = importers.resolve(imported, lambda gtin, sku: sku or gtin or None)
            found.append(as_stocked(plan))
        if not parsed.planograms:
            raise ValueError(f"{file}: there is no planogram in it")
    return found


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """``evaluate planograms``: from layouts, and through as many rendered photos as asked for."""
    shelves, seed = options["shelves"], options["seed"]
    with bar(total=shelves, desc="Shelves from layouts", unit=" shelves") as done:
        found = evaluate_planograms(shelves, seed, plans_in(options["planogram"]), done.update)
    rendered = options["rendered"]
    if not rendered:
        return found
    with bar(desc="Fitting to the catalogue", unit=" steps", delay=1) as fitting:

        def progress(step: int, total: int) -> None:
            fitting.total = total
            fitting.update(step - fitting.n)

        with open_rendered_trial(seed, options["products"], not options["no_adapt"], progress) as (
            trial,
            specs,
            strangers,
        ):
            fitting.close()
            with bar(total=rendered, desc="Shelves through photos", unit=" shelves") as done:
                through = evaluate_photos(trial, specs, strangers, rendered, seed, done.update)
            return found | {"rendered": through, "versions": report.versions(trial)}
